using ActivationReplay.Checkpoints;
using ActivationReplay.Inputs;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>Self-attention of the vision tower, within frames or windows of a <see cref="VisionLayout"/>.</summary>
internal sealed class VisionAttention : nn.Module
{
    private readonly Linear qkv;
    private readonly Linear proj;
    private readonly long heads;

    public VisionAttention(IWeights weights, string key, VisionConfig config)
        : base(nameof(VisionAttention))
    {
        heads = config.Heads;
        qkv = new Linear(weights, $"{key}.qkv", config.HiddenSize, 3L * config.HiddenSize, hasBias: true);
        proj = new Linear(weights, $"{key}.proj", config.HiddenSize, config.HiddenSize, hasBias: true);
        RegisterComponents();
    }

    /// <summary>
    /// Attends within windows if <paramref name="windowed"/>, else within frames; x and the result are [N, E], N patches.
    /// </summary>
    public Tensor Forward(Tensor x, Rotary rotary, VisionLayout layout, bool windowed)
    {
        var (length, width) = (x.shape[0], x.shape[1]);
        var parts = qkv.Forward(x).view(length, 3, heads, width / heads).transpose(0, 2).unbind(1); // 3 × [H, N, d]
        var (q, k, v) = (rotary.Rotate(parts[0]), rotary.Rotate(parts[1]), parts[2]);
        var outputs = new List<Tensor>();
        var start = 0L;
        foreach (var medium in layout.Media)
        {
            IReadOnlyList<SegmentRun> runs = windowed ? medium.Windows : [new SegmentRun(0, 1, medium.FrameLength)];
            var patches = (long)medium.Frames * medium.FrameLength;
            var results = runs.Select(run => Attend(Segments(q), Segments(k), Segments(v), medium.Frames, run)).ToArray();
            outputs.Add(cat(results, 1).reshape(patches, width));
            start += patches;

            // [H, frames, frame length, d]
            Tensor Segments(Tensor t) =>
                t.narrow(1, start, patches).view(heads, medium.Frames, medium.FrameLength, width / heads);
        }

        return proj.Forward(outputs.Count == 1 ? outputs[0] : cat(outputs, 0));
    }

    private Tensor Attend(Tensor q, Tensor k, Tensor v, int frames, SegmentRun run)
    {
        var mixed = nn.functional.scaled_dot_product_attention(Batch(q), Batch(k), Batch(v)); // [frames · count, H, length, d]
        return mixed.transpose(1, 2).reshape(frames, (long)run.Count * run.Length, -1);

        Tensor Batch(Tensor t) => t.narrow(2, run.Offset, (long)run.Count * run.Length)
            .reshape(heads, (long)frames * run.Count, run.Length, -1)
            .transpose(0, 1);
    }
}

/// <summary>Two-layer perceptron of Qwen2-VL's tower: fc2(quick-GELU(fc1(x))).</summary>
internal sealed class QuickGeluMlp : TensorModule
{
    private readonly Linear fc1;
    private readonly Linear fc2;

    public QuickGeluMlp(IWeights weights, string key, long width, long intermediate)
        : base(nameof(QuickGeluMlp))
    {
        fc1 = new Linear(weights, $"{key}.fc1", width, intermediate, hasBias: true);
        fc2 = new Linear(weights, $"{key}.fc2", intermediate, width, hasBias: true);
        RegisterComponents();
    }

    public override Tensor Forward(Tensor x)
    {
        var hidden = fc1.Forward(x);
        return fc2.Forward(hidden.mul(hidden.mul(Scalars.Of(1.702)).sigmoid_()));
    }
}

/// <summary>Pre-norm block of the vision tower: RMSNorm and SwiGLU in Qwen2.5-VL, LayerNorm and quick-GELU in Qwen2-VL.</summary>
internal sealed class VisionBlock : nn.Module
{
    private readonly TensorModule norm1;
    private readonly VisionAttention attn;
    private readonly TensorModule norm2;
    private readonly TensorModule mlp;

    public VisionBlock(IWeights weights, string key, ModelConfig config)
        : base(nameof(VisionBlock))
    {
        var vision = config.Vision;
        norm1 = VisionNorm.Create(weights, $"{key}.norm1", config);
        attn = new VisionAttention(weights, $"{key}.attn", vision);
        norm2 = VisionNorm.Create(weights, $"{key}.norm2", config);
        mlp = config.Family == ModelFamily.Qwen2Vl
            ? new QuickGeluMlp(weights, $"{key}.mlp", vision.HiddenSize, vision.IntermediateSize)
            : new FeedForward(weights, $"{key}.mlp", vision.HiddenSize, vision.IntermediateSize, hasBias: true);
        RegisterComponents();
    }

    /// <summary>The states leaving the block, [N, E].</summary>
    public Tensor Forward(Tensor x, Rotary rotary, VisionLayout layout, bool windowed)
    {
        var attended = x.Plus(attn.Forward(norm1.Forward(x), rotary, layout, windowed));
        return attended.Plus(mlp.Forward(norm2.Forward(attended)));
    }
}

internal static class VisionNorm
{
    private const double Epsilon = 1e-6;

    /// <summary>The norm of the family's tower: RMSNorm in Qwen2.5-VL, LayerNorm in Qwen2-VL.</summary>
    public static TensorModule Create(IWeights weights, string key, ModelConfig config) =>
        config.Family == ModelFamily.Qwen2Vl
            ? new LayerNorm(weights, key, config.Vision.HiddenSize, Epsilon)
            : new RmsNorm(weights, key, config.Vision.HiddenSize, Epsilon);
}
