using System.Globalization;
using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Benchmarks.Counting;
using ActivationReplay.Benchmarks.Rates;
using ActivationReplay.Benchmarks.Reference;
using ActivationReplay.Benchmarks.Reports;
using ActivationReplay.Benchmarks.Workloads;
using ActivationReplay.Lens;
using ActivationReplay.Replay.Recordings;
using static TorchSharp.torch;

namespace ActivationReplay.Benchmarks.Roofline;

/// <summary><c>roofline</c>: every part of a sample against the machine's rates.</summary>
internal static class RooflineCommand
{
    /// <summary>Name of the files.</summary>
    public const string FileName = "roofline";

    private const int VisualTokens = 256;
    private const int Tokens = 17;

    /// <summary>Measures, writes roofline.png, roofline.csv and roofline.md.</summary>
    public static int Run(MeasureOptions options)
    {
        using var pair = RandomPair.Load(options);
        using var rates = new MachineRates(options.Type, pair.Model(ModelRole.Rlvr).Device);
        var (points, productRate, copyRate) = Measure(options, pair, rates);
        Directory.CreateDirectory(options.Output);
        CsvTable.Write(Path.Combine(options.Output, $"{FileName}.csv"), points);
        RooflinePlot.Save(Path.Combine(options.Output, $"{FileName}.png"), points, productRate, copyRate, $"shape {options.Shape}, {options.Dtype}, {options.Device}");
        var path = Path.Combine(options.Output, $"{FileName}.md");
        MarkdownReport.Write(
            path,
            options,
            FileName,
            ["part", "FLOP/byte", "GFLOP/s", "seconds", "of the roof"],
            points.Select(p => (IReadOnlyList<string>)
                [p.Name, Number(p.FlopPerByte, "0.0"), Number(p.FlopPerSecond / 1e9, "0.0"), Number(p.Seconds, "0.0000"), Number(p.OfRoof, "0.00")]));
        Console.Write(File.ReadAllText(path));
        return ExitCode.Success;
    }

    private static (List<RooflinePoint> Points, double ProductRate, double CopyRate) Measure(
        MeasureOptions options, ReplayPair pair, MachineRates rates)
    {
        var model = pair.Model(ModelRole.Rlvr);
        using var inputs = ShapedPrompt.Of(model.Config, VisualTokens);
        using var context = new ReplayContext(inputs, pair.Model(ModelRole.Base), model);
        using var generation = new GenerationMeasure(model, VisualTokens);
        using var states = randn([VisualTokens, model.Config.Text.HiddenSize], ScalarType.Float32, model.Device).to_type(model.Type);
        var settings = MeasuredLoop.Of(model.Layers, iterations: 2);
        var text = model.Config.Text;
        var loop = LoopMeasure.WorkOf(context, [settings]);
        var head = new Work(
            FlopCount.Head(text, VisualTokens, text.VocabularySize), 0, WeightCount.Head(text) * model.HeadWeight.element_size());
        (string Name, Work Work, Func<double> Seconds)[] parts =
        [
            ("vision tower", generation.VisionWork, () => Timed(() => generation.Encode())),
            ("prefill", generation.PrefillWork, () => Timed(() => generation.Generate(1, 1))),
            ("lens entropy", head, () => Timed(() => new LogitLens(model).Entropy(states).Dispose())),
            ("loop iteration", loop, () => LoopMeasure.SecondsPerIteration(context, settings)),
            ("reference-shaped iteration", loop, () => ReferenceShapedLoop.Run(context, settings with { Iterations = 1 }).Seconds),
            ("decode, 1 sequence", generation.DecodeWork(1, Tokens), () => generation.SecondsPerStep(1, Tokens)),
            ("decode, 8 sequences", generation.DecodeWork(8, Tokens), () => generation.SecondsPerStep(8, Tokens)),
            ("decode, 64 sequences", generation.DecodeWork(64, Tokens), () => generation.SecondsPerStep(64, Tokens)),
        ];
        var measured = Medians.Interleave(
            options.Rounds,
            [() => rates.ProductRate(), () => rates.CopyRate(), .. parts.Select(p => p.Seconds)]);
        var (product, copy) = (Medians.Of(measured[0]), Medians.Of(measured[1]));
        return ([.. parts.Select((part, i) => Point(part.Name, part.Work, Medians.Of(measured[i + 2]), product, copy))], product, copy);

        double Timed(Action work) => DeviceClock.Seconds(model.Device, work);
    }

    private static RooflinePoint Point(string name, Work work, double seconds, double product, double copy)
    {
        var rate = work.Flop / seconds;
        return new RooflinePoint(name, work.Intensity, rate, seconds, rate / RooflinePoint.Roof(work.Intensity, product, copy));
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
