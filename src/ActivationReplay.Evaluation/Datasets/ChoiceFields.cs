using ActivationReplay.Verification;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>The options of a question as a data set gives them, and the letter that its answer refers to.</summary>
/// <param name="ByLetter">The options' texts by letter, in order.</param>
/// <param name="IsList">
/// Whether the file gives a list, without letters of its own; then an answer that is a letter and also an option's text is
/// ambiguous.
/// </param>
internal sealed record ChoiceFields(IReadOnlyDictionary<string, string> ByLetter, bool IsList)
{
    /// <summary>
    /// Whether a whole number as the answer may be the index of an option, from 0, as in label columns of Hugging Face.
    /// </summary>
    public bool HasIndices { get; init; }

    public const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    /// <summary>Options from a list; null for an empty one, since the question is open.</summary>
    /// <exception cref="FormatException">There are more options than letters.</exception>
    public static ChoiceFields? FromList(IReadOnlyList<string> options, bool hasPlaces = true)
    {
        if (options.Count > Letters.Length)
        {
            throw new FormatException($"{options.Count} options; at most {Letters.Length} have letters");
        }

        // "A. red" beside "B. blue" has its letter already.
        if (options.Count > 1 && options.Index().All(o => o.Item.TrimStart() is [var letter, '.' or ')' or ':', ..] && letter == Letters[o.Index]))
        {
            return FromLetters(options.Select(o => (o.TrimStart()[..1], o.TrimStart()[2..].Trim())));
        }

        return options.Count == 0
            ? null
            : new ChoiceFields(Ordered(options.Index().Select(o => (Letters[o.Index].ToString(), o.Item))), IsList: true) { HasIndices = hasPlaces };
    }

    /// <summary>Options whose letters the file gives; null if there are none.</summary>
    public static ChoiceFields? FromLetters(IEnumerable<(string Letter, string Text)> options)
    {
        var ordered = Ordered(options);
        return ordered.Count == 0 ? null : new ChoiceFields(ordered, IsList: false);
    }

    /// <summary>The letter of the right option, or of several, as <c>A, C</c>, given the answer as the file has it.</summary>
    /// <exception cref="FormatException">The answer matches no option, or could mean several; it is never guessed.</exception>
    public string Letter(string answer, bool isNumber)
    {
        var trimmed = answer.Trim();
        var letter = ByLetter.Keys.FirstOrDefault(k => k == trimmed);
        if (letter is not null && !IsList)
        {
            return letter;
        }

        var meant = ByLetter.Where(c => c.Value.Trim() == trimmed).Select(c => c.Key).ToHashSet();
        if (letter is not null)
        {
            meant.Add(letter);
        }

        if (HasIndices && isNumber && int.TryParse(trimmed, out var index) && index >= 0 && index < ByLetter.Count)
        {
            meant.Add(ByLetter.Keys.ElementAt(index));
        }

        if (meant.Count == 0 && ByLetter.Keys.FirstOrDefault(k => IsLetter(k, trimmed)) is { } loose)
        {
            meant.Add(loose);
        }

        // Several are right.
        if (meant.Count == 0 && ChoiceLabels.Parse(trimmed, isDeclared: true) is { Count: > 1 } several && several.All(ByLetter.ContainsKey))
        {
            return string.Join(", ", several);
        }

        return meant.Count switch
        {
            1 => meant.Single(),
            0 => throw new FormatException($"the answer '{Shown(trimmed)}' is no option; the letters are {string.Join(", ", ByLetter.Keys)}"),
            _ => throw new FormatException($"the answer '{Shown(trimmed)}' could be any of {string.Join(", ", meant.Order())}; write the letter"),
        };
    }

    // b, (B) and B. are letters, too, where nothing else fits.
    private static bool IsLetter(string letter, string answer) =>
        answer.TrimStart('(').TrimEnd(')', '.').Equals(letter, StringComparison.OrdinalIgnoreCase);

    private static string Shown(string text) => text.Length <= 40 ? text : text[..40] + "…";

    private static OrderedDictionary<string, string> Ordered(IEnumerable<(string Letter, string Text)> options)
    {
        var ordered = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (letter, text) in options)
        {
            if (!ordered.TryAdd(letter, text))
            {
                throw new FormatException($"the option {letter} stands there twice");
            }
        }

        return ordered;
    }
}
