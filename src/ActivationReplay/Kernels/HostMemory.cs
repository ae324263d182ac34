using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace ActivationReplay.Kernels;

/// <summary>Tensors in the processor's own memory, read and written without libtorch.</summary>
internal static unsafe class HostMemory
{
    /// <summary>Whether a tensor is fp32 in the processor's memory.</summary>
    public static bool Holds(Tensor x) => x.device_type == DeviceType.CPU && x.dtype == ScalarType.Float32;

    /// <summary>Whether it is, and nothing is to be recorded of what happens to it.</summary>
    public static bool Suits(Tensor x) => Holds(x) && !(x.requires_grad && is_grad_enabled());

    /// <summary>Address of the first element of a contiguous fp32 tensor, valid while the tensor is alive.</summary>
    public static float* Floats(this Tensor x) => (float*)Address(x);

    /// <summary>The same of a tensor of int64.</summary>
    public static long* Longs(this Tensor x) => (long*)Address(x);

    private static void* Address(Tensor x)
    {
        if (x.numel() * x.element_size() > int.MaxValue)
        {
            using var part = x.narrow(0, 0, 1); // a span holds no more
            return Address(part);
        }

        fixed (byte* first = &MemoryMarshal.GetReference(x.bytes))
        {
            return first;
        }
    }
}
