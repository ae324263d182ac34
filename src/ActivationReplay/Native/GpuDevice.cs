namespace ActivationReplay.Native;

/// <summary>A GPU as its driver tells it.</summary>
/// <param name="Index">N of <c>cuda:N</c>: the order in which this process sees them, CUDA_VISIBLE_DEVICES included.</param>
/// <param name="Name">Its model.</param>
/// <param name="TotalBytes">All its memory.</param>
/// <param name="FreeBytes">What no process holds now.</param>
public sealed record GpuDevice(int Index, string Name, long TotalBytes, long FreeBytes);

/// <summary>What knows the GPUs of this machine without libtorch.</summary>
public interface IGpuDriver
{
    /// <summary>The GPUs that this process may use, by index; none where there is no driver, or no GPU.</summary>
    /// <exception cref="GpuDriverException">There is a driver, and it fails.</exception>
    IReadOnlyList<GpuDevice> Devices();
}

/// <summary>The driver of a GPU is there and does not work.</summary>
public sealed class GpuDriverException : Exception
{
    /// <summary>Reports its error.</summary>
    /// <param name="message">What was asked, the driver's own name for what went wrong, and what to do.</param>
    public GpuDriverException(string message)
        : base(message)
    {
    }
}
