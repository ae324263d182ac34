using static TorchSharp.torch;

namespace ActivationReplay.Kernels;

/// <summary>A contiguous fp32 tensor in the processor's memory as rows of one width. Valid while the tensor is alive.</summary>
/// <param name="x">The tensor.</param>
/// <param name="width">Elements of a row; the last axis or a part of it.</param>
internal readonly unsafe struct HostRows(Tensor x, long width)
{
    private readonly float* data = x.Floats();
    private readonly int width = (int)width;

    /// <summary>The rows of the last axis.</summary>
    public HostRows(Tensor x)
        : this(x, x.shape[^1])
    {
    }

    /// <summary>Address of a row.</summary>
    public float* At(long row) => data + (row * width);

    /// <summary>Several rows, one after the other.</summary>
    public Span<float> Many(long first, int count) => new(At(first), count * width);

    /// <summary>One row.</summary>
    public Span<float> this[long row] => new(At(row), width);
}
