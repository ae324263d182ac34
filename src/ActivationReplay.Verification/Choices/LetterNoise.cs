using System.Text.RegularExpressions;

namespace ActivationReplay.Verification.Choices;

/// <summary>How likely it is that a letter does not name an option.</summary>
internal enum Noise
{
    /// <summary>Nothing suggests another meaning.</summary>
    None,

    /// <summary>A neighbouring word makes it doubtful: it counts only where an answer is stated.</summary>
    Possible,

    /// <summary>It has another meaning.</summary>
    Certain,
}

/// <summary>
/// Tells options' letters from articles, pronouns, units, grades, initials, parts of formulas, and names of points, vitamins or plans. A letter
/// after a noun is that noun's name ("lamp B"), so what may stand before an option is listed, not what may not.
/// </summary>
internal static partial class LetterNoise
{
    /// <summary>Judges a letter without brackets by the plain text before and after it.</summary>
    public static Noise Of(string before, string after, string letter, Options options)
    {
        if (RangeBefore().IsMatch(before) || RangeAfter().IsMatch(after) || OperatorAfter().IsMatch(after)
            || (OperatorBefore().IsMatch(before) && !Arrow().IsMatch(before)) || NotThere().IsMatch(before + letter + after))
        {
            return Noise.Certain;
        }

        if (options.AreNumbers)
        {
            return Noise.None;
        }

        if (QuantityBefore().IsMatch(before) || AlwaysNamed().IsMatch(before) || (options.HaveTexts ? ChineseNameAfter() : ChineseTypeAfter()).IsMatch(after))
        {
            return Noise.Certain;
        }

        // Where the answer is stated, the word before may be of a language that is not listed.
        var isNamed = options.HaveTexts && NamedBefore(before);
        if (EndsThere(after))
        {
            return isNamed ? Noise.Possible : Noise.None;
        }

        var next = NextWord().Match(after).Groups["word"].Value;
        var follows = FollowsAnOption().IsMatch(after);
        if (!options.HaveTexts && letter is not ("A" or "I") && (FigureBefore().IsMatch(before) || NamedBefore(before)))
        {
            return Noise.None;
        }

        var noise = letter switch
        {
            "A" => follows && !ArticleAfter().IsMatch(after) ? Noise.None : next.Length > 0 && char.IsUpper(next[0]) && options.Says("A", next) ? Noise.None
                : OwnNumber(after) is { } number && options.Says("A", number) ? Noise.None : Noise.Certain,
            "I" => follows && !PronounAfter().IsMatch(after) ? Noise.None : Noise.Certain,
            _ => follows || next.Length == 0 || options.Says(letter.ToUpperInvariant(), next) ? Noise.None : Noise.Possible,
        };
        return isNamed && noise == Noise.None ? Noise.Possible : noise;
    }

    /// <summary>Whether a letter ends a phrase: punctuation follows, a line's end, or a sign of a script without spaces.</summary>
    public static bool EndsThere(string after) => End().IsMatch(after);

    /// <summary>Whether a letter in parentheses is a function's argument, or the symbol of the word before: "carbon (C)".</summary>
    public static bool IsGloss(string before, string key, Options options) =>
        FunctionBefore().IsMatch(before) || (SymbolBefore().Match(before) is { Success: true } match && !options.Says(key, match.Groups["word"].Value));

    private static bool NamedBefore(string before)
    {
        if (ChineseNameBefore().IsMatch(before))
        {
            return true;
        }

        var word = PreviousWord().Match(before);
        return word.Success && !MayPrecede().IsMatch(before);
    }

    private static string? OwnNumber(string after) => FirstNumber().Match(after) is { Success: true } match ? match.Groups["number"].Value : null;

    [GeneratedRegex(@"\b[A-Z]\)?\s?(?:[-–—~]|to|through)\s?\(?\z")]
    private static partial Regex RangeBefore();

    [GeneratedRegex(@"^\)?\s?(?:[-–—~]|to|through)\s?\(?[A-Z]\b(?!['’.]\w)")]
    private static partial Regex RangeAfter();

    [GeneratedRegex(@"^(?:\s*(?:[<^_]|=(?!>)|[+*×÷](?!\*))|[+\-−](?=[\s.,;:)]|$)|[-–—~/][\p{L}\d]{2}|[-–—~]\p{L}|\(\s*[-−\d]|\s\(\s*[-−]?[\d.]+\s*[,;]|['’]\p{L}|\.\p{L}\b|\s*°)")]
    private static partial Regex OperatorAfter();

    [GeneratedRegex(@"(?:[=+*×·÷<>^_∠△⊥∥|]\s*|(?<![A-Za-z])/\s*|[A-Za-z]{2}/|[\p{L}\d]-|[-−]|\p{L}\.)\z")]
    private static partial Regex OperatorBefore();

    [GeneratedRegex(@"(?:[=-]>|>>|[→⇒➜]|\b(?:answer|option|choice)\s*=)\s*\z|(?:^|\s)[-–—]\s*\z", RegexOptions.IgnoreCase)]
    private static partial Regex Arrow();

    [GeneratedRegex(@"\b[Nn]/[Aa]\b|\b[Qq]\s?&\s?A\b")]
    private static partial Regex NotThere();

    [GeneratedRegex(@"(?:\d|°|\bdegrees?)\s*\z", RegexOptions.IgnoreCase)]
    private static partial Regex QuantityBefore();

    [GeneratedRegex(@"\b(?:vitamins?|hepatitis|plan|grade|type|blood|degrees?|celsius|influenza|schedule|exhibit)\s+\z|(?:维生素|維生素|ビタミン|비타민)\s*\z", RegexOptions.IgnoreCase)]
    private static partial Regex AlwaysNamed();

    [GeneratedRegex(@"(?:点|點|角|边|邊|线|線|线段|線段|顶点|頂点|维生素|維生素|ビタミン|비타민|점|각|组|組|队|班|区|物体|物质|元素|字母|弧|圆|地|站|方案|形|灯|球|车|人|村|城|校|面|杯|瓶|盒)\s*\z")]
    private static partial Regex ChineseNameBefore();

    [GeneratedRegex(@"^\s?(?:点(?!是(?:正确|答案))|點|角|型|超|股|组|站|地|处|车|物|球|同学|盘|端|极|队|班|灯|杯|面|점(?!수)|각)")]
    private static partial Regex ChineseNameAfter();

    [GeneratedRegex(@"^\s?(?:型|超|股)")]
    private static partial Regex ChineseTypeAfter();

    [GeneratedRegex(@"(?<word>[\p{L}'’]+)[ ""“'$]*\(?\z")]
    private static partial Regex PreviousWord();

    [GeneratedRegex(
        @"(?:[\p{IsCJKUnifiedIdeographs}\p{IsHiragana}\p{IsKatakana}\p{IsHangulSyllables}]\s*|\b(?:[\p{L}]+ly|[\p{L}]+n['’]t|(?:it|that|this|here|what|he|she|answer|there|one)['’]?s|is|are|was|were|be|being|been|am|so|thus|hence|therefore|then|accordingly|choos(?:e|es|ing)|chose|chosen|pick(?:s|ed|ing)?|select(?:s|ed|ing)?|tak(?:e|es|ing)|took|prefer|say(?:s|ing)?|guess|think|thought|believe|suspect|conclude|vote|go|going|went|with|for|than|as|like|but|and|or|nor|not|never|neither|either|both|only|just|because|since|while|whereas|if|unless|when|that|which|versus|vs\.?|over|(?:instead|regardless|favou?r|none|out)\s+of|(?:points?|leads?|corresponds?|down|equals?|amounts?|refers?|closer|closest|due|according|stick|back)\s+to|(?:ruled?|rules|ruling|cross(?:ed|es|ing)?)\s+out|out|exclud\w+|eliminat\w+|reject\w*|discard\w*|dismiss\w*|ignor\w+|remov\w+|makes?|leaves?|leaving|left|gives?|means?|implies|imply|indicates?|suggests?|match(?:es|ing)?|satisf(?:y|ies)|equals?|supports?|confirms?|remains?|consider(?:ing)?|compar(?:e|ing)|checking|check|maybe|perhaps|also|always|still|even|indeed|instead|rather|except|unlike|without|however|now|finally|first|no|yes|ok|okay|wait|hmm+|actually|well|my|the|final|correct|right|best|wrong|incorrect|false|true|must|should|would|could|will|can|may|might|does|do|did|has|have|figures?|pictures?|images?|graphs?|diagrams?|panels?|shapes?|patterns?|photos?|drawings?|illustrations?|statements?|items?|answers?|options?|choices?|letters?|alternatives?|responses?|how about|what about|ist|sind|est|es|é|è|sono|son|são|nicht|pas|nur|also|donc|la|le|el|les|die|der|das|et|und|oder|ou|sino|sondern|mais|ne|non|não|mit|avec|con|wähle|choisis|elijo|escolho|scelgo|antwort|réponse|respuesta|resposta|risposta|richtig|correcta|lautet|o|u|e|y|weder|noch|ni))[ ""“'$]*\(?\z",
        RegexOptions.IgnoreCase)]
    private static partial Regex MayPrecede();

    [GeneratedRegex(@"\b(?:figures?|pictures?|images?|graphs?|diagrams?|panels?|shapes?|patterns?|photos?|drawings?|statements?|items?)\s+\z", RegexOptions.IgnoreCase)]
    private static partial Regex FigureBefore();

    [GeneratedRegex(@"^[""'”’)\]$]*(?:\s*$|\s*[.,;:!?。，；：、！？…\n✓✗✔✘❌✅×]|\s+[-–—]+>?\s|\s*[=-]>|\s*[→⇒]|\s*\(|\s*[&/|]\s*[\p{L}(]|\s*[\p{IsCJKUnifiedIdeographs}\p{IsHiragana}\p{IsKatakana}\p{IsHangulSyllables}])")]
    private static partial Regex End();

    [GeneratedRegex(@"^[""'”’)$]*\s+(?<word>[\p{L}][\p{L}'’-]*)")]
    private static partial Regex NextWord();

    [GeneratedRegex(@"^\s+(?<number>\d+(?:\.\d+)?)")]
    private static partial Regex FirstNumber();

    [GeneratedRegex(@"^\s+(?:can of|must-|will to|will of|(?:is|was)\s+for\b)", RegexOptions.IgnoreCase)]
    private static partial Regex ArticleAfter();

    [GeneratedRegex(@"^\s+(?:was|will|can|would|must|should|could|do|did|have|had|chose|pick|choose|select|wrong)\b", RegexOptions.IgnoreCase)]
    private static partial Regex PronounAfter();

    [GeneratedRegex(
        @"^[""'”’)$]*\s+(?:is|isn['’]t|was|are|aren['’]t|were|be|because|since|as|and|or|nor|but|which|that|due|given|for|if|when|while|whereas|who|where|must|might|may|should|could|can|cannot|can['’]t|couldn['’]t|would|wouldn['’]t|will|won['’]t|does|doesn['’]t|did|didn['’]t|has|have|had|seems?|looks?|appears?|fits?|match(?:es)?|works?|shows?|represents?|corresponds?|satisf(?:y|ies)|agrees?|describes?|depicts?|contains?|gives?|makes?|holds?|remains?|stands?|says?|states?|fails?|lacks?|violates?|contradicts?|ignores?|follows?|applies|wins|instead|too|also|here|rather|over|not|only|in|by|from|with|based|after|before|through|by|then|so|therefore|thus|correct|incorrect|right|wrong|true|false|yes|no|too|ist|sind|est|es|é|è|et|und|oder|ou|y|o|e|weil|denn|parce|car|porque|perché|no|não|non|nicht|sondern|mais|sino|vs|versus|\d|[(✓✗])(?!\p{L})",
        RegexOptions.IgnoreCase)]
    private static partial Regex FollowsAnOption();

    [GeneratedRegex(@"(?<!\b(?:option|choice|answer|letter|is|statement)s?)[\p{IsBasicLatin}-[\W]]\z", RegexOptions.IgnoreCase)]
    private static partial Regex FunctionBefore();

    // Quantities, units and elements by the names that their symbols abbreviate.
    [GeneratedRegex(
        @"\b(?<word>amperes?|amps?|area|acceleration|adenine|argon|boron|bytes?|base|breadth|carbon|celsius|centigrade|coulombs?|capacitance|circumference|cytosine|concentration|current|distance|diameter|depth|density|displacement|demand|energy|efficiency|east|edges?|force|fluorine|fahrenheit|farads?|faces|frequency|guanine|gravity|gauss|hydrogen|height|henrys?|iodine|intensity|joules?|kelvin|potassium|length|litres?|liters?|mass|momentum|nitrogen|newtons?|north|oxygen|ohms?|phosphorus|pressure|power|perimeter|probability|charge|radius|resistance|sulfur|sulphur|supply|south|slope|siemens|temperature|time|thymine|tension|tesla|uracil|volume|voltage|volts?|velocity|vertices|vertex|work|watts?|width|weight|west|points?|angles?|sides?|lines?|segments?|vitamins?|degrees?)\s*\z",
        RegexOptions.IgnoreCase)]
    private static partial Regex SymbolBefore();
}
