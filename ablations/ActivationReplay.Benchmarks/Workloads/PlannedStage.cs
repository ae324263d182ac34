using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Planning;
using ActivationReplay.Benchmarks.Rates;
using ActivationReplay.Checkpoints;
using ActivationReplay.Generation;
using ActivationReplay.Inputs;
using ActivationReplay.Models;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Recordings;

namespace ActivationReplay.Benchmarks.Workloads;

/// <summary>One stage of a question's work: what the planner says of it, and what it takes, in bytes.</summary>
/// <param name="Estimate">The planner's number.</param>
/// <param name="Measured">The peaks of some rounds; none where this system does not say.</param>
internal sealed record PlannedStage(long Estimate, IReadOnlyList<double> Measured)
{
    private const int VisualTokens = 576;
    private const int FewTokens = 100; // of stages that take long
    private const int Variants = 2;
    private const int Samples = 8;
    private const int NewTokens = 64;

    /// <summary>The stages by name.</summary>
    public static IReadOnlyList<string> Names { get; } = ["vision", "recording", "loop", "loop, whole vocabulary", "generation", "run", "run, one model"];

    /// <summary>Measures a stage in this process, which has done nothing else.</summary>
    public static PlannedStage Measure(string name, MeasureOptions options) => name switch
    {
        "run" => WholeRun(options, "both"),
        "run, one model" => WholeRun(options, "one"),
        _ => Part(name, options),
    };

    private static PlannedStage Part(string name, MeasureOptions options)
    {
        using var pair = RandomPair.Load(options, StoredOtherwise(options));
        var (model, target) = (pair.Model(ModelRole.Rlvr), pair.Model(ModelRole.Base));
        var memory = new ModelMemory(model.Config, (int)model.HeadWeight.element_size(), onCpu: model.Device.type == TorchSharp.DeviceType.CPU);
        var isWhole = name.Contains("vocabulary", StringComparison.Ordinal);
        using var inputs = ShapedPrompt.Of(model.Config, isWhole ? FewTokens : VisualTokens);
        var prompt = PromptShape.Of(inputs);
        var settings = MeasuredLoop.Of(model.Layers, iterations: 2, layers: isWhole ? 2 : MeasuredLoop.Layers, topK: isWhole ? 0 : 50);
        var states = settings.RecordedLayers()[^1] + 1;
        using var encoded = EncodedPrompt.Encode(model, inputs);
        using var context = new ReplayContext(inputs, target, model);
        if (name.StartsWith("loop", StringComparison.Ordinal))
        {
            context.Recorded(ModelRole.Base, states);
            context.Encoded(ModelRole.Rlvr);
        }

        IReadOnlyList<ReplaySettings> variants = [.. Enumerable.Range(0, Variants).Select(v => settings with { LearningRate = 1 + v })];
        return name switch
        {
            "vision" => Of(memory.Encoded(prompt) + memory.Vision(prompt), () => EncodedPrompt.Encode(model, inputs).Dispose()),
            "recording" => Of(
                memory.States(states, prompt.Visual) + memory.Recording(states, prompt.Visual, prompt.End, null),
                () => Recording.Record(encoded, states, allPositions: false).Dispose()),
            "generation" => Of(
                memory.Generation(prompt, Samples, NewTokens, draws: true, restricts: false),
                () => Generate(model, encoded, NewTokens)),
            _ => Of(
                new LoopMemory(memory, prompt, null).Of(variants, questions: 1) + (Variants * new LoopMemory(memory, prompt, null).Kept(settings)),
                () => Discard(ReplayMethods.Get("replay").PrepareAll(context, variants))),
        };

        PlannedStage Of(long estimate, Action work)
        {
            // As for any question but the first: code and threads are there, and the allocator knows the sizes that come.
            work();
            var peaks = Enumerable.Range(0, options.Rounds).Select(_ => (double?)PeakMemory.Extra(model.Device, work)).ToList();
            return new(estimate, [.. peaks.OfType<double>()]);
        }
    }

    // Of another type than is computed: pages of mapped files come and go as the system likes, and would blur every peak.
    private static string StoredOtherwise(MeasureOptions options) =>
        RandomPair.Ensure(options with { Dtype = options.Dtype == "float32" ? "bfloat16" : "float32" });

    private static void Generate(QwenVlModel model, EncodedPrompt prompt, int tokens) => new TextGenerator(model, []).Generate(
        new GenerationRequest(prompt, Intervention.None, new GenerationSettings { Samples = Samples, MaxNewTokens = tokens, Temperature = 1 }));

    private static void Discard(IReadOnlyList<Preparation> prepared)
    {
        foreach (var one in prepared)
        {
            one.Dispose();
        }
    }

    // The command itself, on two questions about pictures, and the peak of the whole process.
    private static PlannedStage WholeRun(MeasureOptions options, string models)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"memory-plan-{Guid.NewGuid():N}");
        var pixels = FormattableString.Invariant($"{FewTokens * 28 * 28}");
        string[] settings =
        [
            "--pair", StoredOtherwise(options), "--dtype", options.Dtype, "--models", models, "--dataset", "counting:test:2", "--batch", "2",
            "--methods", "replay,cross-model", "--samples", "4", "--temperature", "1", "--max-new-tokens", "8", "--threads", "2",
            "--set", $"prompt.min-pixels={pixels}", "--set", $"prompt.max-pixels={pixels}", "--set", "replay.iterations=2",
            "--set", "replay.threshold=quantile:0.5", "--set", "replay.layers=5", "--set", "replay.seed=[1, 2]", "--set", "replay.selection=random",
        ];
        try
        {
            var code = Ablations.Commands.CommandLine.RunAsync(["run", .. settings, "--out", folder]).GetAwaiter().GetResult();
            if (code != ExitCode.Success)
            {
                throw new InvalidOperationException($"run ended with {code}.");
            }

            var peak = PeakMemory.HighWater();
            var config = Ablations.Storage.RunManifest.Read(folder).Config;
            using var pair = CheckpointPair.Open(config.Pair.Base, config.Pair.Rlvr);
            var prompts = PromptShapes.Of(config, Processor.Load(pair.BaseProcessorFolder, pair.Base.Config), QuestionFile.Read(config), CancellationToken.None);
            var planner = new MemoryPlanner(config, pair, PromptShape.Largest([.. prompts.OfType<PromptShape>()]));
            return new PlannedStage(planner.Of(planner.Whole).Devices.Sum(d => d.Total), peak is { } bytes ? [bytes] : []);
        }
        finally
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }
}
