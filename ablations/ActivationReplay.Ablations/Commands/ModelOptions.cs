using System.CommandLine;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Execution;
using ActivationReplay.Ablations.Planning;
using ActivationReplay.Replay.Recordings;

namespace ActivationReplay.Ablations.Commands;

/// <summary>Options that choose a pair and how it is computed.</summary>
internal sealed class ModelOptions
{
    private readonly KeyOptions options = KeyOptions.Of("pair");

    public void AddTo(Command command) => options.AddTo(command);

    /// <summary>What the options say of the pair.</summary>
    /// <exception cref="ConfigurationException">A value is not allowed.</exception>
    public PairConfig Read(ParseResult parsed) => RunConfigReader.Pair(options.Keys(parsed));

    /// <summary>An option that was given; null if none was.</summary>
    public string? Given(ParseResult parsed) => options.Given(parsed).Select(v => v[0].File).FirstOrDefault();

    public ReplayPair Load(ParseResult parsed) => Load(Read(parsed));

    /// <summary>Loads libtorch and both models, and chooses the threads.</summary>
    /// <param name="config">The pair.</param>
    /// <param name="vocabularyRows">Rows of the vocabulary at a time; null is the engine's choice.</param>
    /// <exception cref="ArgumentException">There is no such device here.</exception>
    public static ReplayPair Load(PairConfig config, long? vocabularyRows = null)
    {
        var loaded = ReplayPair.Open(config.Base, config.Rlvr, new PairOptions
        {
            Type = MemoryPlanner.TypeOf(config.Dtype),
            Device = config.Device,
            Models = config.Models,
            Tf32 = config.Tf32,
            Temporal = config.Temporal,
            VocabularyRows = vocabularyRows,
        });
        CpuThreads.Use(config.Threads, loaded.Model(ModelRole.Base));
        return loaded;
    }
}
