using System.Text;
using System.Text.Unicode;

namespace ActivationReplay.Text;

/// <summary>
/// Text files: UTF-8 with or without a byte order mark, or what another byte order mark says. Bytes that are neither are an
/// error: replaced by a sign that stands for none, they would be another text.
/// </summary>
public static class TextFile
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The whole text.</summary>
    /// <exception cref="InvalidDataException">It is not UTF-8; the message names the file and the line.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static string Read(string path)
    {
        using var reader = new StreamReader(path, s_strict);
        return Decode(path, reader.ReadToEnd);
    }

    /// <summary>The lines, as they are asked for.</summary>
    /// <inheritdoc cref="Read"/>
    public static IEnumerable<string> ReadLines(string path)
    {
        using var reader = new StreamReader(path, s_strict);
        while (Decode(path, reader.ReadLine) is { } line)
        {
            yield return line;
        }
    }

    private static T Decode<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (DecoderFallbackException e)
        {
            // A byte a character: its line can be counted whatever it is.
            var line = File.ReadLines(path, Encoding.Latin1).TakeWhile(l => Utf8.IsValid(Encoding.Latin1.GetBytes(l))).Count() + 1;
            throw new InvalidDataException(FormattableString.Invariant($"{path}, line {line}: this is not UTF-8; save the file as UTF-8"), e);
        }
    }
}
