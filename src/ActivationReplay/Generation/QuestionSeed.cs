using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ActivationReplay.Generation;

/// <summary>The seed of what is drawn for one question, of its answers and of methods that choose at random.</summary>
internal static class QuestionSeed
{
    /// <summary>The first eight bytes of the SHA-256 of a run's seed, in little-endian order, and a question's id in UTF-8.</summary>
    public static ulong Of(ulong seed, string question)
    {
        var bytes = new byte[sizeof(ulong) + Encoding.UTF8.GetByteCount(question)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, seed);
        Encoding.UTF8.GetBytes(question, bytes.AsSpan(sizeof(ulong)));
        return BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(bytes));
    }
}
