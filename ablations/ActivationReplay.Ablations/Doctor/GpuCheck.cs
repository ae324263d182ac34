using System.Globalization;
using ActivationReplay.Native;

namespace ActivationReplay.Ablations.Doctor;

/// <summary>GPUs by their driver, against those that libtorch can use.</summary>
/// <param name="driver">The driver.</param>
/// <param name="libtorch">Whether libtorch is one for CUDA, and how many GPUs it finds; null where it is not loaded.</param>
internal sealed class GpuCheck(IGpuDriver driver, Func<(bool HasCuda, int Gpus)?> libtorch) : ICheck
{
    private const double LittleFree = 0.1;

    public string Name => "GPU";

    public Finding Run()
    {
        IReadOnlyList<GpuDevice> devices;
        try
        {
            devices = driver.Devices();
        }
        catch (GpuDriverException e)
        {
            return Finding.Fail(e.Message, "Until then --device cpu computes.");
        }

        var text = string.Join("\n", devices.Select(d => string.Create(
            CultureInfo.InvariantCulture, $"cuda:{d.Index} {d.Name}, {Gigabytes(d.FreeBytes)} of {Gigabytes(d.TotalBytes)} GB free")));
        if (libtorch() is not var (hasCuda, gpus))
        {
            return Finding.Ok(devices.Count == 0 ? "none" : text);
        }

        if (devices.Count == 0)
        {
            return hasCuda
                ? Finding.Warn("none, though libtorch is one for CUDA", "An NVIDIA GPU needs its driver: nvidia-smi must list it, and CUDA_VISIBLE_DEVICES must not hide it.")
                : Finding.Ok("none: the CPU computes");
        }

        if (!hasCuda)
        {
            return Finding.Warn(text, "libtorch is for the CPU alone: --libtorch DIR takes that of an installed PyTorch for CUDA, -p:Libtorch=cuda builds with one.");
        }

        if (gpus < devices.Count)
        {
            return Finding.Fail(text, string.Create(
                CultureInfo.InvariantCulture, $"libtorch can use {gpus} of these {devices.Count}: its CUDA may be newer than the driver (nvidia-smi says which CUDA that allows)."));
        }

        return devices.Where(d => d.FreeBytes < LittleFree * d.TotalBytes).ToList() is { Count: > 0 } full
            ? Finding.Warn(text, $"Other processes hold nearly all memory of {string.Join(", ", full.Select(d => $"cuda:{d.Index}"))}: nvidia-smi lists them.")
            : Finding.Ok(text);
    }

    private static string Gigabytes(long bytes) => (bytes / 1e9).ToString("0.0", CultureInfo.InvariantCulture);
}
