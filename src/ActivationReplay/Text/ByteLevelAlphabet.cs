using System.Text;

namespace ActivationReplay.Text;

/// <summary>
/// GPT-2's one-to-one mapping of bytes to printable characters, in which byte-level vocabularies are written:
/// printable Latin-1 stands for itself, the other 68 bytes take U+0100 onwards in order.
/// </summary>
internal static class ByteLevelAlphabet
{
    private const int FirstStandIn = 0x100;
    private static readonly char[] s_characters = MakeCharacters();
    private static readonly short[] s_bytes = MakeBytes(); // by character, -1 where it stands for no byte

    /// <summary>The character that stands for each byte, in byte order.</summary>
    public static IReadOnlyList<char> All => s_characters;

    /// <summary>
    /// Appends the bytes that a token stands for. A token with a character outside the alphabet (an added token that
    /// holds a space, say) stands for its own UTF-8.
    /// </summary>
    public static void AppendBytes(string token, List<byte> bytes)
    {
        var start = bytes.Count;
        foreach (var character in token)
        {
            if (character >= s_bytes.Length || s_bytes[character] < 0)
            {
                bytes.RemoveRange(start, bytes.Count - start);
                bytes.AddRange(Encoding.UTF8.GetBytes(token));
                return;
            }

            bytes.Add((byte)s_bytes[character]);
        }
    }

    private static char[] MakeCharacters()
    {
        var standIn = FirstStandIn;
        return [.. Enumerable.Range(0, 256).Select(value =>
            value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)value : (char)standIn++)];
    }

    private static short[] MakeBytes()
    {
        var bytes = new short[s_characters.Max() + 1];
        Array.Fill(bytes, (short)-1);
        for (var value = 0; value < s_characters.Length; value++)
        {
            bytes[s_characters[value]] = (short)value;
        }

        return bytes;
    }
}
