using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Tests.Checkpoints;

namespace ActivationReplay.Tests.Storage;

/// <summary>Runs without models: configurations of the shipped pair, and answers made up.</summary>
internal static class MadeRuns
{
    // Its pictures take a second to draw: they are drawn once.
    private static readonly Lazy<List<(string, byte[])>> s_finished = new(Make);

    public static RunConfig Config(string name = "quick", params string[] overrides) => RunConfigReader.Read(
        Path.Combine(Goldens.Repository, "ablations", "configs", name + ".yaml"), overrides);

    /// <summary>A row; <paramref name="correct"/> null is an error.</summary>
    public static SampleRow Row(string cell, string sample, bool? correct, int repetition = 0, string? error = null) => new()
    {
        Cell = cell,
        Sample = sample,
        Repetition = repetition,
        Correct = correct,
        Extracted = correct is null ? null : "1",
        Output = correct is null ? null : "1",
        Error = correct is null ? error ?? "broken" : null,
        NewTokens = correct is null ? null : 3,
        Times = correct is null ? null : new SampleTimes { Vision = 1, Recording = 2, Loop = 3, Prefill = 4, Decode = 5, MemoryPeak = 6_000_000 },
        Settings = new SettingColumns(new Dictionary<string, string> { ["method"] = cell }),
    };

    public static JournalEntry Entry(SampleRow row, int index = 0, string? key = null) =>
        new(key ?? $"{row.Cell} {row.Sample} {row.Repetition}", index, row, []);

    /// <summary>One answer of each cell a question, right where the text has a 1.</summary>
    public static IEnumerable<JournalEntry> Answers(string cell, string correct) =>
        correct.Select((c, i) => Entry(Row(cell, FormattableString.Invariant($"{i:000}"), c == '1'), i));

    /// <summary>
    /// A finished run on disk: its manifest, a journal of four questions a cell, and all files that are made of it.
    /// </summary>
    public static void Finished(string folder)
    {
        foreach (var (name, bytes) in s_finished.Value)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, name))!);
            File.WriteAllBytes(Path.Combine(folder, name), bytes);
        }
    }

    private static List<(string, byte[])> Make()
    {
        using var made = new TempFolder();
        var folder = made.Path;
        var config = Config();
        Manifest(config).Write(folder);
        using (var run = RunFolder.Open(folder))
        {
            run.Add([.. Answers("base", "0110"), .. Answers("none", "1100"), .. Answers("replay", "1110")]);
            RunFiles.Write(folder, RunReport.Of(config, run.Entries.Values), run.Entries.Values);
        }

        return [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(f => (Path.GetRelativePath(folder, f), File.ReadAllBytes(f)))];
    }

    public static RunManifest Manifest(RunConfig config, int questions = 4) => new()
    {
        Config = config,
        BaseFingerprint = "b0",
        RlvrFingerprint = "r0",
        Command = "run quick",
        Started = "2026-01-01T00:00:00Z",
        Questions = questions,
        Sessions =
        [
            new RunSession("run quick", "2026-01-01T00:00:00Z", new RunEnvironment
            {
                Project = "1.0.0",
                DotNet = ".NET 10",
                TorchSharp = "0.107.0",
                Libtorch = "2.10.0",
                System = "Linux",
                Device = "cpu",
            }),
        ],
    };
}
