using System.Numerics.Tensors;
using ActivationReplay.Native;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace ActivationReplay.Kernels;

/// <summary>Gathers columns of [D, n] as rows [k, D], and adds rows or columns to some of the columns, on the CPU in fp32.</summary>
internal static unsafe class ColumnRows
{
    // Elements of a column that are moved at a time: a cache line of a row. The L1 cache holds that many rows of the columns.
    private const int Tile = 16;

    /// <summary>The columns at <paramref name="index"/>, int64 [k], as rows [k, D].</summary>
    public static Tensor Read(Tensor columns, Tensor index)
    {
        var rows = empty([index.shape[0], columns.shape[0]], ScalarType.Float32);
        Move(columns, index, rows, add: false);
        return rows;
    }

    /// <summary>Adds <paramref name="rows"/> [k, D] to the columns at <paramref name="index"/>.</summary>
    public static void Add(Tensor rows, Tensor index, Tensor columns) => Move(columns, index, rows, add: true);

    /// <summary>Adds the columns [D, k] to those of [D, n] at <paramref name="index"/>, int64 [k].</summary>
    public static void AddColumns(HostMatrix some, long* index, HostMatrix columns) => ComputeThreads.Split(columns.Rows, (first, end) =>
    {
        for (var d = first; d < end; d++)
        {
            float* one = some.At(d), sum = columns.At(d);
            for (var k = 0; k < some.Columns; k++)
            {
                sum[index[k]] += one[k];
            }
        }
    });

    /// <summary>Copies the columns of [D, n] at <paramref name="index"/>, int64 [k], to [D, k].</summary>
    public static void CopyColumns(HostMatrix columns, long* index, HostMatrix some) => ComputeThreads.Split(columns.Rows, (first, end) =>
    {
        for (var d = first; d < end; d++)
        {
            float* from = columns.At(d), to = some.At(d);
            for (var k = 0; k < some.Columns; k++)
            {
                to[k] = from[index[k]];
            }
        }
    });

    /// <summary>Adds a matrix to another of the same shape.</summary>
    public static void AddAll(HostMatrix some, HostMatrix sum) => ComputeThreads.Split(sum.Rows, (first, end) =>
    {
        for (var d = first; d < end; d++)
        {
            TensorPrimitives.Add(sum[d], some[d], sum[d]);
        }
    });

    /// <summary>Adds a number a row, [D], to all of its columns, [D, n].</summary>
    public static void AddToRows(HostMatrix numbers, HostMatrix columns) => ComputeThreads.Split(columns.Rows, (first, end) =>
    {
        for (var d = first; d < end; d++)
        {
            TensorPrimitives.Add(columns[d], numbers.Data[d], columns[d]);
        }
    });

    private static void Move(Tensor columns, Tensor index, Tensor rows, bool add)
    {
        var (depth, stride, count) = ((int)columns.shape[0], columns.shape[1], (int)index.shape[0]);
        float* all = columns.Floats(), some = rows.Floats();
        var places = index.Longs();
        ComputeThreads.Split((depth + Tile - 1) / Tile, (first, end) =>
        {
            for (var d = first * Tile; d < Math.Min(end * Tile, depth); d += Tile)
            {
                var size = Math.Min(Tile, depth - d);
                for (var k = 0; k < count; k++)
                {
                    float* column = all + (d * stride) + places[k], row = some + ((long)k * depth) + d;
                    if (add)
                    {
                        for (var i = 0; i < size; i++)
                        {
                            column[i * stride] += row[i];
                        }
                    }
                    else
                    {
                        for (var i = 0; i < size; i++)
                        {
                            row[i] = column[i * stride];
                        }
                    }
                }
            }
        });
    }
}
