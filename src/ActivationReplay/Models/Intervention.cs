using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>How a <see cref="StateEdit"/> changes the hidden states at its positions.</summary>
public enum EditKind
{
    /// <summary>The values are added to the states.</summary>
    Add,

    /// <summary>The values replace the states.</summary>
    Replace,
}

/// <summary>A change of the hidden states entering one decoder layer.</summary>
/// <param name="Layer">The layer whose input changes, from 0; L changes the output of the last layer.</param>
/// <param name="Kind">Whether the values are added or replace the states.</param>
/// <param name="Positions">The n prompt positions that change.</param>
/// <param name="Values">The values at these positions, [n, D], of any device and type. Owned.</param>
public sealed record StateEdit(int Layer, EditKind Kind, IReadOnlyList<int> Positions, Tensor Values);

/// <summary>The edits that a prefill applies to the hidden states of a prompt, as plain data. It owns their tensors.</summary>
public sealed class Intervention(IReadOnlyList<StateEdit> edits) : IDisposable
{
    /// <summary>The intervention that changes nothing.</summary>
    public static Intervention None { get; } = new([]);

    /// <summary>The edits, applied in order.</summary>
    public IReadOnlyList<StateEdit> Edits { get; } = edits;

    /// <summary>
    /// Applies the edits of <paramref name="layer"/> to the states entering it, [B, T, D]; returns the states themselves if there
    /// are none.
    /// </summary>
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

    /// <summary>The edits from a position on, for a pass that begins there. To be disposed by the caller, beside this one.</summary>
    /// <param name="first">The position that the pass begins with.</param>
    internal Intervention From(int first)
    {
        using var scope = NewDisposeScope();
        return new Intervention([.. Edits.Select(e =>
        {
            int[] rows = [.. Enumerable.Range(0, e.Positions.Count).Where(i => e.Positions[i] >= first)];
            var index = tensor(rows.Select(r => (long)r).ToArray(), ScalarType.Int64, e.Values.device);
            return e with
            {
                Positions = [.. rows.Select(r => e.Positions[r] - first)],
                Values = e.Values.index_select(0, index).DetachFromDisposeScope(),
            };
        })]);
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
