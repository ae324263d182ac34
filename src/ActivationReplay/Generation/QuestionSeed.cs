using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ActivationReplay.Generation;

/// <summary>The seeds of what is drawn for one question: the first eight bytes of a SHA-256.</summary>
internal static class QuestionSeed
{
    /// <summary>Of its answers: of a run's seed, in little-endian order, and the question's id in UTF-8.</summary>
    public static ulong Of(ulong seed, string question) => Hash(seed, question);

    /// <summary>Of a method's choices: of the method's seed and the id after a word of their own, so that answers never draw the same numbers.</summary>
    public static ulong OfChoices(ulong seed, string question) => Hash(seed, $"choices\0{question}");

    private static ulong Hash(ulong seed, string text)
    {
        var bytes = new byte[sizeof(ulong) + Encoding.UTF8.GetByteCount(text)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, seed);
        Encoding.UTF8.GetBytes(text, bytes.AsSpan(sizeof(ulong)));
        return BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(bytes));
    }
}
