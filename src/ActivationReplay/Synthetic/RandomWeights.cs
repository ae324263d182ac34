using System.Security.Cryptography;
using System.Text;
using ActivationReplay.Checkpoints;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Synthetic;

/// <summary>
/// Random weights of any configuration, determined by seed and key. Norm weights are 1, biases 0, embeddings N(0, 1), the head
/// N(0, 16 / width), all other maps N(0, 1 / fan-in). A matrix that is both embedding and head has the variance of the head.
/// </summary>
/// <remarks>
/// With this variance of the head, and states that are standard normal after the final norm, the lens is sharp at some positions
/// and flat at others, as for trained models.
/// </remarks>
/// <param name="config">The model's configuration.</param>
/// <param name="seed">The seed, which with a weight's key decides its values.</param>
/// <param name="type">The type of the weights, which are drawn in fp32 and rounded.</param>
/// <param name="perturbation">
/// Standard deviation of the noise added to each linear map, as a fraction of the map's own: 0 is a base model, a little more a
/// model post-trained from it.
/// </param>
/// <param name="device">The device of the tensors that <see cref="Get"/> returns; null is the CPU.</param>
public sealed class RandomWeights(
    ModelConfig config, ulong seed, ScalarType type, double perturbation = 0, Device? device = null) : IWeights, IDisposable
{
    private const long ChunkElements = 1 << 24; // 64 MB of fp32 beside the result
    private readonly Dictionary<string, Tensor> given = [];

    /// <summary>
    /// Draws on the device instead of the CPU, which is faster by far there, and gives other numbers on each kind of device. It
    /// seeds libtorch's own generators.
    /// </summary>
    public bool DrawsOnDevice { get; init; }

    /// <inheritdoc/>
    public Tensor Get(string key, params ReadOnlySpan<long> shape)
    {
        if (config.Text.TieWordEmbeddings && key == WeightKeys.Head)
        {
            key = WeightKeys.Embedding;
        }

        if (!given.TryGetValue(key, out var tensor))
        {
            using var scope = NewDisposeScope();
            given[key] = tensor = Draw(key, shape.ToArray()).to(device ?? CPU).DetachFromDisposeScope();
        }

        return tensor;
    }

    /// <summary>The weight of a key, on the CPU unless it is drawn elsewhere. Owned by the caller.</summary>
    public Tensor Draw(string key, IReadOnlyList<long> shape)
    {
        long[] sizes = [.. shape];
        if (sizes.Length == 1)
        {
            return key.EndsWith("bias", StringComparison.Ordinal) ? zeros(sizes, type) : ones(sizes, type);
        }

        using var scope = NewDisposeScope();
        var deviation = Deviation(key, sizes);
        if (DrawsOnDevice)
        {
            // Generators of TorchSharp are the CPU's: on a device there is its default one.
            random.manual_seed((long)SeedOf(key));
            var drawn = randn(sizes, type, device ?? CPU);
            return (perturbation > 0 ? drawn.add_(randn(sizes, type, device ?? CPU), Scalars.Of(perturbation)) : drawn)
                .mul_(Scalars.Of(deviation)).MoveToOuterDisposeScope();
        }

        using var numbers = new Generator(SeedOf(key));
        using var movement = new Generator(SeedOf($"{key} moved"));
        var weight = empty(sizes, type);
        var flat = weight.view(-1);
        for (long done = 0; done < flat.shape[0]; done += ChunkElements)
        {
            using var chunk = NewDisposeScope();
            var count = Math.Min(ChunkElements, flat.shape[0] - done);
            var values = randn(count, ScalarType.Float32, generator: numbers);
            if (perturbation > 0)
            {
                values.add_(randn(count, ScalarType.Float32, generator: movement), Scalars.Of(perturbation));
            }

            flat.narrow(0, done, count).copy_(values.mul_(Scalars.Of(deviation)));
        }

        return weight.MoveToOuterDisposeScope();
    }

    /// <summary>Frees the tensors that <see cref="Get"/> has returned.</summary>
    public void Dispose()
    {
        foreach (var tensor in given.Values)
        {
            tensor.Dispose();
        }

        given.Clear();
    }

    private double Deviation(string key, long[] shape)
    {
        var isHead = key == WeightKeys.Head || (key == WeightKeys.Embedding && config.Text.TieWordEmbeddings);
        return isHead ? 4 / Math.Sqrt(config.Text.HiddenSize)
            : key == WeightKeys.Embedding ? 1
            : 1 / Math.Sqrt(shape[1..].Aggregate(1.0, (a, b) => a * b));
    }

    private ulong SeedOf(string key) =>
        BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{seed} {key}"))));
}
