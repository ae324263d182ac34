using static TorchSharp.torch;

namespace ActivationReplay.Kernels;

/// <summary>
/// A contiguous fp32 tensor in CPU memory as a matrix, the last axis its rows, with address and shape at hand: libtorch is asked for
/// them once. Valid while the tensor is alive.
/// </summary>
internal unsafe class HostMatrix
{
    /// <param name="x">The tensor, which is not owned.</param>
    public HostMatrix(Tensor x)
    {
        Tensor = x;
        Data = x.Floats();
        Columns = (int)x.size(-1);
        Rows = Columns == 0 ? 0 : (int)(x.numel() / Columns);
    }

    /// <summary>The tensor.</summary>
    public Tensor Tensor { get; }

    /// <summary>The address of its first number.</summary>
    public float* Data { get; }

    /// <summary>The number of rows.</summary>
    public int Rows { get; }

    /// <summary>The number of columns.</summary>
    public int Columns { get; }

    /// <summary>The number of elements.</summary>
    public long Count => (long)Rows * Columns;

    /// <summary>A row.</summary>
    public Span<float> this[long row] => new(At(row), Columns);

    /// <summary>The address of a row.</summary>
    public float* At(long row) => Data + (row * Columns);

    /// <summary>Sets all to 0.</summary>
    public void Clear()
    {
        for (var row = 0; row < Rows; row++)
        {
            this[row].Clear();
        }
    }

    /// <summary>Copies another matrix of the same shape.</summary>
    public void CopyFrom(HostMatrix other)
    {
        for (var row = 0; row < Rows; row++)
        {
            other[row].CopyTo(this[row]);
        }
    }
}

/// <summary>One of <see cref="HostMatrices"/>, until it is disposed.</summary>
/// <param name="x">The tensor.</param>
/// <param name="free">Where it goes then.</param>
internal sealed class LentMatrix(Tensor x, Stack<LentMatrix> free) : HostMatrix(x), IDisposable
{
    /// <summary>Gives it back.</summary>
    public void Dispose() => free.Push(this);
}

/// <summary>
/// Lends matrices that are not initialised and keeps them until its own end, so that what a step of a loop gives back the next step
/// has without asking for memory. For one thread at a time.
/// </summary>
internal sealed class HostMatrices : IDisposable
{
    private readonly Dictionary<(long Rows, long Columns), Stack<LentMatrix>> free = [];
    private readonly List<Tensor> all = [];

    /// <summary>A matrix, until it is disposed.</summary>
    public LentMatrix Of(long rows, long columns)
    {
        if (!free.TryGetValue((rows, columns), out var own))
        {
            free.Add((rows, columns), own = []);
        }

        if (own.TryPop(out var matrix))
        {
            return matrix;
        }

        all.Add(empty([rows, columns], ScalarType.Float32).DetachFromDisposeScope());
        return new LentMatrix(all[^1], own);
    }

    /// <summary>Frees all.</summary>
    public void Dispose() => all.ForEach(x => x.Dispose());
}
