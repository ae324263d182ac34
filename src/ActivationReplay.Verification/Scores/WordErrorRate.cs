namespace ActivationReplay.Verification.Scores;

/// <summary>
/// Word error rate: the fewest words to insert, delete or replace (Levenshtein 1966) that make a text the reference, over the words
/// of the reference. Words are what stands between white space, and compared as they are.
/// </summary>
public static class WordErrorRate
{
    // A longer transcript is beyond any frame.
    private const int MostWords = 4096;

    /// <summary>The rate, from 0; over 1 where the text has more errors than the reference has words.</summary>
    /// <param name="reference">The reference; without a word, the errors are counted as over one.</param>
    /// <param name="text">What is scored.</param>
    public static double Of(string reference, string text)
    {
        var (gold, found) = (Words(reference), Words(text));
        int[] row = [.. Enumerable.Range(0, found.Length + 1)];
        for (var i = 1; i <= gold.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= found.Length; j++)
            {
                var above = row[j];
                row[j] = gold[i - 1] == found[j - 1] ? diagonal : 1 + Math.Min(diagonal, Math.Min(above, row[j - 1]));
                diagonal = above;
            }
        }

        return (double)row[^1] / Math.Max(1, gold.Length);
    }

    private static string[] Words(string text) =>
        [.. text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Take(MostWords)];
}
