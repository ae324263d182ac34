using System.Runtime.InteropServices;
using ActivationReplay.Native;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Native;

[NonParallelizable] // it is of the process
public sealed class CudaPrecisionTests
{
    [TestCase(true)]
    [TestCase(false)]
    public void Use_SetsTf32_AndSumsOfFp16InFp32(bool tf32)
    {
        CudaPrecision.Use(tf32);

        (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32).Should().Be((tf32, tf32));
        backends.cuda.matmul.allow_fp16_reduced_precision_reduction.Should().BeFalse();
    }

    // libtorch's own getter: 0 is sums in bf16, 1 sums in fp32 of parts that are joined.
    [Test]
    [Platform("Linux")]
    public unsafe void AddUpInFp32_IsWhatLibtorchThenSays()
    {
        CudaPrecision.AddUpInFp32().Should().BeTrue("this libtorch's form is known");

        var library = NativeLibrary.Load("libtorch_cpu.so");
        var context = ((delegate* unmanaged<nint>)NativeLibrary.GetExport(library, "_ZN2at13globalContextEv"))();
        var reduction = (delegate* unmanaged<nint, byte>)NativeLibrary.GetExport(library, "_ZNK2at7Context24allowBF16ReductionCuBLASEv");
        reduction(context).Should().Be(1);
    }
}
