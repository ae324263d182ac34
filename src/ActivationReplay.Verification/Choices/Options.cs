using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ActivationReplay.Verification.Equality;
using ActivationReplay.Verification.Terms;

namespace ActivationReplay.Verification.Choices;

/// <summary>The options of a multiple choice, and which of them a text names by an option's words or value.</summary>
internal sealed partial class Options
{
    private readonly List<Option> options;
    private readonly TermEquality equality = new(EqualityOptions.Default);

    /// <summary>Takes the options' texts by letter, in order.</summary>
    public Options(IReadOnlyDictionary<string, string> choices)
    {
        var texts = choices.Where(c => !string.IsNullOrWhiteSpace(c.Key)).Select(c => (Key: c.Key.Trim().ToUpperInvariant(), Text: Trimmed(c.Key.Trim(), c.Value))).ToList();
        CountsThings = texts.Exists(t => WholeNumber().IsMatch(ChoiceText.WithDigits(t.Text)));
        if (CountsThings)
        {
            texts = [.. texts.Select(t => (t.Key, ChoiceText.WithDigits(t.Text)))];
        }

        // "the cat" is named by "a cat", unless that is another option.
        var bare = texts.Select(t => Article().Replace(t.Text, "")).ToList();
        if (bare.Distinct(StringComparer.OrdinalIgnoreCase).Count() == texts.Count)
        {
            texts = [.. texts.Zip(bare, (t, b) => (t.Key, b))];
        }

        options = [.. texts.Zip(choices.Where(c => !string.IsNullOrWhiteSpace(c.Key)), (t, c) => Option.Of(t.Key, t.Text, Value(c.Value), choices.ContainsKey))];
        HaveTexts = !options.TrueForAll(o => o.Text.Length == 0 || Regex.IsMatch(o.Text, $@"^(?:[\p{{L}}]+\s+)?\(?{Regex.Escape(o.Key)}\)?\z", RegexOptions.IgnoreCase, Option.Patience));
    }

    private Options(IEnumerable<string> keys) =>
        options = [.. keys.Select(k => new Option(k, "", null, null))];

    /// <summary>Options that are drawn in the picture, by letters A to Z.</summary>
    public static Options Lettered { get; } = new(Enumerable.Range('A', 26).Select(c => ((char)c).ToString()));

    /// <summary>Options that are drawn in the picture, by numbers.</summary>
    public static Options Numbered { get; } = new(Enumerable.Range(0, 100).Select(n => n.ToString(CultureInfo.InvariantCulture))) { AreNumbers = true };

    /// <summary>Whether labels are numbers, not letters.</summary>
    public bool AreNumbers { get; private init; }

    /// <summary>Whether the options have texts; otherwise they are drawn in the picture, and "point B" is option B.</summary>
    public bool HaveTexts { get; }

    /// <summary>Whether an option begins with a whole number, so that "eight" may name it.</summary>
    public bool CountsThings { get; }

    /// <summary>Whether these are all options.</summary>
    public bool AreAll(IReadOnlyCollection<string> keys) => options.TrueForAll(o => keys.Contains(o.Key));

    /// <summary>The other options' keys.</summary>
    public IReadOnlyList<string> Except(IReadOnlySet<string> keys) => [.. options.Select(o => o.Key).Where(k => !keys.Contains(k))];

    public bool Has(string key) => options.Exists(o => o.Key == key);

    /// <summary>The option whose text is this, apart from case, marks and punctuation; null if none or several are.</summary>
    public string? ByText(string plain)
    {
        var trimmed = Article().Replace(plain.Replace("$", "", StringComparison.Ordinal).Trim(s_ends), "");
        return trimmed.Length == 0 ? null : Only(options.Where(o => o.Is(trimmed)).Select(o => o.Key));
    }

    /// <summary>The option with this value; null if none or several have it.</summary>
    public string? ByValue(Term? value) => value is null or Symbol
        ? null
        : Only(options.Where(o => o.Value is { } v && equality.AreEqual(v, value)).Select(o => o.Key));

    /// <summary>The mentions of options by their texts, in order; of nested ones the longest.</summary>
    public IReadOnlyList<Mention> Places(string plain)
    {
        var places = options.SelectMany(o => o.Places(plain)).ToList();
        return [.. places.Where(p => !places.Exists(q => q.Start <= p.Start && q.End >= p.End && q.End - q.Start > p.End - p.Start)).OrderBy(p => p.Start)];
    }

    /// <summary>Whether the text of one option is a part of another's: "cat" of "black cat".</summary>
    public bool IsPart(string key, string of) => key != of && options.Find(o => o.Key == key) is { Text.Length: > 0 } part
        && options.Find(o => o.Key == of) is { } whole && whole.Text.Length > part.Text.Length && part.Places(whole.Text).Any();

    /// <summary>Whether the text of an option occurs at an index.</summary>
    public bool IsAt(string key, string plain, int place) =>
        options.Find(o => o.Key == key)?.Pattern?.Match(plain, place) is { Success: true } match && match.Index == place;

    /// <summary>Whether a word is a word of an option's text.</summary>
    public bool Says(string key, string word) => options.Find(o => o.Key == key) is { } option && option.Text.Contains(word, StringComparison.OrdinalIgnoreCase);

    // A unit in signs of a script without spaces is none that is read.
    private static Term? Value(string text) => MathAnswers.Read(UnitInSigns().Replace(text, "${number}"));

    // Data sets may write the letter before the text: "A. 12 cm".
    private static string Trimmed(string key, string text)
    {
        var plain = ChoiceText.Plain(text).Replace("$", "", StringComparison.Ordinal).Trim(s_ends);
        var own = new Regex($@"^\(?{Regex.Escape(key)}[).:]\s*(?=\S)", RegexOptions.IgnoreCase, Option.Patience);
        return own.Replace(plain, "");
    }

    private static string? Only(IEnumerable<string> keys) => keys.Distinct().Take(2).ToList() is [var only] ? only : null;

    private static readonly char[] s_ends = [' ', '\n', '.', ',', ';', ':', '!', '\'', '"', '“', '”', '。', '，', '、'];

    [GeneratedRegex(@"^\d+(?![.\d])")]
    private static partial Regex WholeNumber();

    [GeneratedRegex(@"^\s*(?<number>-?\d+(?:\.\d+)?)\s*[\p{IsCJKUnifiedIdeographs}\p{IsHangulSyllables}]{1,4}\s*\z")]
    private static partial Regex UnitInSigns();

    [GeneratedRegex(@"^(?:the|an?)\s+(?=\S{2})", RegexOptions.IgnoreCase)]
    private static partial Regex Article();

    /// <summary>An option with what names it.</summary>
    private sealed partial record Option(string Key, string Text, Regex? Pattern, Term? Value)
    {
        /// <summary>The longest time of a search in one text.</summary>
        public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

        private const int LongestName = 400;

        private const string Latin = @"[\p{IsBasicLatin}\p{IsLatin-1Supplement}\p{IsLatinExtended-A}-[\W]]";

        // Letters of scripts that part words, and digits.
        private const string Spaced = @"[\p{L}\d_-[\p{IsCJKUnifiedIdeographs}\p{IsHiragana}\p{IsKatakana}\p{IsHangulSyllables}]]";

        public static Option Of(string key, string text, Term? value, Func<string, bool> isKey)
        {
            // A single letter that is also an option's is read as that option.
            var isLetter = text is [>= 'A' and <= 'Z' or >= 'a' and <= 'z'];
            var pattern = text.Length is 0 or > LongestName || (isLetter && isKey(text.ToUpperInvariant())) ? null
                : IsAll(NoneOfThese(), text) ? NoneOfThese()
                : IsAll(AllOfThese(), text) ? AllOfThese()
                : new Regex(Around(text, Body(text)), isLetter ? RegexOptions.None : RegexOptions.IgnoreCase, Patience);
            return new Option(key, text, pattern, value);
        }

        public bool Is(string trimmed) => string.Equals(trimmed, Text, StringComparison.OrdinalIgnoreCase)
            || (Pattern is { } pattern && trimmed.Length <= LongestName && IsAll(pattern, trimmed));

        public IEnumerable<Mention> Places(string plain) => Pattern is null ? []
            : Pattern.Matches(plain).Select(m => new Mention(m.Index, m.Index + m.Length, Key, MentionForm.Words));

        // Spaces and marks of formulas may stand where a number meets a unit, or be left out.
        private static string Body(string text)
        {
            var body = new StringBuilder();
            for (var i = 0; i < text.Length; i++)
            {
                var c = text[i];
                if (char.IsWhiteSpace(c))
                {
                    var glued = i > 0 && i + 1 < text.Length && IsGlued(text[i - 1], text[i + 1]);
                    body.Append(glued ? @"[\s$]*" : @"[\s$]+");
                    continue;
                }

                if (i > 0 && IsGlued(text[i - 1], c))
                {
                    body.Append(@"[\s$]*");
                }

                body.Append(c is '-' or '−' or '–' ? "[-−–]" : c is '\'' or '’' ? "['’]" : Regex.Escape(c.ToString()));
            }

            return body.ToString();
        }

        private static bool IsGlued(char before, char after) =>
            (char.IsAsciiDigit(before) && (char.IsLetter(after) || after is '°' or '%')) || before is '°' || after is '°';

        // No part of a longer word or number; in scripts without spaces a word of one sign stands free or before a few others.
        private static string Around(string text, string body)
        {
            var start = char.IsAsciiDigit(text[0]) ? $@"(?<!{Spaced}|\d[.,/:]|[-−])" : IsLatin(text[0]) ? $@"(?<!{Latin}|\\)" : "";
            var end = char.IsAsciiDigit(text[^1]) ? $@"(?!{Spaced}|[.,/:]\d|\s?[-−^]\d)" : IsLatin(text[^1]) ? $@"(?!{Latin}|[²³^]|-\p{{L}})" : "";
            if (text.Length == 1 && char.IsLetter(text[0]) && !IsLatin(text[0]))
            {
                (start, end) = (@"(?<![\p{L}-[是为為有在向往朝选選答个個只条條]])", @"(?![\p{L}-[的了吧呢啊色边邊侧側面方です입이은는을]])");
            }

            return text switch
            {
                // "no dogs" says no option, "No." does; a picture has a right side, and an answer is right.
                _ when text.Equals("no", StringComparison.OrdinalIgnoreCase) => start + body + @"(?=\W*$|\s*[.,;:!)\n—–])",
                _ when text.Equals("right", StringComparison.OrdinalIgnoreCase) => start + body + @"(?!\s+(?:answer|option|choice|one|solution|now)\b)" + end,
                _ when text is "I" => start + body + @"(?!['’]|\s+(?:think|believe|see|would|can|could|am|will|have|need|choose|pick|select|guess|know|was|first|do|don|am|think|agree|conclude|say|suspect|looked|count|counted)\b)" + end,
                _ => start + body + end,
            };
        }

        private static bool IsAll(Regex pattern, string text) => pattern.Match(text) is { Success: true } match && match.Length == text.Length;

        private static bool IsLatin(char c) => char.IsLetter(c) && c < '\u0250';

        [GeneratedRegex(@"\bnone (?:of )?(?:the |these |those )?(?:above|options|choices|answers|given|listed|others?|these|those|them)\b(?: (?:given|listed|options|choices|answers|above|ones)\b)*|以上(?:选项|選項)?(?:都|皆|均)(?:不|非)(?:是|对|對|正确|正確)?", RegexOptions.IgnoreCase)]
        private static partial Regex NoneOfThese();

        [GeneratedRegex(@"\ball (?:of )?(?:the )?above\b|\ball of (?:these|those|them)\b|\ball (?:of )?(?:the |these )?(?:options|choices|answers|statements)(?= (?:are|is) (?:correct|right|true))|以上(?:选项|選項)?(?:都|皆|均|全)(?:是|对|對|正确|正確)", RegexOptions.IgnoreCase)]
        private static partial Regex AllOfThese();
    }
}
