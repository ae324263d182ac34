using System.CommandLine;
using System.Text.Json;
using ActivationReplay.Ablations.Commands;
using ActivationReplay.Benchmarks.Rates;
using ActivationReplay.Benchmarks.Reference;
using ActivationReplay.Benchmarks.Workloads;
using ActivationReplay.Native;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Recordings;
using static TorchSharp.torch;

namespace ActivationReplay.Benchmarks.Children;

/// <summary><c>child</c>: one measurement of memory or loading, printed as a JSON object. Called by the other commands.</summary>
internal static class ChildCommand
{
    public const string Name = "child";
    public const string LoopMemory = "loop-memory";
    public const string SampleMemory = "sample-memory";
    public const string Load = "load";
    public const string Plan = "plan";
    public const string EstimateBytes = "estimate_bytes";
    public const string Engine = "engine";
    public const string Reference = "reference";
    public const string Plain = "plain";
    public const string Replay = "replay";
    public const string PeakBytes = "peak_bytes";
    public const string LeastPeakBytes = "least_peak_bytes";
    public const string MostPeakBytes = "most_peak_bytes";
    public const string ReadSeconds = "read_seconds";
    public const string LoadSeconds = "load_seconds";
    public const string LoadRatio = "load_ratio";
    public const string FileBytes = "file_bytes";
    public const string ResidentBytes = "resident_bytes";
    private const int VisualTokens = 256;

    public static Command Create(MeasureCommandOptions measured)
    {
        var what = new Argument<string>("WHAT").AcceptOnlyFromAmong(LoopMemory, SampleMemory, Load, Plan);
        var kind = new Argument<string?>("KIND") { Arity = ArgumentArity.ZeroOrOne };
        var command = new Command(Name, "One measurement in a process of its own.") { what, kind };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            Libtorch.Load();
            var options = measured.Read(parsed);
            var numbers = parsed.GetRequiredValue(what) switch
            {
                LoopMemory => MeasureLoop(options, parsed.GetValue(kind) == Engine),
                SampleMemory => MeasureSample(options, parsed.GetValue(kind) == Replay),
                Plan => MeasurePlan(parsed.GetValue(kind)!, options),
                _ => MeasureLoad(options),
            };
            Console.WriteLine(JsonSerializer.Serialize(numbers));
            return ExitCode.Success;
        });
        return command;
    }

    private static Dictionary<string, double?> MeasureLoop(MeasureOptions options, bool engine)
    {
        const int Iterations = 2;
        using var pair = RandomPair.Load(options);
        var model = pair.Model(ModelRole.Rlvr);
        using var inputs = ShapedPrompt.Of(model.Config, VisualTokens);
        using var context = new ReplayContext(inputs, pair.Model(ModelRole.Base), model);
        var settings = MeasuredLoop.Of(model.Layers, Iterations);
        // Brings weights and code that either loop uses into memory, encodes the picture and records the base model.
        ReferenceShapedLoop.Run(context, settings with { Iterations = 1 });
        ReplayMethods.Get("replay").Prepare(context, settings with { Iterations = 1 }).Dispose();
        var peak = PeakMemory.Extra(model.Device, () =>
        {
            if (engine)
            {
                ReplayMethods.Get("replay").Prepare(context, settings).Dispose();
            }
            else
            {
                ReferenceShapedLoop.Run(context, settings);
            }
        });
        return new() { [PeakBytes] = peak };
    }

    private static Dictionary<string, double?> MeasureSample(MeasureOptions options, bool replay)
    {
        using var pair = RandomPair.Load(options);
        using var inputs = ShapedPrompt.Of(pair.Model(ModelRole.Rlvr).Config, VisualTokens);
        // Two steps have the peak of twenty-five.
        SampleCosts Run() => SampleCosts.Measure(pair, inputs, replay, iterations: 2);
        Run();
        return new() { [PeakBytes] = PeakMemory.Extra(device(options.Device), () => Run()) };
    }

    private static Dictionary<string, double?> MeasurePlan(string stage, MeasureOptions options)
    {
        // What a command prints is no number.
        var output = Console.Out;
        Console.SetOut(TextWriter.Null);
        var planned = PlannedStage.Measure(stage, options);
        Console.SetOut(output);
        return new()
        {
            [EstimateBytes] = planned.Estimate,
            [PeakBytes] = planned.Measured.Count == 0 ? null : Medians.Of(planned.Measured),
            [LeastPeakBytes] = planned.Measured.Count == 0 ? null : planned.Measured.Min(),
            [MostPeakBytes] = planned.Measured.Count == 0 ? null : planned.Measured.Max(),
        };
    }

    private static Dictionary<string, double?> MeasureLoad(MeasureOptions options)
    {
        var file = new CheckpointFile(Path.Combine(RandomPair.Ensure(options), "base"));
        var target = device(options.Device);
        file.Read(); // into the system's cache
        using (zeros(1, device: target))
        {
            // Makes the device ready, which is no part of a load.
        }

        long? resident = null;
        var before = PeakMemory.Resident();
        file.Load(target, () => resident = PeakMemory.Resident() - before);
        var seconds = Medians.Interleave(
            options.Rounds,
            () => file.Load(target),
            () => DeviceClock.Seconds(CPU, () => file.Read()));
        return new()
        {
            [LoadSeconds] = Medians.Of(seconds[0]),
            [ReadSeconds] = Medians.Of(seconds[1]),
            [LoadRatio] = Medians.Ratio(seconds[0], seconds[1]),
            [FileBytes] = file.Bytes,
            [ResidentBytes] = target.type == TorchSharp.DeviceType.CPU ? resident : null,
        };
    }
}
