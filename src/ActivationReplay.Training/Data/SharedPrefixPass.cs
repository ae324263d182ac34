using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Data;

/// <summary>
/// Pictures with several texts after each, for training: the layers run once over each picture's prefix, then over the
/// texts, whose attention reads the prefix's keys and values. Gradients flow through both.
/// </summary>
internal sealed class SharedPrefixPass : IDisposable
{
    private readonly QwenVlModel model;
    private readonly PrefixRecorder prefix;

    /// <summary>Runs the prefixes.</summary>
    /// <param name="model">The model.</param>
    /// <param name="embedded">h⁰ of the prefixes, [P, Tp, D].</param>
    /// <param name="positions">Their rotary positions, [3, 1, Tp].</param>
    public SharedPrefixPass(QwenVlModel model, Tensor embedded, Tensor positions)
    {
        this.model = model;
        prefix = new PrefixRecorder(model.Layers);
        using var scope = NewDisposeScope();
        var rotary = model.RotaryAt(positions);
        var last = model.Layers - 1;
        var hidden = ForwardPass.Run(model, embedded, rotary, prefix, null, model.Layers);
        model.CacheKeysAndValues(last, hidden, rotary, prefix); // nothing reads the prefix's own output
    }

    /// <summary>States leaving the last layer at the texts' positions, [R, Ts, D].</summary>
    /// <param name="embedded">h⁰ of the texts, [R, Ts, D]; shorter texts are padded at their ends.</param>
    /// <param name="positions">Rotary positions, [3, R, Ts], or [3, 1, Ts] for all texts.</param>
    /// <param name="pictures">The prefix of each text, int64 [R].</param>
    public Tensor Run(Tensor embedded, Tensor positions, Tensor pictures)
    {
        using var scope = NewDisposeScope();
        var context = new SuffixContext(prefix, pictures, embedded.shape[1]);
        return ForwardPass.Run(model, embedded, model.RotaryAt(positions), context, null, model.Layers + 1)
            .MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => prefix.Dispose();

    private sealed class PrefixRecorder(int layers) : AttentionContext, IDisposable
    {
        public Tensor[] Keys { get; } = new Tensor[layers];

        public Tensor[] Values { get; } = new Tensor[layers];

        public override (Tensor Keys, Tensor Values) Extend(int layer, Tensor keys, Tensor values)
        {
            Keys[layer] = keys.DetachFromDisposeScope();
            Values[layer] = values.DetachFromDisposeScope();
            return (keys, values);
        }

        public void Dispose()
        {
            foreach (var side in Keys.Concat(Values))
            {
                side?.Dispose();
            }
        }
    }

    private sealed class SuffixContext : AttentionContext
    {
        private readonly PrefixRecorder prefix;
        private readonly Tensor pictures;

        public SuffixContext(PrefixRecorder prefix, Tensor pictures, long length)
        {
            this.prefix = prefix;
            this.pictures = pictures;
            var (before, type) = (prefix.Keys[0].shape[2], prefix.Keys[0].dtype);
            // All of the prefix, then the text itself up to each position; padding comes after what is read.
            Mask = FusedAttention.CausalMask(length, before + length, type, pictures.device);
        }

        public override Tensor Mask { get; }

        public override (Tensor Keys, Tensor Values) Extend(int layer, Tensor keys, Tensor values) =>
            (cat([prefix.Keys[layer].index_select(0, pictures), keys], 2),
             cat([prefix.Values[layer].index_select(0, pictures), values], 2));
    }
}
