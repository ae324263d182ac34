using System.CommandLine;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Generation;

namespace ActivationReplay.Ablations.Commands;

/// <summary>The command-line options of generation: the keys of the section <c>generation</c>, and the seed.</summary>
internal sealed class GenerationOptions
{
    private readonly KeyOptions options = KeyOptions.Of(ConfigKeys.Generation);

    public void AddTo(Command command) => options.AddTo(command);

    /// <exception cref="ConfigurationException">A value is not allowed.</exception>
    public GenerationSettings Read(ParseResult parsed) => ConfigKeys.ReadGeneration(options.Keys(parsed));
}
