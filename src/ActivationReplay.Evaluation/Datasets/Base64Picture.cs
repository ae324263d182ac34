using System.Buffers;
using System.Buffers.Text;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>Decodes pictures in base64, alone or as a <c>data:</c> URI.</summary>
internal static class Base64Picture
{
    /// <summary>Whether a text is base64, checked without decoding.</summary>
    public static bool IsValid(ReadOnlySpan<byte> text)
    {
        text = Payload(text);
        return Base64.IsValid(text, out var length) && length > 0;
    }

    /// <summary>The bytes of the picture; null if the text is not base64.</summary>
    public static byte[]? Decode(ReadOnlySpan<byte> text)
    {
        text = Payload(text);
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        return Base64.DecodeFromUtf8(text, bytes, out _, out var written) == OperationStatus.Done ? bytes[..written] : null;
    }

    private static ReadOnlySpan<byte> Payload(ReadOnlySpan<byte> text) =>
        text.StartsWith("data:"u8) && text.IndexOf(";base64,"u8) is > 0 and < 128 and var at ? text[(at + ";base64,"u8.Length)..] : text;
}
