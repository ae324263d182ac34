using System.Globalization;
using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Benchmarks.Children;
using ActivationReplay.Benchmarks.Rates;
using ActivationReplay.Benchmarks.Reports;
using ActivationReplay.Benchmarks.Workloads;
using ActivationReplay.Inputs;
using ActivationReplay.Replay.Recordings;

namespace ActivationReplay.Benchmarks.Costs;

/// <summary>A line of costs.csv: seconds, or bytes of memory.</summary>
internal sealed record CostRow(string Part, double? Plain, double? Replay, string Unit);

/// <summary>
/// <c>costs</c>: a sample from pixels to its last token, RLVR alone against replay; and what a loop's iteration is made of.
/// </summary>
internal static class CostsCommand
{
    /// <summary>Name of the files.</summary>
    public const string FileName = "costs";

    private const int VisualTokens = 256;
    private const int Iterations = 25;

    /// <summary>Measures, prints, writes costs.md and costs.csv.</summary>
    public static int Run(MeasureOptions options)
    {
        var rows = new List<CostRow>();
        using (var pair = RandomPair.Load(options))
        {
            using var inputs = ShapedPrompt.Of(pair.Model(ModelRole.Rlvr).Config, VisualTokens);
            rows.AddRange(Sample(options, pair, inputs));
            rows.AddRange(Split(options, pair, inputs));
        }

        rows.Add(new CostRow(
            "peak memory beside the weights",
            ChildProcess.Run(options, ChildCommand.SampleMemory, ChildCommand.Plain)[ChildCommand.PeakBytes],
            ChildProcess.Run(options, ChildCommand.SampleMemory, ChildCommand.Replay)[ChildCommand.PeakBytes],
            "bytes"));
        Directory.CreateDirectory(options.Output);
        CsvTable.Write(Path.Combine(options.Output, $"{FileName}.csv"), rows);
        var path = Path.Combine(options.Output, $"{FileName}.md");
        MarkdownReport.Write(
            path,
            options,
            "costs",
            ["part", "RLVR alone", "with replay"],
            rows.Select(r => (IReadOnlyList<string>)[r.Part, Text(r.Plain, r.Unit), Text(r.Replay, r.Unit)]));
        Console.Write(File.ReadAllText(path));
        return ExitCode.Success;
    }

    private static IEnumerable<CostRow> Sample(MeasureOptions options, ReplayPair pair, ModelInputs inputs)
    {
        var (plain, replay) = (new List<SampleCosts>(), new List<SampleCosts>());
        // The first of each warms up.
        for (var round = 0; round <= Math.Min(options.Rounds, 3); round++)
        {
            plain.Add(SampleCosts.Measure(pair, inputs, replay: false, Iterations));
            replay.Add(SampleCosts.Measure(pair, inputs, replay: true, round == 0 ? 1 : Iterations));
        }

        var (a, b) = (SampleCosts.Median([.. plain.Skip(1)]), SampleCosts.Median([.. replay.Skip(1)]));
        foreach (var (first, second) in a.Parts.Zip(b.Parts))
        {
            var name = first.Name switch
            {
                "loop" => string.Create(CultureInfo.InvariantCulture, $"loop, {Iterations} iterations"),
                "decoding" => string.Create(CultureInfo.InvariantCulture, $"decoding, {SampleCosts.Tokens} tokens"),
                var other => other,
            };
            yield return new CostRow(name, first.Seconds > 0 ? first.Seconds : null, second.Seconds, "seconds");
        }

        yield return new CostRow("a sample", a.Total, b.Total, "seconds");
    }

    /// <summary>The parts of one iteration: the loss at the layers, the layers themselves, and the counted operations.</summary>
    private static IEnumerable<CostRow> Split(MeasureOptions options, ReplayPair pair, ModelInputs inputs)
    {
        var model = pair.Model(ModelRole.Rlvr);
        using var context = new ReplayContext(inputs, pair.Model(ModelRole.Base), model);
        var settings = MeasuredLoop.Of(model.Layers, iterations: 3);
        var last = settings with { Layers = [settings.Layers[^1]] };
        var seconds = Medians.Interleave(
            options.Rounds,
            () => LoopMeasure.SecondsPerIteration(context, settings),
            () => LoopMeasure.SecondsPerIteration(context, last));
        var (all, alone) = (Medians.Of(seconds[0]), Medians.Of(seconds[1]));
        var work = LoopMeasure.WorkOf(context, [settings]);
        yield return new CostRow("one iteration", null, all, "seconds");
        yield return new CostRow("… with the loss at its last layer alone", null, alone, "seconds");
        yield return new CostRow("… of it for the loss at the other layers", null, all - alone, "seconds");
        yield return new CostRow("needed operations of an iteration, forward", null, work.Forward, "FLOP");
        yield return new CostRow("needed operations of an iteration, backward", null, work.Backward, "FLOP");
    }

    private static string Text(double? value, string unit) => value is { } number
        ? unit switch
        {
            "seconds" => number.ToString("0.000 s", CultureInfo.InvariantCulture),
            "FLOP" => (number / 1e9).ToString("0.0 GFLOP", CultureInfo.InvariantCulture),
            _ => (number / 1e6).ToString("0 MB", CultureInfo.InvariantCulture),
        }
        : "–";
}
