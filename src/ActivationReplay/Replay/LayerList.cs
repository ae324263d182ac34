using System.Collections;

namespace ActivationReplay.Replay;

/// <summary>Layers, equal by value, so that settings are.</summary>
internal sealed class LayerList(IEnumerable<int> layers) : IReadOnlyList<int>, IEquatable<LayerList>
{
    private readonly int[] layers = [.. layers];

    public int Count => layers.Length;

    public int this[int index] => layers[index];

    public bool Equals(LayerList? other) => other is not null && layers.AsSpan().SequenceEqual(other.layers);

    public override bool Equals(object? obj) => Equals(obj as LayerList);

    public override int GetHashCode() => layers.Aggregate(0, HashCode.Combine);

    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)layers).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
