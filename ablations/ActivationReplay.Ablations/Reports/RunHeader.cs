using System.Xml.Linq;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Storage;
using static ActivationReplay.Ablations.Reports.Html;

namespace ActivationReplay.Ablations.Reports;

/// <summary>The page's head: the finding, what was run, and how to run it again.</summary>
internal static class RunHeader
{
    /// <summary>The head.</summary>
    public static XElement Of(RunManifest manifest, RunReport report) => Tag(
        "header",
        null,
        Tag("p", "kicker", "Activation Replay · ablation run"),
        Tag("h1", null, manifest.Config.Name),
        Tag("p", "headline", string.Join(' ', Headline.Of(report))),
        RunFindings.Warning(report) is { } warning ? Tag("p", "note warning", warning) : null,
        Tag("dl", "facts", Facts(manifest, report).Where(f => f.Value is not null).Select(f =>
            Tag("div", null, Tag("dt", null, f.Name), Tag("dd", null, f.Value)))),
        Tag("h2", null, "Run it again"),
        Tag("pre", "command", Attribute("tabindex", 0),
            $"{CommandLines.Program} {manifest.Command}"));

    private static IEnumerable<(string Name, string? Value)> Facts(RunManifest manifest, RunReport report)
    {
        var config = manifest.Config;
        var questions = report.Samples.Select(s => s.Sample).Distinct().Count();
        var errors = report.Samples.Count(s => s.Error is not null);
        yield return ("pair", $"{Short(config.Pair.Base)} → {Short(config.Pair.Rlvr)}");
        yield return ("data set", TaskDataset.Is(config.Dataset) ? config.Dataset : Short(config.Dataset));
        yield return ("questions", config.Limit is { } limit ? $"{Numbers.Whole(questions)} (limit {Numbers.Whole(limit)})" : Numbers.Whole(questions));
        yield return ("cells", Numbers.Whole(report.Cells.Count));
        yield return ("rows", errors == 0 ? Numbers.Whole(report.Samples.Count) : $"{Numbers.Whole(report.Samples.Count)}, {Numbers.Whole(errors)} of them errors");
        yield return ("generation", Generation(config));
        yield return ("computed in", $"{config.Pair.Dtype} on {config.Pair.Device}");
        yield return ("seed", config.Generation.Seed.ToString(System.Globalization.CultureInfo.InvariantCulture));
        yield return ("shard", manifest.Shard);
        yield return ("started", manifest.Started);
        if (manifest.Sessions is [.., { Environment: var environment }])
        {
            yield return ("commit", environment.GitCommit is { } commit ? Start(commit) + (environment.GitDirty == true ? ", changed" : "") : null);
            yield return ("machine", $"{environment.System}, {environment.Cpu ?? "processor unknown"}, {Numbers.Whole(environment.Cores)} cores");
            yield return ("versions", $"{environment.Project}, {environment.DotNet}, TorchSharp {environment.TorchSharp}, libtorch {environment.Libtorch}");
        }

        yield return ("fingerprints", $"base {Start(manifest.BaseFingerprint)}, RLVR {Start(manifest.RlvrFingerprint)}");
    }

    private static string Generation(RunConfig config)
    {
        var g = config.Generation;
        var sampling = g.Temperature == 0 ? "greedy" : $"temperature {Numbers.Short(g.Temperature)}, top-p {Numbers.Short(g.TopP)}, top-k {Numbers.Whole(g.TopK)}";
        return $"{sampling}, {Numbers.Whole(g.Samples)} answer{(g.Samples == 1 ? "" : "s")} a question, at most {Numbers.Whole(g.MaxNewTokens)} tokens";
    }

    // The last two parts say which; the whole path is in run.json.
    private static string Short(string path) =>
        string.Join('/', path.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar).TakeLast(2));

    private static string Start(string fingerprint) => fingerprint[..Math.Min(12, fingerprint.Length)];
}
