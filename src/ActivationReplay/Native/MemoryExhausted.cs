using System.Runtime.InteropServices;

namespace ActivationReplay.Native;

/// <summary>
/// Memory that ran out, of .NET, of the processor or of a GPU: libtorch's allocators say so in the text of an
/// <see cref="ExternalException"/> alone.
/// </summary>
public static class MemoryExhausted
{
    private static readonly string[] s_texts =
    [
        "out of memory", // CUDA's allocator, and the driver
        "can't allocate memory", // DefaultCPUAllocator where malloc fails
        "not enough memory", // the same on Windows
        "bad_alloc",
        "ALLOC_FAILED", // cuBLAS and cuDNN
    ];

    /// <summary>Whether an exception, or one that it wraps, says that memory ran out.</summary>
    public static bool IsCauseOf(Exception e) => e switch
    {
        OutOfMemoryException => true,
        AggregateException all => all.InnerExceptions.Any(IsCauseOf),
        ExternalException when s_texts.Any(text => e.Message.Contains(text, StringComparison.OrdinalIgnoreCase)) => true,
        _ => e.InnerException is { } inner && IsCauseOf(inner),
    };

    /// <summary>
    /// Frees what the work that was given up left behind: tensors that no scope owned wait for the garbage collector. Call it
    /// outside of the catch block. Of libtorch's cache of a GPU's memory TorchSharp 0.107 has no switch, and none is needed: the
    /// cache serves this process's next tensors, and gives back what it holds before it reports that memory ran out.
    /// </summary>
    public static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }
}
