namespace ActivationReplay.Text;

/// <summary>The arithmetic of Hangul syllables (The Unicode Standard, section 3.12).</summary>
internal static class Hangul
{
    private const int SyllableBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TailBase = 0x11A7;
    private const int LeadCount = 19, VowelCount = 21, TailCount = 28, SyllableCount = LeadCount * VowelCount * TailCount;

    /// <summary>True for the letters that may join the syllable before them.</summary>
    public static bool IsVowelOrTail(int value) =>
        value is (>= VowelBase and < VowelBase + VowelCount) or (> TailBase and < TailBase + TailCount);

    /// <summary>Appends the letters of a syllable; false where the character is none.</summary>
    public static bool TryDecompose(int value, List<int> parts)
    {
        var syllable = value - SyllableBase;
        if (syllable is < 0 or >= SyllableCount)
        {
            return false;
        }

        parts.Add(LeadBase + (syllable / (VowelCount * TailCount)));
        parts.Add(VowelBase + (syllable / TailCount % VowelCount));
        if (syllable % TailCount is > 0 and var tail)
        {
            parts.Add(TailBase + tail);
        }

        return true;
    }

    /// <summary>Joins a lead with a vowel, or both with a tail.</summary>
    public static bool TryCompose(int first, int second, out int joined)
    {
        var (lead, vowel) = (first - LeadBase, second - VowelBase);
        var (syllable, tail) = (first - SyllableBase, second - TailBase);
        joined = 0;
        if (lead is >= 0 and < LeadCount && vowel is >= 0 and < VowelCount)
        {
            joined = SyllableBase + (((lead * VowelCount) + vowel) * TailCount);
        }
        else if (syllable is >= 0 and < SyllableCount && syllable % TailCount == 0 && tail is > 0 and < TailCount)
        {
            joined = first + tail;
        }

        return joined != 0;
    }
}
