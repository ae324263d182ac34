using ActivationReplay.Checkpoints;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>
/// Multimodal rotary position embedding (mRoPE): each of the d/2 frequencies of a head rotates with the temporal, the height or
/// the width position, as the sections of the configuration assign them (Qwen2-VL, arXiv 2409.12191, section 2.1).
/// </summary>
internal sealed class MultimodalRotary
{
    private readonly Tensor frequencies; // [d/2]; fp32, as the checkpoints were trained
    private readonly Tensor axes; // [d/2], int64

    public MultimodalRotary(TextConfig config)
    {
        var half = config.HeadSize / 2;
        double[] powers = [.. Enumerable.Range(0, half).Select(i => Math.Pow(config.RopeTheta, -2.0 * i / config.HeadSize))];
        long[] sections = [.. config.MropeSection.SelectMany((count, axis) => Enumerable.Repeat((long)axis, count))];
        frequencies = tensor(powers, ScalarType.Float32).DetachFromDisposeScope();
        axes = tensor(sections, ScalarType.Int64).DetachFromDisposeScope();
    }

    /// <summary>The table, [B, T, 1, d], for <paramref name="positions"/> [3, B, T] int64: temporal, height, width.</summary>
    public Rotary Table(Tensor positions, ScalarType type, Device device)
    {
        using var scope = NewDisposeScope();
        var perAxis = positions.to_type(ScalarType.Float32).cpu().index_select(0, axes); // [d/2, B, T]
        var angles = perAxis.permute(1, 2, 0).mul(frequencies).unsqueeze(2); // [B, T, 1, d/2]
        var table = Rotary.FromAngles(angles, type);
        return new Rotary(table.Cos.to(device), table.Sin.to(device)).MoveToOuterDisposeScope();
    }
}
