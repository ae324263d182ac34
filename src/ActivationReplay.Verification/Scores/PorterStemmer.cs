namespace ActivationReplay.Verification.Scores;

/// <summary>
/// Stems English words as the ROUGE scorer of Google Research does, which takes NLTK's stemmer: Porter (1980), "An algorithm for suffix
/// stripping", with NLTK's extensions (short words stay, <c>dies</c> and <c>died</c> keep <c>ie</c>, a few irregular forms).
/// </summary>
internal static class PorterStemmer
{
    // What is longer is no word, and would take time by the square of its length.
    private const int LongestWord = 100;

    private static readonly Dictionary<string, string> s_irregular = new(StringComparer.Ordinal)
    {
        ["sky"] = "sky",
        ["skies"] = "sky",
        ["dying"] = "die",
        ["lying"] = "lie",
        ["tying"] = "tie",
        ["news"] = "news",
        ["inning"] = "inning",
        ["innings"] = "inning",
        ["outing"] = "outing",
        ["outings"] = "outing",
        ["canning"] = "canning",
        ["cannings"] = "canning",
        ["howe"] = "howe",
        ["proceed"] = "proceed",
        ["exceed"] = "exceed",
        ["succeed"] = "succeed",
    };

    private static readonly (string Suffix, string By)[] s_doubled =
    [
        ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"), ("bli", "ble"), ("alli", "al"),
        ("entli", "ent"), ("eli", "e"), ("ousli", "ous"), ("ization", "ize"), ("ation", "ate"), ("ator", "ate"), ("alism", "al"),
        ("iveness", "ive"), ("fulness", "ful"), ("ousness", "ous"), ("aliti", "al"), ("iviti", "ive"), ("biliti", "ble"), ("fulli", "ful"),
    ];

    private static readonly (string Suffix, string By)[] s_derived =
        [("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", "")];

    private static readonly string[] s_last =
    [
        "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate", "iti", "ous", "ive", "ize",
    ];

    /// <summary>The stem of a word in lower case.</summary>
    public static string Stem(string word) =>
        s_irregular.TryGetValue(word, out var form) ? form
        : word.Length is <= 2 or > LongestWord ? word
        : WithoutLastE(WithoutEnding(WithoutDerivation(WithoutDouble(WithI(WithoutPast(WithoutPlural(word)))))));

    // Step 1a.
    private static string WithoutPlural(string word) =>
        word.Length == 4 && word.EndsWith("ies", StringComparison.Ordinal) ? word[..^1]
        : word.EndsWith("sses", StringComparison.Ordinal) || word.EndsWith("ies", StringComparison.Ordinal) ? word[..^2]
        : word.EndsWith("ss", StringComparison.Ordinal) || !word.EndsWith('s') ? word
        : word[..^1];

    // Step 1b.
    private static string WithoutPast(string word)
    {
        if (word.EndsWith("ied", StringComparison.Ordinal))
        {
            return word.Length == 4 ? word[..^1] : word[..^2];
        }

        if (word.EndsWith("eed", StringComparison.Ordinal))
        {
            return Measure(word.AsSpan(0, word.Length - 3)) > 0 ? word[..^1] : word;
        }

        var cut = word.EndsWith("ed", StringComparison.Ordinal) ? 2 : word.EndsWith("ing", StringComparison.Ordinal) ? 3 : 0;
        if (cut == 0 || !HasVowel(word.AsSpan(0, word.Length - cut)))
        {
            return word;
        }

        var stem = word[..^cut];
        return stem.EndsWith("at", StringComparison.Ordinal) || stem.EndsWith("bl", StringComparison.Ordinal) || stem.EndsWith("iz", StringComparison.Ordinal)
            ? stem + "e"
            : EndsInDouble(stem) ? stem[^1] is 'l' or 's' or 'z' ? stem : stem[..^1]
            : Measure(stem) == 1 && EndsShort(stem) ? stem + "e"
            : stem;
    }

    // Step 1c.
    private static string WithI(string word) =>
        word.EndsWith('y') && word.Length > 2 && IsConsonant(word, word.Length - 2) ? word[..^1] + "i" : word;

    // Step 2.
    private static string WithoutDouble(string word) =>
        word.EndsWith("alli", StringComparison.Ordinal) && Measure(word.AsSpan(0, word.Length - 4)) > 0 ? WithoutDouble(word[..^2])
        : Array.Find(s_doubled, r => word.EndsWith(r.Suffix, StringComparison.Ordinal)) is { Suffix: { } suffix, By: var by } ? Replaced(word, suffix, by)
        : word.EndsWith("logi", StringComparison.Ordinal) && Measure(word.AsSpan(0, word.Length - 3)) > 0 ? word[..^1]
        : word;

    // Step 3.
    private static string WithoutDerivation(string word) =>
        Array.Find(s_derived, r => word.EndsWith(r.Suffix, StringComparison.Ordinal)) is { Suffix: { } suffix, By: var by } ? Replaced(word, suffix, by) : word;

    // Step 4.
    private static string WithoutEnding(string word) =>
        Array.Find(s_last, s => word.EndsWith(s, StringComparison.Ordinal)) is { } suffix
            && word[..^suffix.Length] is var stem && Measure(stem) > 1 && (suffix != "ion" || stem[^1] is 's' or 't')
            ? stem
            : word;

    // Steps 5a and 5b.
    private static string WithoutLastE(string word)
    {
        var stem = word.EndsWith('e') && Measure(word.AsSpan(0, word.Length - 1)) is var measure
            && (measure > 1 || (measure == 1 && !EndsShort(word[..^1])))
            ? word[..^1]
            : word;
        return stem.EndsWith("ll", StringComparison.Ordinal) && Measure(stem.AsSpan(0, stem.Length - 1)) > 1 ? stem[..^1] : stem;
    }

    private static string Replaced(string word, string suffix, string by) =>
        word[..^suffix.Length] is var stem && Measure(stem) > 0 ? stem + by : word;

    // m of [C](VC)^m[V]: how often a consonant follows a vowel.
    private static int Measure(ReadOnlySpan<char> stem)
    {
        var (count, wasVowel) = (0, false);
        for (var i = 0; i < stem.Length; i++)
        {
            var isConsonant = IsConsonant(stem, i);
            count += isConsonant && wasVowel ? 1 : 0;
            wasVowel = !isConsonant;
        }

        return count;
    }

    private static bool HasVowel(ReadOnlySpan<char> stem)
    {
        for (var i = 0; i < stem.Length; i++)
        {
            if (!IsConsonant(stem, i))
            {
                return true;
            }
        }

        return false;
    }

    private static bool EndsInDouble(string stem) =>
        stem.Length >= 2 && stem[^1] == stem[^2] && IsConsonant(stem, stem.Length - 1);

    // Consonant, vowel, consonant, the last of them no w, x or y; of two letters vowel and consonant.
    private static bool EndsShort(string stem) => stem.Length switch
    {
        0 or 1 => false,
        2 => !IsConsonant(stem, 0) && IsConsonant(stem, 1),
        var length => IsConsonant(stem, length - 3) && !IsConsonant(stem, length - 2) && IsConsonant(stem, length - 1)
            && stem[^1] is not ('w' or 'x' or 'y'),
    };

    // A y after a consonant is a vowel.
    private static bool IsConsonant(ReadOnlySpan<char> word, int at) => word[at] switch
    {
        'a' or 'e' or 'i' or 'o' or 'u' => false,
        'y' => at == 0 || !IsConsonant(word, at - 1),
        _ => true,
    };
}
