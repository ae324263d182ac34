using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace ActivationReplay.Native;

/// <summary>How exactly a GPU computes, for all of the process. The CPU takes no note of it.</summary>
public static unsafe class CudaPrecision
{
    // at::globalContext() and at::Context::setAllowBF16ReductionCuBLAS(bool reduced, bool splitK), before 2.9 without the second.
    private const string Context = "_ZN2at13globalContextEv";
    private const string Bf16Reduction = "_ZN2at7Context27setAllowBF16ReductionCuBLASEbb";
    private const string OldBf16Reduction = "_ZN2at7Context27setAllowBF16ReductionCuBLASEb";

    /// <summary>
    /// Chooses it; products of bf16 and fp16 always add up in fp32. The first use of a GPU (<see cref="ComputeDevice.Parse"/>) turns
    /// TF32 off.
    /// </summary>
    /// <param name="tf32">
    /// Products and convolutions of fp32 with 10 bits of mantissa (TF32): faster, with relative errors near 1e-3 instead of 1e-7.
    /// </param>
    public static void Use(bool tf32)
    {
        Libtorch.Load();
        backends.cuda.matmul.allow_tf32 = tf32;
        backends.cudnn.allow_tf32 = tf32;
        backends.cuda.matmul.allow_fp16_reduced_precision_reduction = false;
        AddUpInFp32();
    }

    /// <summary>Of bf16 TorchSharp 0.107 has no switch, but libtorch exports its own.</summary>
    /// <returns>Whether this libtorch has one of the forms that are known.</returns>
    internal static bool AddUpInFp32()
    {
        if (!NativeLibrary.TryLoad(LibraryNames.File("torch_cpu"), out var library) || !NativeLibrary.TryGetExport(library, Context, out var context))
        {
            return false;
        }

        var self = ((delegate* unmanaged<nint>)context)();
        if (NativeLibrary.TryGetExport(library, Bf16Reduction, out var set))
        {
            ((delegate* unmanaged<nint, byte, byte, void>)set)(self, 0, 1);
            return true;
        }

        if (NativeLibrary.TryGetExport(library, OldBf16Reduction, out set))
        {
            ((delegate* unmanaged<nint, byte, void>)set)(self, 0);
            return true;
        }

        return false;
    }
}
