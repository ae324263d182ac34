using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>How a <see cref="StateEdit"/> changes the states at its positions.</summary>
public enum EditKind
{
    /// <summary>Values are added.</summary>
    Add,

    /// <summary>Values take the states' place.</summary>
    Replace,
}

/// <summary>A change to the states entering one decoder layer.</summary>
/// <param name="Layer">The layer whose input changes; L changes what leaves the last layer.</param>
/// <param name="Kind">Add or replace.</param>
/// <param name="Positions">Prompt positions, [n].</param>
/// <param name="Values">[n, D].</param>
public sealed record StateEdit(int Layer, EditKind Kind, IReadOnlyList<int> Positions, Tensor Values);

/// <summary>Plain data that a prefill applies to the hidden states of a prompt. It owns its tensors.</summary>
public sealed class Intervention(IReadOnlyList<StateEdit> edits) : IDisposable
{
    /// <summary>Changes nothing.</summary>
    public static Intervention None { get; } = new([]);

    /// <summary>The changes, applied in order.</summary>
    public IReadOnlyList<StateEdit> Edits { get; } = edits;

    /// <summary>The states entering <paramref name="layer"/>, [B, T, D], as edited.</summary>
    public Tensor Apply(int layer, Tensor hidden)
    {
        foreach (var edit in Edits.Where(e => e.Layer == layer && e.Positions.Count > 0))
        {
            var index = tensor(edit.Positions.Select(p => (long)p).ToArray(), ScalarType.Int64, hidden.device);
            var values = edit.Values.to(hidden.device).to_type(hidden.dtype).unsqueeze(0).expand(hidden.shape[0], -1, -1);
            hidden = edit.Kind == EditKind.Add
                ? hidden.index_add(1, index, values, Scalars.One)
                : hidden.index_copy(1, index, values);
        }

        return hidden;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var edit in Edits)
        {
            edit.Values.Dispose();
        }
    }
}
