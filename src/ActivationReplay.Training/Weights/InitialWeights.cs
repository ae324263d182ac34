using System.Text;
using ActivationReplay.Generation;
using ActivationReplay.Training.Tasks;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Weights;

/// <summary>
/// Random weights that seed and key decide: norms 1, biases 0, embeddings N(0, 0.5²), projections into the residual stream
/// N(0, 0.015²), the head N(0, 0.04²), all other maps N(0, 0.06²).
/// </summary>
internal static class InitialWeights
{
    /// <summary>The weight of a key, fp32.</summary>
    public static Tensor Create(string key, IReadOnlyList<long> shape, ulong seed)
    {
        long[] sizes = [.. shape];
        if (sizes.Length == 1)
        {
            return key.EndsWith("bias", StringComparison.Ordinal) ? zeros(sizes) : ones(sizes);
        }

        var deviation = Deviation(key);
        var values = new float[sizes.Aggregate(1L, (a, b) => a * b)];
        var keyHash = Hash(key);
        for (var i = 0; i < values.Length; i++)
        {
            // Box and Muller (1958).
            var radius = Math.Sqrt(-2 * Math.Log(1 - CounterRandom.Uniform(seed, (ulong)DrawPurpose.Weights, keyHash, (ulong)i, 0)));
            var angle = 2 * Math.PI * CounterRandom.Uniform(seed, (ulong)DrawPurpose.Weights, keyHash, (ulong)i, 1);
            values[i] = (float)(deviation * radius * Math.Cos(angle));
        }

        return tensor(values).view(sizes);
    }

    private static double Deviation(string key) => key switch
    {
        _ when key.EndsWith("embed_tokens.weight", StringComparison.Ordinal) => 0.5,
        _ when key.EndsWith("lm_head.weight", StringComparison.Ordinal) => 0.04,
        _ when key.EndsWith("o_proj.weight", StringComparison.Ordinal)
            || key.EndsWith("down_proj.weight", StringComparison.Ordinal)
            || key.EndsWith("attn.proj.weight", StringComparison.Ordinal) => 0.015,
        _ => 0.06,
    };

    // FNV-1a: the same on every platform, unlike string.GetHashCode.
    private static ulong Hash(string key) =>
        Encoding.UTF8.GetBytes(key).Aggregate(14695981039346656037UL, (hash, b) => unchecked((hash ^ b) * 1099511628211UL));
}
