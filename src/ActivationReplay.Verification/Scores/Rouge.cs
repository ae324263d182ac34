namespace ActivationReplay.Verification.Scores;

/// <summary>
/// ROUGE (Lin 2004) between two texts as the scorer of Google Research computes it: words are runs of a to z and 0 to 9 in lower case,
/// those of over three letters stemmed; F is the harmonic mean of precision and recall.
/// </summary>
public static class Rouge
{
    private const int LongestUnstemmed = 3;

    // A longer answer is no answer to a question; tables of the common subsequence stay small.
    private const int MostWords = 4096;

    /// <summary>F of common n-grams, counted with their multiplicity; 0 where a text has none.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="text">What is scored.</param>
    /// <param name="n">Words of an n-gram, from 1.</param>
    public static double N(string reference, string text, int n)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        var (gold, found) = (Grams(Words(reference), n), Grams(Words(text), n));
        var common = gold.Sum(g => Math.Min(g.Value, found.GetValueOrDefault(g.Key)));
        return F(common, gold.Values.Sum(), found.Values.Sum());
    }

    /// <summary>F of the longest common subsequence of words; 0 where a text has none.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="text">What is scored.</param>
    public static double L(string reference, string text)
    {
        var (gold, found) = (Words(reference), Words(text));
        return F(CommonSubsequence(gold, found), gold.Count, found.Count);
    }

    /// <summary>The mean of F of ROUGE-1, ROUGE-2 and ROUGE-L, with which Video-R1 scores free-form answers.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="text">What is scored.</param>
    public static double Mean(string reference, string text) => (N(reference, text, 1) + N(reference, text, 2) + L(reference, text)) / 3;

    internal static List<string> Words(string text)
    {
        var words = new List<string>();
        var lower = text.ToLowerInvariant();
        for (var at = 0; at < lower.Length && words.Count < MostWords; at++)
        {
            var start = at;
            while (at < lower.Length && lower[at] is (>= 'a' and <= 'z') or (>= '0' and <= '9'))
            {
                at++;
            }

            if (at > start)
            {
                var word = lower[start..at];
                words.Add(word.Length > LongestUnstemmed ? PorterStemmer.Stem(word) : word);
            }
        }

        return words;
    }

    private static Dictionary<string, int> Grams(List<string> words, int n) =>
        Enumerable.Range(0, Math.Max(0, words.Count - n + 1))
            .Select(i => string.Join(' ', words.GetRange(i, n)))
            .CountBy(g => g, StringComparer.Ordinal)
            .ToDictionary(StringComparer.Ordinal);

    private static int CommonSubsequence(List<string> first, List<string> second)
    {
        var row = new int[second.Count + 1];
        foreach (var word in first)
        {
            var diagonal = 0;
            for (var j = 1; j <= second.Count; j++)
            {
                var above = row[j];
                row[j] = word == second[j - 1] ? diagonal + 1 : Math.Max(above, row[j - 1]);
                diagonal = above;
            }
        }

        return row[^1];
    }

    private static double F(int common, int gold, int found)
    {
        if (common == 0)
        {
            return 0;
        }

        var (precision, recall) = ((double)common / found, (double)common / gold);
        return 2 * precision * recall / (precision + recall);
    }
}
