using System.Text;

namespace ActivationReplay.Text;

/// <summary>
/// Unicode's normalisation form C (UAX #15) with the data of Unicode 9.0, which is what Hugging Face's tokenizers use.
/// <see cref="string.Normalize(NormalizationForm)"/> will not do: with <c>InvariantGlobalization</c> it returns its
/// input, without it needs ICU, and it composes and reorders characters that Unicode 9.0 did not know.
/// </summary>
internal static class CanonicalComposition
{
    private const char FirstUnstable = '\u0300'; // everything below is in form C as it stands

    /// <summary>The text in form C; the same string where it is so already. Lone surrogates must be gone.</summary>
    public static string Normalize(string text) => IsStable(text) ? text : Compose(Decompose(text));

    private static bool IsStable(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', (char)(FirstUnstable - 1)))
        {
            return true;
        }

        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value >= FirstUnstable && (CanonicalData.IsUnstable(rune.Value) || Hangul.IsVowelOrTail(rune.Value)))
            {
                return false;
            }
        }

        return true;
    }

    private static List<(int Value, byte Class)> Decompose(string text)
    {
        var values = new List<int>(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            if (!Hangul.TryDecompose(rune.Value, values))
            {
                CanonicalData.Decompose(rune.Value, values);
            }
        }

        var parts = values.ConvertAll(value => (value, CanonicalData.ClassOf(value)));
        var run = 0; // the start of a run of combining characters
        for (var index = 0; index <= parts.Count; index++)
        {
            if (index == parts.Count || parts[index].Item2 == 0)
            {
                Reorder(parts, run, index);
                run = index + 1;
            }
        }

        return parts;
    }

    // A stable sort by class, not by insertion: a hostile text may hold a hundred thousand combining characters.
    private static void Reorder(List<(int Value, byte Class)> parts, int start, int end)
    {
        if (end - start > 1)
        {
            var sorted = parts[start..end].OrderBy(part => part.Class).ToArray();
            for (var index = 0; index < sorted.Length; index++)
            {
                parts[start + index] = sorted[index];
            }
        }
    }

    // Each character joins the last starter unless one of its own or a higher class stands between them.
    private static string Compose(List<(int Value, byte Class)> parts)
    {
        var composed = new List<int>(parts.Count);
        var starter = -1; // its index in composed
        var lastClass = -1; // of what was kept since the starter; -1 for nothing
        foreach (var (value, combiningClass) in parts)
        {
            if (starter >= 0 && lastClass < combiningClass && TryCompose(composed[starter], value, out var joined))
            {
                composed[starter] = joined;
                continue;
            }

            if (combiningClass == 0)
            {
                starter = composed.Count;
                lastClass = -1;
            }
            else
            {
                lastClass = combiningClass;
            }

            composed.Add(value);
        }

        var text = new StringBuilder(composed.Count);
        foreach (var value in composed)
        {
            text.Append(new Rune(value));
        }

        return text.ToString();
    }

    private static bool TryCompose(int first, int second, out int joined) =>
        Hangul.TryCompose(first, second, out joined) || CanonicalData.TryCompose(first, second, out joined);
}
