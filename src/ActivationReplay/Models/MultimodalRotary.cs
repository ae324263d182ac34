using ActivationReplay.Checkpoints;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>
/// mRoPE: each of the D/2 frequencies turns with the temporal, height or width position, by the sections of
/// the configuration (Qwen2-VL, arXiv 2409.12191, section 2.1).
/// </summary>
internal sealed class MultimodalRotary
{
    private readonly double[] frequencies;
    private readonly int[] axes;

    public MultimodalRotary(TextConfig config)
    {
        var half = config.HeadSize / 2;
        frequencies = [.. Enumerable.Range(0, half).Select(i => Math.Pow(config.RopeTheta, -2.0 * i / config.HeadSize))];
        axes = [.. config.MropeSection.SelectMany((count, axis) => Enumerable.Repeat(axis, count))];
    }

    /// <summary>The table [B, T, 1, D] for <paramref name="positions"/> [3, B, T].</summary>
    public Rotary Table(Tensor positions, ScalarType type, Device device)
    {
        using var scope = NewDisposeScope();
        // fp32 angles from fp32 frequencies, as the checkpoints were trained.
        var frequency = tensor(frequencies, ScalarType.Float32);
        var perAxis = positions.to_type(ScalarType.Float32).cpu().index_select(0, tensor(axes, ScalarType.Int64)); // [D/2, B, T]
        var angles = perAxis.permute(1, 2, 0).mul(frequency).unsqueeze(2); // [B, T, 1, D/2]
        var table = Rotary.FromAngles(angles, type);
        return new Rotary(table.Cos.to(device), table.Sin.to(device)).MoveToOuterDisposeScope();
    }
}
