using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Configuration;

namespace ActivationReplay.Benchmarks.Workloads;

/// <summary>Pairs of random weights on disk, written once and kept in the system's folder for temporary files.</summary>
internal static class RandomPair
{
    // How far the random RLVR model is from its base, as a fraction of each matrix's deviation.
    private const double Perturbation = 0.02;

    /// <summary>The folder of a shape's pair; it is written where it is not there yet.</summary>
    public static string Ensure(MeasureOptions options)
    {
        if (options.Pair is { } given)
        {
            return given;
        }

        Native.Libtorch.Load();
        var config = Path.Combine(options.ShapeFolder, "config.json");
        var name = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(config)))[..8];
        var folder = Path.Combine(
            Path.GetTempPath(), "activation-replay", $"{Path.GetFileName(options.ShapeFolder)}-{name}-{options.Dtype}");
        if (!Directory.Exists(folder))
        {
            Console.Error.WriteLine($"writing random weights to {folder} (kept; delete it when you are done)");
            var partial = $"{folder}.{Guid.NewGuid():N}";
            var checkpoint = new RandomCheckpoint(config, processorFolder: EmbeddedBase) { Type = options.Type };
            checkpoint.Write(Path.Combine(partial, "base"));
            checkpoint.Write(Path.Combine(partial, "rlvr"), Perturbation);
            Directory.Move(partial, folder);
        }

        return folder;
    }

    /// <summary>The pair that ships with the repository.</summary>
    public static string Embedded { get; } = RepositoryPaths.Find("ablations", "pairs", "counting");

    private static string EmbeddedBase => Path.Combine(Embedded, "base");

    /// <summary>Loads the pair of some options and chooses the threads.</summary>
    public static ReplayPair Load(MeasureOptions options) => Load(options, Ensure(options));

    /// <summary>Loads a folder's pair with the type, device and threads of some options.</summary>
    public static ReplayPair Load(MeasureOptions options, string folder) => ModelOptions.Load(new PairConfig(
        Path.Combine(folder, "base"), Path.Combine(folder, "rlvr"), options.Dtype, options.Device, options.Threads));
}
