using System.Text.RegularExpressions;

namespace ActivationReplay.Verification.Choices;

/// <summary>Words that deny an option.</summary>
internal static partial class Negation
{
    /// <summary>Whether the words around a place say that it is not the answer.</summary>
    public static bool Denies(string text, int start, int end)
    {
        const int Reach = 48;
        var before = text[Math.Max(0, start - Reach)..start];
        var after = text[end..Math.Min(text.Length, end + Reach)];
        return Before().IsMatch(before) || After().IsMatch(after);
    }

    // "not A", "it can't be (A)", "rule out option A", "neither A": up to the end of a sentence or a clause.
    [GeneratedRegex(
        @"(?:\bnot|n['’]t|\bcannot|\bnever|\bneither|\bnor|\brather than|\binstead of|\bunlike|\bexcept|\bexclud\w*|\beliminat\w*|\brul\w+ out|\breject\w*|\bdiscard\w*|\bdismiss\w*|\bincorrect(?:ly)?|\bwrong(?:ly)?)"
        + @"(?:\s+(?:be|is|are|a|an|the|option|options|choice|choices|answer|equal|to|as|quite|really|just|simply|any|of|both))*[\s:]*[\(\[\*""']*$",
        RegexOptions.IgnoreCase)]
    private static partial Regex Before();

    // "A is wrong", "(A) cannot be", "A doesn't fit", "A can be ruled out".
    [GeneratedRegex(
        @"^[\)\]\*""'\.:]*\s*(?:,\s*)?(?:(?:is|are|was|were|would be|seems|looks|can be|could be|must be|should be)\s+(?:also\s+|clearly\s+|therefore\s+|obviously\s+|definitely\s+)*(?:not\b|wrong|incorrect|false|impossible|invalid|excluded|eliminated|ruled out|rejected|discarded|out\b|too\b|unlikely|implausible)|(?:is|are|was|were|does|do|did|can|could|would|should|has|have)n['’]t\b|cannot\b|can not\b|does not\b|do not\b|did not\b|fails\b)",
        RegexOptions.IgnoreCase)]
    private static partial Regex After();
}
