using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Execution;
using ActivationReplay.Checkpoints;
using ActivationReplay.Inputs;
using ActivationReplay.Native;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Recordings;
using static TorchSharp.torch;

namespace ActivationReplay.Ablations.Planning;

/// <summary>Estimates what a run takes of memory, from the headers of its checkpoints and the shape of its largest prompt.</summary>
/// <param name="config">The run.</param>
/// <param name="pair">The checkpoints; none of their weights is read.</param>
/// <param name="prompt">The largest prompt.</param>
internal sealed class MemoryPlanner(RunConfig config, CheckpointPair pair, PromptShape prompt)
{
    // .NET, libtorch's code and buffers, tokenizer: measured for the small pair. A GPU's is its context and cuBLAS's workspace.
    private const long CpuProgram = 250_000_000;
    private const long GpuProgram = 600_000_000;

    private readonly PairDevices devices = PairDevices.Parse(config.Pair.Device);
    private readonly IReadOnlyList<(IReplayMethod Method, MethodSettings Settings)> asked = [.. config.Cells.Select(c => (c.Method, c.Settings))];

    /// <summary>
    /// The sizes with which all of a batch is computed together; loops on a GPU alone, and of conversations each by itself. On a CPU questions are prepared side by side, as
    /// many as it has cores, and how many of them shared a loop would depend on that number, and with it the last digits of losses.
    /// </summary>
    public WorkSizes Whole => new(
        config.Batch,
        config.Cells.GroupBy(c => c.Method).Max(g => g.Count()),
        (int)Math.Min(int.MaxValue, (long)config.Batch * config.Cells.Count * config.Generation.Samples),
        Loops: config.Agent is not null || devices is { Base: "cpu" } or { Rlvr: "cpu" } ? 1 : Math.Max(1, config.Batch));

    /// <summary>The plan with the least computed together.</summary>
    public MemoryPlan Smallest() =>
        Of(new WorkSizes(1, 1, 1, Math.Max(1, Lens.LogitLens.DefaultRows(pair.Base.Config.Text.VocabularySize) / 16)));

    /// <summary>The plan with some sizes.</summary>
    public MemoryPlan Of(WorkSizes sizes)
    {
        IReadOnlyList<PairPhase> phases = config.Pair.Models == ModelsInMemory.Both ? [PairPhase.Both] : PairPhase.OneAtATime(asked);
        return new MemoryPlan(
            [.. phases.SelectMany(phase => Of(phase, sizes)).GroupBy(d => d.Device).Select(same => same.Aggregate(DevicePlan.Later))],
            sizes);
    }

    private IEnumerable<DevicePlan> Of(PairPhase phase, WorkSizes sizes)
    {
        ModelRole[] roles = phase.Role is { } one ? [one] : Enum.GetValues<ModelRole>();
        return roles.GroupBy(NameOf).Select(own => Of(own.Key, [.. own], phase, sizes));
    }

    private DevicePlan Of(string device, ModelRole[] roles, PairPhase phase, WorkSizes sizes)
    {
        var onCpu = device == "cpu";
        var weights = roles.Select(role => CheckpointOf(role).WeightBytes(TypeOf(config.Pair.Dtype), onCpu)).ToList();
        var cells = config.AnsweredIn(phase);
        var needs = phase.Needs(asked).ToList();
        var loops = Math.Min(sizes.Loops, sizes.Questions);
        var workers = Math.Min((sizes.Questions + loops - 1) / loops, CpuThreads.Workers(config.Pair.Threads, pair.Base.WeightCount, IsOnCpuAlone));
        long held = onCpu ? MemoryOf(roles[0]).Pixels(prompt) : 0, recording = 0, loop = 0, generation = 0;
        foreach (var role in roles)
        {
            var model = MemoryOf(role);
            var answered = cells.Where(c => c.Method.Answerer == role).ToList();
            if (answered.Count > 0 || needs.Exists(n => n.Role == role))
            {
                held += model.Encoded(prompt);
                recording = Math.Max(recording, model.Vision(prompt));
            }

            foreach (var need in needs.Where(n => n.Role == role).GroupBy(n => n.PrefillRatio))
            {
                var layers = need.Max(n => n.Layers);
                var all = need.Any(n => n.AllPositions);
                long positions = all ? prompt.Length : prompt.Visual;
                held += model.States(layers, positions);
                recording = Math.Max(recording, model.Recording(layers, positions, all ? prompt.Length : prompt.End, sizes.VocabularyRows)
                    + (need.Key < 1 ? 2 * model.States(layers, positions) : 0));
            }

            if (phase.Role is not null && answered.Count > 0)
            {
                // What the other model left on disk.
                held += PairPhase.OneAtATime(asked).Where(p => p.Role != role).SelectMany(p => p.LeftToTheOther(asked))
                    .Where(n => n.Targets is null).Select(n => model.States(n.Layers, n.AllPositions ? prompt.Length : prompt.Visual)).DefaultIfEmpty(0).Max();
            }

            var memory = new LoopMemory(model, prompt, sizes.VocabularyRows);
            held += answered.Sum(c => memory.Kept(c.Settings));
            // Variants that are not all together are those of one question.
            loop = answered.GroupBy(c => c.Method).SelectMany(own => own.Chunk(sizes.Variants).Select(part => (Part: part, Questions: own.Count() <= sizes.Variants ? loops : 1)))
                .Select(own => memory.Of([.. own.Part.Select(c => c.Settings)], own.Questions)).Append(loop).Max();
            if (answered.Count > 0)
            {
                generation += Generation(model, Math.Min(sizes.Sequences, (long)sizes.Questions * answered.Count * config.Generation.Samples));
            }
        }

        return new DevicePlan(
            device,
            weights.Sum(w => w.Own),
            weights.Sum(w => w.Mapped),
            onCpu ? CpuProgram : GpuProgram,
            sizes.Questions * held,
            workers * recording,
            workers * loop,
            generation);
    }

    private long Generation(ModelMemory model, long rows)
    {
        var settings = config.Generation;
        return model.Generation(
            prompt, rows, settings.MaxNewTokens, draws: settings.Temperature > 0, restricts: settings.TopP < 1 || settings.TopK > 0);
    }

    private bool IsOnCpuAlone => devices is { Base: "cpu", Rlvr: "cpu" };

    private ModelMemory MemoryOf(ModelRole role)
    {
        var element = TypeOf(config.Pair.Dtype) ?? CheckpointOf(role).Type;
        return new ModelMemory(
            CheckpointOf(role).Config, element == ScalarType.Float32 ? 4 : 2, onCpu: NameOf(role) == "cpu");
    }

    // cuda is cuda:0.
    private string NameOf(ModelRole role) => (role == ModelRole.Base ? devices.Base : devices.Rlvr) is var name && name == "cuda" ? "cuda:0" : name;

    private Checkpoint CheckpointOf(ModelRole role) => role == ModelRole.Base ? pair.Base : pair.Rlvr;

    /// <summary>The type of a configuration's word; null for the stored one.</summary>
    internal static ScalarType? TypeOf(string dtype) => dtype switch
    {
        "float32" => ScalarType.Float32,
        "bfloat16" => ScalarType.BFloat16,
        _ => null,
    };
}
