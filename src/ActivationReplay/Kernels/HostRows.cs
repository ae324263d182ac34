using static TorchSharp.torch;

namespace ActivationReplay.Kernels;

/// <summary>A contiguous fp32 tensor in CPU memory as rows of one width. Valid while the tensor is alive.</summary>
/// <param name="x">The tensor.</param>
/// <param name="width">The number of elements of a row: the size of the last axis, or a divisor of it.</param>
internal readonly unsafe struct HostRows(Tensor x, long width)
{
    private readonly float* data = x.Floats();
    private readonly int width = (int)width;

    /// <summary>Takes the last axis as the rows.</summary>
    public HostRows(Tensor x)
        : this(x, x.size(-1))
    {
    }

    /// <summary>The address of a row's first element.</summary>
    public float* At(long row) => data + (row * width);

    /// <summary><paramref name="count"/> consecutive rows as one span.</summary>
    public Span<float> Many(long first, int count) => new(At(first), count * width);

    /// <summary>One row.</summary>
    public Span<float> this[long row] => new(At(row), width);
}
