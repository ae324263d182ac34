using System.CommandLine;
using ActivationReplay.Ablations.Configuration;

namespace ActivationReplay.Ablations.Commands;

/// <summary>A configuration file and the short ways to change it; each is a <c>--set</c> of its key.</summary>
internal sealed class ConfigOptions
{
    private readonly Argument<string> file = new("CONFIG")
    {
        Description = "A YAML file, or the name of one in ablations/configs.",
        Arity = ArgumentArity.ZeroOrOne,
        DefaultValueFactory = _ => "quick",
    };

    private readonly Option<string[]> set = new("--set", "-s")
    {
        Description = "KEY=VALUE or KEY=[A, B], for example replay.iterations=10. May be given again.",
    };

    private readonly KeyOptions options = KeyOptions.Of();

    public void AddTo(Command command)
    {
        command.Arguments.Add(file);
        command.Options.Add(set);
        options.AddTo(command);
    }

    /// <exception cref="ConfigurationException">Something is wrong with the file or an override.</exception>
    /// <param name="parsed">The command line.</param>
    /// <param name="without">Keys that are left out, whatever they say.</param>
    public RunConfig Read(ParseResult parsed, params IReadOnlyCollection<string> without) =>
        RunConfigReader.Read(Locate(parsed.GetRequiredValue(file)), parsed.GetValue(set) ?? [], options.Given(parsed), without);

    /// <summary>What was given, as arguments of another command that takes a configuration.</summary>
    public IReadOnlyList<string> Arguments(ParseResult parsed) =>
    [
        parsed.GetRequiredValue(file),
        .. (parsed.GetValue(set) ?? []).Select(value => $"{set.Name}={value}"),
        .. options.Arguments(parsed),
    ];

    private static string Locate(string name)
    {
        var shipped = RepositoryPaths.Find("ablations", "configs", name + ".yaml");
        return !File.Exists(name) && File.Exists(shipped) ? shipped : name;
    }
}
