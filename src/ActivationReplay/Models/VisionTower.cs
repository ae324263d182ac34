using ActivationReplay.Checkpoints;
using ActivationReplay.Inputs;
using ActivationReplay.Vision;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>
/// The vision tower, from patches to visual tokens: patch embedding, blocks with 2-D rotary positions, 2×2 merger.
/// </summary>
internal sealed class VisionTower : nn.Module
{
    private const double RotaryBase = 10_000;
    private readonly PatchEmbedding patch_embed;
    private readonly ModuleList<VisionBlock> blocks;
    private readonly PatchMerger merger;
    private readonly VisionConfig config;

    public VisionTower(IWeights weights, string key, ModelConfig model)
        : base(nameof(VisionTower))
    {
        config = model.Vision;
        patch_embed = new PatchEmbedding(weights, $"{key}.patch_embed", config);
        blocks = new ModuleList<VisionBlock>(
            [.. Enumerable.Range(0, config.Depth).Select(b => new VisionBlock(weights, $"{key}.blocks.{b}", model))]);
        merger = new PatchMerger(weights, $"{key}.merger", model);
        RegisterComponents();
    }

    /// <summary>The visual features, [N, D], of <paramref name="pixels"/> [patches, C·t·p·p], one medium after another.</summary>
    public Tensor Forward(Tensor pixels, IReadOnlyList<PatchGrid> grids)
    {
        using var scope = NewDisposeScope();
        var layout = new VisionLayout(config, grids);
        var device = patch_embed.Weight.device;
        var order = tensor(layout.UnitOrder.ToArray(), ScalarType.Int64, device);
        var unit = (long)config.SpatialMergeSize * config.SpatialMergeSize;
        var embedded = patch_embed.Forward(pixels);
        var x = embedded.view(-1, unit, config.HiddenSize).index_select(0, order).view(-1, config.HiddenSize);
        var rotary = Positions(layout, x.dtype, device);
        for (var b = 0; b < config.Depth; b++)
        {
            var windowed = config.WindowSize > 0 && !config.FullAttentionBlocks.Contains(b);
            using var entering = x;
            x = RunBlock(blocks[b], x, rotary, layout, windowed);
        }

        var merged = merger.Forward(x);
        return merged.index_select(0, order.argsort()).MoveToOuterDisposeScope();
    }

    // What a block makes goes with it; between blocks there is its result alone.
    private static Tensor RunBlock(VisionBlock block, Tensor x, Rotary rotary, VisionLayout layout, bool windowed)
    {
        using var scope = NewDisposeScope();
        return block.Forward(x, rotary, layout, windowed).MoveToOuterDisposeScope();
    }

    // Half of the frequencies rotate with the row, half with the column.
    private Rotary Positions(VisionLayout layout, ScalarType type, Device device)
    {
        var headSize = config.HiddenSize / config.Heads;
        var frequencies = Enumerable.Range(0, headSize / 4).Select(i => Math.Pow(RotaryBase, -4.0 * i / headSize)).ToArray();
        var frequency = tensor(frequencies, ScalarType.Float32);
        var rows = tensor(layout.PatchPositions.Select(p => (float)p.Row).ToArray()).unsqueeze(1).mul(frequency);
        var columns = tensor(layout.PatchPositions.Select(p => (float)p.Column).ToArray()).unsqueeze(1).mul(frequency);
        return Rotary.FromAngles(cat([rows, columns], 1).to(device), type); // [N, d]
    }
}

/// <summary>The patch convolution, whose stride is its kernel, as a matrix product over flattened patches.</summary>
internal sealed class PatchEmbedding : nn.Module
{
    private readonly PatchConvolution proj;

    public PatchEmbedding(IWeights weights, string key, VisionConfig config)
        : base(nameof(PatchEmbedding))
    {
        proj = new PatchConvolution(weights, $"{key}.proj", config);
        RegisterComponents();
    }

    public Tensor Weight => proj.Weight;

    public Tensor Forward(Tensor pixels) => proj.Forward(pixels);
}

/// <summary>A convolution weight [E, C, t, p, p], applied to flattened patches [N, C·t·p·p].</summary>
internal sealed class PatchConvolution : nn.Module
{
    private readonly Parameter weight;

    public PatchConvolution(IWeights weights, string key, VisionConfig config)
        : base(nameof(PatchConvolution))
    {
        weight = weights.Parameter(
            $"{key}.weight", config.HiddenSize, config.InChannels, config.TemporalPatchSize, config.PatchSize, config.PatchSize);
        RegisterComponents();
    }

    public Tensor Weight => weight;

    public Tensor Forward(Tensor pixels) =>
        nn.functional.linear(pixels.to(weight.device).to_type(weight.dtype), weight.view(weight.shape[0], -1));
}

/// <summary>
/// Merges a unit of 2×2 patches into one visual token: norm, concatenation, two linear maps with GELU between them.
/// </summary>
internal sealed class PatchMerger : nn.Module
{
    private readonly TensorModule ln_q;
    private readonly ModuleList<nn.Module> mlp;
    private readonly Linear first;
    private readonly Linear second;
    private readonly long joined;

    public PatchMerger(IWeights weights, string key, ModelConfig config)
        : base(nameof(PatchMerger))
    {
        var vision = config.Vision;
        joined = (long)vision.HiddenSize * vision.SpatialMergeSize * vision.SpatialMergeSize;
        ln_q = VisionNorm.Create(weights, $"{key}.ln_q", config);
        first = new Linear(weights, $"{key}.mlp.0", joined, joined, hasBias: true);
        second = new Linear(weights, $"{key}.mlp.2", joined, vision.OutHiddenSize, hasBias: true);
        // The checkpoint counts the activation as a module, so that the second map has number 2.
        mlp = new ModuleList<nn.Module>(first, nn.GELU(), second);
        register_module(nameof(ln_q), ln_q);
        register_module(nameof(mlp), mlp);
    }

    public Tensor Forward(Tensor x) =>
        second.Forward(nn.functional.gelu(first.Forward(ln_q.Forward(x).view(-1, joined))));
}
