using System.Globalization;
using System.Text;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Storage;

namespace ActivationReplay.Ablations.Reports;

/// <summary><c>summary.md</c>: a run for people.</summary>
internal static class RunSummary
{
    /// <summary>The summary: what was run, the cells, the findings, and the command that repeats it.</summary>
    public static string Of(RunManifest manifest, RunReport report)
    {
        var text = new StringBuilder();
        Head(text, manifest, report);
        Cells(text, report);
        Line(text, $"");
        foreach (var sentence in RunFindings.Of(manifest.Config, report))
        {
            Line(text, $"- {sentence}");
        }

        Agents(text, report);
        Categories(text, report);
        Published(text, manifest.Config, report);
        Again(text, manifest);
        return text.ToString();
    }

    private static void Head(StringBuilder text, RunManifest manifest, RunReport report)
    {
        var config = manifest.Config;
        var done = report.Samples.DistinctBy(s => s.Sample).Count();
        var asked = report.Samples.DistinctBy(s => s.Problem ?? s.Sample).Count();
        var questions = asked == done ? "questions" : Text($"rows, which ask {asked} questions in several orders of their options,");
        Line(text, $"# {config.Name}{(manifest.Shard is { } shard ? $", shard {shard}" : "")}");
        Line(text, $"");
        Line(text, $"{config.Cells.Count} cells on {done} of {manifest.Questions} {questions} of `{RunConfig.Named(config.Dataset)}`, {Answers(config)}.");
        Line(text, $"Pair: base `{RunConfig.Named(config.Pair.Base)}` ({manifest.BaseFingerprint}), RLVR `{RunConfig.Named(config.Pair.Rlvr)}` ({manifest.RlvrFingerprint}), {config.Pair.Dtype} on {config.Pair.Device}.");
        Line(text, $"");
    }

    private static string Answers(RunConfig config) => config.Generation.Temperature == 0
        ? "one greedy answer each"
        : Text($"{config.Generation.Samples} answers each at temperature {config.Generation.Temperature}, seed {config.Generation.Seed}");

    private static void Cells(StringBuilder text, RunReport report)
    {
        Line(text, $"| cell | questions | accuracy [95%] | to RLVR [95%] | 80% power from | p | Holm | to base [95%] | Holm | coverage | unparsed | errors | tokens | seconds | memory, MB |");
        Line(text, $"|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var c in report.Cells)
        {
            Line(text, $"| {c.Cell.Replace("|", "\\|", StringComparison.Ordinal)} | {c.Questions} | {c.Accuracy:0.000} [{c.AccuracyLow:0.000}, {c.AccuracyHigh:0.000}] | {Difference(c.ToRlvr)} | {c.ToRlvr?.Detectable:0.000} | {c.ToRlvr?.P:0.000} | {c.ToRlvr?.Corrected:0.000} | {Difference(c.ToBase)} | {c.ToBase?.Corrected:0.000} | {c.Coverage:0.000} | {c.Unparsed} | {c.Errors} | {c.NewTokens:0.0} | {c.Times.Total:0.000} | {c.Times.MemoryPeak / 1e6:0} |");
        }

        Line(text, $"");
        if (report.Samples.Count(r => r.Note is not null) is > 0 and var noted)
        {
            Line(text, $"Memory ran out: {noted} answers were computed in smaller batches, or again in halves (column `note` of samples.csv).");
            Line(text, $"");
        }

        Line(text, $"Intervals are bootstrapped over questions; differences are paired by question. p: {(report.Passes.Any(p => p.K > 1) || report.Samples.Any(s => s.Value is > 0 and < 1) ? "sign-flip permutation test" : "McNemar's exact test")}; Holm: corrected over the cells of the table. 80% power from: the smallest difference to RLVR that these questions show four times of five, at the first step of that correction. Seconds are means an answer: vision, recording, loop, prefill and decoding; work that cells share counts in each.");
    }

    private static string Difference(CellComparison? to) =>
        to is null ? "" : Text($"{to.Difference:+0.000;-0.000;0.000} [{to.Low:+0.000;-0.000;0.000}, {to.High:+0.000;-0.000;0.000}]");

    private static void Agents(StringBuilder text, RunReport report)
    {
        if (report.Agents.Count == 0)
        {
            return;
        }

        Line(text, $"");
        Line(text, $"## Conversations");
        Line(text, $"");
        Line(text, $"| cell | turns | calls | refused | answered | no call | turns used up | context used up | right after a call | right without | wrong call | to no tool [95%] | Holm |");
        Line(text, $"|---|---|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var a in report.Agents)
        {
            Line(text, $"| {a.Cell} | {a.Turns:0.00} | {a.Calls:0.00} | {a.Refused:0.000} | {a.Answered:0.000} | {a.NoCall:0.000} | {a.TurnsUsedUp:0.000} | {a.ContextUsedUp:0.000} | {Of(a.AfterCallAccuracy, a.AfterCall)} | {Of(a.WithoutCallAccuracy, a.WithoutCall)} | {a.WrongCall} | {Difference(a.ToNoTool)} | {a.ToNoTool?.Corrected:0.000} |");
        }

        Line(text, $"");
        Line(text, $"Turns and calls are means an answer; refused is the share of calls that got an error text back; a wrong call is a wrong answer after a call that was carried out. Cells are compared with RLVR and base with the same tool.");

        static string Of(double? accuracy, int count) => accuracy is null ? "" : Text($"{accuracy:0.000} of {count}");
    }

    private static void Categories(StringBuilder text, RunReport report)
    {
        if (report.Categories.Count == 0)
        {
            return;
        }

        Line(text, $"");
        Line(text, $"| by | category | cell | questions | accuracy [95%] | to RLVR [95%] |");
        Line(text, $"|---|---|---|---|---|---|");
        foreach (var c in report.Categories)
        {
            Line(text, $"| {c.By} | {c.Category} | {c.Cell} | {c.Questions} | {c.Accuracy:0.000} [{c.AccuracyLow:0.000}, {c.AccuracyHigh:0.000}] | {Difference(c.ToRlvr)} |");
        }
    }

    private static void Published(StringBuilder text, RunConfig config, RunReport report)
    {
        if (config.Published is not { } published)
        {
            return;
        }

        Line(text, $"");
        Line(text, $"## Beside published numbers");
        Line(text, $"");
        if (published.Benchmark is null)
        {
            Line(text, $"No benchmark was named. `--benchmark NAME` compares with one of {string.Join(", ", published.Numbers.Select(n => n.Benchmark))}.");
        }
        else
        {
            Line(text, $"{published.Benchmark}{(published.Source is { } source ? $", {source}" : "")}.{(published.Note is { } note ? $" {note}" : "")}");
            Line(text, $"");
            Line(text, $"| cell | own [95%] | published | own less published |");
            Line(text, $"|---|---|---|---|");
            foreach (var row in report.Published)
            {
                Line(text, $"| {row.Cell} | {row.Accuracy:0.000} [{row.AccuracyLow:0.000}, {row.AccuracyHigh:0.000}] | {row.Published:0.000} | {row.Difference:+0.000;-0.000;0.000}{(row.IsWithin ? "" : ", outside one's own interval")} |");
            }
        }
    }

    private static void Again(StringBuilder text, RunManifest manifest)
    {
        Line(text, $"");
        Line(text, $"## Again");
        Line(text, $"");
        Line(text, $"```sh");
        foreach (var command in manifest.Sessions.Select(s => s.Command).Distinct())
        {
            Line(text, $"{CommandLines.Program} {command}");
        }

        Line(text, $"```");
        Line(text, $"");
        foreach (var environment in manifest.Sessions.Select(s => s.Environment).Distinct())
        {
            var dirty = environment.GitDirty == true ? " with changes" : "";
            Line(text, $"Computed by version {environment.Project}{(environment.GitCommit is { } commit ? $" (commit {commit}{dirty})" : "")}, TorchSharp {environment.TorchSharp}, libtorch {environment.Libtorch}, {environment.DotNet}, on {environment.System}: {environment.Cpu ?? "unknown processor"}, {environment.Cores} cores, {environment.Memory / 1e9:0.0} GB.");
        }

        Line(text, $"The whole configuration is in run.json, every answer in samples.csv.");
    }

    private static void Line(StringBuilder text, FormattableString line) => text.Append(Text(line)).Append('\n');

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
