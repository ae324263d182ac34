using System.Globalization;
using ActivationReplay.Ablations.Commands;
using ActivationReplay.Benchmarks.Rates;
using ActivationReplay.Benchmarks.Reports;
using ActivationReplay.Benchmarks.Workloads;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Recordings;

namespace ActivationReplay.Benchmarks.PassK;

/// <summary>
/// <c>passk</c>: a question of the embedded pair as the configuration <c>passk</c> asks it, by base, RLVR and replay with 32 answers
/// each, on one thread: seconds of each part beside its needed operations at the rate of a large product, and answers a second.
/// </summary>
internal static class PassKCommand
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "passk";

    private const int VisualTokens = 36;
    private const int Answers = 32;
    private const int Tokens = 16; // a mean answer's
    private const int Iterations = 25;
    private const int LossLayers = 7;

    /// <summary>Measures, prints, writes passk.md.</summary>
    public static int Run(MeasureOptions options)
    {
        using var pair = RandomPair.Load(options with { Threads = 1, Dtype = "float32" }, RandomPair.Embedded);
        var model = pair.Model(ModelRole.Rlvr);
        using var rates = new MachineRates(model.Type, model.Device);
        using var inputs = ShapedPrompt.Of(model.Config, VisualTokens);
        using var context = new ReplayContext(inputs, pair.Model(ModelRole.Base), model);
        using var generation = new GenerationMeasure(model, VisualTokens);
        var settings = MeasuredLoop.Of(model.Layers, Iterations, LossLayers);
        var rest = generation.DecodeWork(1, Tokens).Flop * (Tokens - 1);
        (string Part, double Flop, Func<double> Seconds)[] parts =
        [
            ("vision, both models", 2 * generation.VisionWork.Flop, () => 2 * Timed(() => generation.Encode())),
            ("recording of base, targets", generation.PrefillWork.Flop, () => Recording(pair, inputs, settings)),
            ("loop, 25 iterations", Iterations * LoopMeasure.WorkOf(context, [settings]).Flop, () => Iterations * LoopMeasure.SecondsPerIteration(context, settings)),
            ("prefill of three cells", 3 * generation.PrefillWork.Flop, () => 3 * Timed(() => generation.Generate(1, 1))),
            ("decoding, 96 answers of 16 tokens", 3 * Answers * rest, () => (Tokens - 1) * (SecondsPerStep(2) + SecondsPerStep(1))),
            ("… one answer after the other", 3 * Answers * rest, () => 3 * Answers * (Tokens - 1) * generation.SecondsPerStep(1, Tokens)),
        ];
        var measured = Medians.Interleave(options.Rounds, [() => 1 / rates.ProductRate(), .. parts.Select(p => p.Seconds)]);
        var rate = 1 / Medians.Of(measured[0]);
        var rows = parts.Zip(measured.Skip(1), (p, s) => (p.Part, p.Flop, Seconds: Medians.Of(s))).ToList();
        var whole = rows[..^1];
        rows.Add(("a question", whole.Sum(r => r.Flop), whole.Sum(r => r.Seconds)));
        Directory.CreateDirectory(options.Output);
        var path = Path.Combine(options.Output, $"{FileName}.md");
        MarkdownReport.Write(
            path,
            options,
            FileName,
            ["part", "GFLOP", "seconds", "of them needed", "answers a second and core"],
            rows.Select(r => (IReadOnlyList<string>)
            [
                r.Part, Number(r.Flop / 1e9, "0.00"), Number(r.Seconds, "0.0000"), Number(r.Flop / rate / r.Seconds, "0.00"), Number(3 * Answers / r.Seconds, "0"),
            ]));
        Console.Write(File.ReadAllText(path));
        return ExitCode.Success;

        double Timed(Action work) => DeviceClock.Seconds(model.Device, work);

        // RLVR's two cells are one batch, as workers side by side have it.
        double SecondsPerStep(int cells) => generation.SecondsPerStep(cells * Answers, Tokens);
    }

    private static double Recording(ReplayPair pair, Inputs.ModelInputs inputs, ReplaySettings settings)
    {
        var model = pair.Model(ModelRole.Rlvr);
        using var context = new ReplayContext(inputs, pair.Model(ModelRole.Base), model);
        context.Encoded(ModelRole.Base);
        context.Encoded(ModelRole.Rlvr);
        return DeviceClock.Seconds(model.Device, () =>
        {
            using var prepared = ReplayMethods.Get("replay").Prepare(context, settings with { Iterations = 0 });
        });
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
