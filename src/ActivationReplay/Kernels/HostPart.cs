namespace ActivationReplay.Kernels;

/// <summary>A part of a matrix in CPU memory, or of its transpose, where it lies.</summary>
/// <param name="first">Its first element.</param>
/// <param name="rowStride">How far its rows are apart.</param>
/// <param name="stride">How far the elements of a row are apart.</param>
internal readonly unsafe struct HostPart(float* first, long rowStride, long stride)
{
    /// <summary>Its first element.</summary>
    public float* First => first;

    /// <summary>How far its rows are apart.</summary>
    public long RowStride => rowStride;

    /// <summary>How far the elements of a row are apart.</summary>
    public long Stride => stride;
}
