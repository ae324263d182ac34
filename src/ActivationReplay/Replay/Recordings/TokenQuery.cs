namespace ActivationReplay.Replay.Recordings;

/// <summary>Top tokens that were asked for: K of them, at some positions of a layer. Equal by content.</summary>
/// <param name="Layer">The recorded layer.</param>
/// <param name="Count">K.</param>
/// <param name="Positions">Prompt positions, [n].</param>
internal sealed record TokenQuery(int Layer, int Count, IReadOnlyList<int> Positions)
{
    public bool Equals(TokenQuery? other) =>
        other is not null && (Layer, Count) == (other.Layer, other.Count) && Positions.SequenceEqual(other.Positions);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Layer);
        hash.Add(Count);
        foreach (var position in Positions)
        {
            hash.Add(position);
        }

        return hash.ToHashCode();
    }
}
