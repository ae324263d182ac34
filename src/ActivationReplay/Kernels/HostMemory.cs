using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace ActivationReplay.Kernels;

/// <summary>Addresses of tensors in CPU memory, so that they can be read and written without libtorch.</summary>
internal static unsafe class HostMemory
{
    /// <summary>Address of the first element of a contiguous fp32 tensor, valid while the tensor is alive.</summary>
    /// <exception cref="InvalidOperationException">It is of another type, not contiguous, or on another device.</exception>
    public static float* Floats(this Tensor x) => (float*)Address(x, ScalarType.Float32);

    /// <summary>Address of the first element of a contiguous int64 tensor, valid while the tensor is alive.</summary>
    /// <exception cref="InvalidOperationException">It is of another type, not contiguous, or on another device.</exception>
    public static long* Longs(this Tensor x) => (long*)Address(x, ScalarType.Int64);

    private static void* Address(Tensor x, ScalarType type)
    {
        if (x.device_type != DeviceType.CPU || x.dtype != type || !x.is_contiguous())
        {
            throw new InvalidOperationException(
                $"A contiguous {type} tensor in the processor's memory is needed; this one is {x.dtype} on {x.device_type}"
                + $"{(x.is_contiguous() ? "" : ", not contiguous")}, of shape [{string.Join(", ", x.shape)}].");
        }

        if (x.numel() * x.element_size() > int.MaxValue)
        {
            using var part = x.narrow(0, 0, 1); // bytes gives a span, which holds less than 2 GiB
            return Address(part, type);
        }

        fixed (byte* first = &MemoryMarshal.GetReference(x.bytes))
        {
            return first;
        }
    }
}
