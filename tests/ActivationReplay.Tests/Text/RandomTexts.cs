using System.Text;

namespace ActivationReplay.Tests.Text;

/// <summary>Texts of every script, mark, symbol and control, assigned or not, from a seed.</summary>
internal static class RandomTexts
{
    private static readonly string[] s_pieces = [" ", "  ", "\n", "\r\n", "\t", "\u00A0", "\u0085", "'s", "'LL", "'\u017F", "...", "\u0301", "\u0323", "\u200D"];

    public static IEnumerable<string> From(int seed, int count)
    {
        var random = new Random(seed);
        for (var index = 0; index < count; index++)
        {
            var text = new StringBuilder();
            var start = random.Next(0x33000); // one stretch of code points a text, so that scripts meet themselves
            for (var length = random.Next(1, 40); length > 0; length--)
            {
                text.Append(random.Next(3) == 0 ? s_pieces[random.Next(s_pieces.Length)] : RuneNear(random, start).ToString());
            }

            yield return text.ToString();
        }
    }

    private static Rune RuneNear(Random random, int start) =>
        Rune.TryCreate(random.Next(4) == 0 ? random.Next(0x110000) : start + random.Next(64), out var rune) ? rune : Rune.ReplacementChar;
}
