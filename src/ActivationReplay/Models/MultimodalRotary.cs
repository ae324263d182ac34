using ActivationReplay.Checkpoints;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>
/// mRoPE: each of the D/2 frequencies turns with the temporal, height or width position, by the sections of
/// the configuration (Qwen2-VL, arXiv 2409.12191, section 2.1).
/// </summary>
internal sealed class MultimodalRotary
{
    private readonly Tensor frequencies; // [D/2]; fp32, as the checkpoints were trained
    private readonly Tensor axes; // [D/2], int64

    public MultimodalRotary(TextConfig config)
    {
        var half = config.HeadSize / 2;
        double[] powers = [.. Enumerable.Range(0, half).Select(i => Math.Pow(config.RopeTheta, -2.0 * i / config.HeadSize))];
        long[] sections = [.. config.MropeSection.SelectMany((count, axis) => Enumerable.Repeat((long)axis, count))];
        frequencies = tensor(powers, ScalarType.Float32).DetachFromDisposeScope();
        axes = tensor(sections, ScalarType.Int64).DetachFromDisposeScope();
    }

    /// <summary>The table [B, T, 1, D] for <paramref name="positions"/> [3, B, T].</summary>
    public Rotary Table(Tensor positions, ScalarType type, Device device)
    {
        using var scope = NewDisposeScope();
        var perAxis = positions.to_type(ScalarType.Float32).cpu().index_select(0, axes); // [D/2, B, T]
        var angles = perAxis.permute(1, 2, 0).mul(frequencies).unsqueeze(2); // [B, T, 1, D/2]
        var table = Rotary.FromAngles(angles, type);
        return new Rotary(table.Cos.to(device), table.Sin.to(device)).MoveToOuterDisposeScope();
    }
}
