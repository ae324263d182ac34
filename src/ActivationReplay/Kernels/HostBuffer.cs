using System.Runtime.InteropServices;

namespace ActivationReplay.Kernels;

/// <summary>
/// Room for fp32 numbers outside the managed heap, not initialised and aligned to cache lines: an array of some tens of kilobytes for
/// each product would make the collector work.
/// </summary>
/// <param name="count">How many numbers.</param>
internal readonly unsafe struct HostBuffer(long count) : IDisposable
{
    private readonly float* data = (float*)NativeMemory.AlignedAlloc((nuint)Math.Max(1, count) * sizeof(float), 64);

    /// <summary>The address of a number.</summary>
    public float* At(long index) => data + index;

    /// <summary>Some numbers.</summary>
    public Span<float> Span(long first, int length) => new(data + first, length);

    /// <summary>Frees the room.</summary>
    public void Dispose() => NativeMemory.AlignedFree(data);
}
