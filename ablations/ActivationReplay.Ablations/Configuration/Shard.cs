using System.Globalization;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>Part i of n of a data set's batches.</summary>
/// <param name="Index">From 1.</param>
/// <param name="Count">How many parts.</param>
public readonly record struct Shard(int Index, int Count)
{
    /// <summary>Reads <c>I/N</c>.</summary>
    /// <exception cref="ArgumentException">It is of another form.</exception>
    public static Shard Parse(string text) =>
        text.Split('/') is [var i, var n]
        && int.TryParse(i, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
        && int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
        && index >= 1 && index <= count
            ? new Shard(index, count)
            : throw new ArgumentException($"--shard {text}: allowed is I/N with 1 ≤ I ≤ N, for example 1/4.");

    /// <summary>Whether the batch of a number, from 0, belongs to this part.</summary>
    public bool Has(int batch) => batch % Count == Index - 1;

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Index}/{Count}");
}
