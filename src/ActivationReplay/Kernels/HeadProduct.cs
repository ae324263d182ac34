using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Kernels;

/// <summary>Some columns of each of a stack of matrices, [items, rows, columns], or these turned.</summary>
/// <param name="Stack">The matrices, one below the other.</param>
/// <param name="First">The first column that is used.</param>
/// <param name="Count">The number of columns that are used.</param>
/// <param name="IsTurned">Whether rows stand for columns.</param>
internal readonly record struct HeadOperand(HostMatrix Stack, int First, int Count, bool IsTurned = false)
{
    /// <summary>All columns.</summary>
    public static HeadOperand All(HostMatrix stack, bool isTurned = false) => new(stack, 0, stack.Columns, isTurned);

    /// <summary>As libtorch's batch of matrices, views of the same memory.</summary>
    public Tensor View(int items)
    {
        var used = Stack.Tensor.view(items, -1, Stack.Columns).narrow(2, First, Count);
        return IsTurned ? used.transpose(1, 2) : used;
    }

    /// <summary>The number of rows that are used, of each of so many matrices.</summary>
    public int Rows(int items) => IsTurned ? Count : Stack.Rows / items;

    /// <summary>One of so many matrices.</summary>
    public unsafe HostPart Part(int item, int items)
    {
        var first = Stack.At((long)item * (Stack.Rows / items)) + First;
        return IsTurned ? new HostPart(first, 1, Stack.Columns) : new HostPart(first, Stack.Columns, 1);
    }
}

/// <summary>Y = A B of each of a stack of matrices, on the CPU in fp32: <see cref="ColumnProduct"/> where it takes them, else libtorch's.</summary>
internal static unsafe class HeadProduct
{
    /// <summary>Computes the products, or adds them to what is there.</summary>
    /// <param name="items">The number of matrices in each stack.</param>
    /// <param name="a">A, [m, k] each.</param>
    /// <param name="b">B, [k, n] each.</param>
    /// <param name="y">Receives Y, [m, n] each; not turned.</param>
    /// <param name="adds">Whether it is added.</param>
    public static void Write(int items, HeadOperand a, HeadOperand b, HeadOperand y, bool adds = false)
    {
        if (!ColumnProduct.Takes(y.Count))
        {
            using var scope = NewDisposeScope();
            var (product, target) = (a.View(items).bmm(b.View(items)), y.View(items));
            if (adds)
            {
                target.PlusInPlace(product);
            }
            else
            {
                target.copy_(product);
            }

            return;
        }

        var (rows, depth) = (a.Rows(items), b.Rows(items));
        ComputeThreads.Split(items, (first, end) =>
        {
            using var packed = new HostBuffer(ColumnProduct.Room(depth, y.Count));
            for (var item = first; item < end; item++)
            {
                ColumnProduct.Pack(b.Part(item, items), depth, y.Count, packed.At(0));
                ColumnProduct.Write(a.Part(item, items), packed.At(0), depth, y.Part(item, items), rows, y.Count, adds);
            }
        });
    }
}
