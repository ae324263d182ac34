namespace ActivationReplay.Text;

/// <summary>
/// Byte-pair merging of one word in O(n log n). Microsoft.ML.Tokenizers takes time that grows with the square of a
/// word's length (8 s for 100,000 Chinese characters without punctuation), so that long words come here instead.
/// </summary>
internal sealed class LongWordMerger
{
    private readonly int[] _byteIds = new int[256];
    private readonly Dictionary<(int Left, int Right), (int Rank, int Id)> _merges;

    public LongWordMerger(Dictionary<string, int> vocabulary, List<string> merges)
    {
        for (var value = 0; value < _byteIds.Length; value++)
        {
            _byteIds[value] = vocabulary[ByteLevelAlphabet.All[value].ToString()];
        }

        _merges = new(merges.Count);
        var ids = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var merge in merges)
        {
            var space = merge.IndexOf(' ', StringComparison.Ordinal);
            var pair = (ids[merge.AsSpan(0, space)], ids[merge.AsSpan(space + 1)]);
            _merges[pair] = (_merges.Count, vocabulary[merge.Remove(space, 1)]);
        }
    }

    /// <summary>Appends the ids of a word given as UTF-8: the earliest merge first, of equal ones the leftmost.</summary>
    public void Merge(ReadOnlySpan<byte> word, List<int> ids)
    {
        var symbols = new int[word.Length]; // -1 once merged into the symbol before
        var next = new int[word.Length];
        var previous = new int[word.Length];
        for (var index = 0; index < word.Length; index++)
        {
            symbols[index] = _byteIds[word[index]];
            next[index] = index + 1;
            previous[index] = index - 1;
        }

        var queue = new PriorityQueue<(int Place, int Id), (int Rank, int Place)>();
        for (var index = 0; index < word.Length; index++)
        {
            Enqueue(index);
        }

        while (queue.TryDequeue(out var candidate, out _))
        {
            var (place, id) = candidate;
            var right = next[place];
            if (symbols[place] < 0 || right >= word.Length
                || !_merges.TryGetValue((symbols[place], symbols[right]), out var merge) || merge.Id != id)
            {
                continue; // one of its two symbols has been merged otherwise
            }

            symbols[place] = id;
            symbols[right] = -1;
            next[place] = next[right];
            if (next[place] < word.Length)
            {
                previous[next[place]] = place;
            }

            Enqueue(previous[place]);
            Enqueue(place);
        }

        foreach (var symbol in symbols)
        {
            if (symbol >= 0)
            {
                ids.Add(symbol);
            }
        }

        void Enqueue(int place)
        {
            if (place >= 0 && next[place] < symbols.Length
                && _merges.TryGetValue((symbols[place], symbols[next[place]]), out var merge))
            {
                queue.Enqueue((place, merge.Id), (merge.Rank, place));
            }
        }
    }
}
