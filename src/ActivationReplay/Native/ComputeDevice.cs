using System.Globalization;
using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace ActivationReplay.Native;

/// <summary>
/// Devices by name. What is there is found out by rule before libtorch is asked for a device: TorchSharp throws exceptions of
/// several kinds, without a reason, for one that is not.
/// </summary>
public static partial class ComputeDevice
{
    /// <summary>The names that there are.</summary>
    public const string Names = "cpu, cuda, cuda:N";

    /// <summary>The device of a name. Loads libtorch, and has a GPU compute fp32 as fp32 (<see cref="CudaPrecision"/>).</summary>
    /// <param name="name">cpu, cuda (the first GPU), or cuda:N.</param>
    /// <exception cref="ArgumentException">
    /// It is no name of a device, or the device is not there; the message says what there is, and what to build or install.
    /// </exception>
    /// <exception cref="LibtorchException">libtorch cannot be loaded.</exception>
    public static Device Parse(string name)
    {
        Libtorch.Load();
        if (Problem(name, Libtorch.HasCuda, Gpus) is { } problem)
        {
            throw new ArgumentException(problem);
        }

        if (name != "cpu")
        {
            CudaPrecision.Use(tf32: false);
        }

        return device(name);
    }

    /// <summary>Whether a text has the form of a device's name, wherever that device may be.</summary>
    public static bool IsName(string text) => Form().IsMatch(text);

    /// <summary>What this build finds on this machine, and what more would need, as a sentence.</summary>
    public static string There() => There(Libtorch.HasCuda, Gpus);

    /// <summary>How many GPUs libtorch can compute on; loads it where it is one for CUDA.</summary>
    /// <exception cref="LibtorchException">libtorch cannot be loaded.</exception>
    public static int Gpus
    {
        get
        {
            if (!Libtorch.HasCuda)
            {
                return 0;
            }

            Libtorch.Load();
            return cuda.is_available() ? cuda.device_count() : 0;
        }
    }

    /// <summary>Why a name cannot be used, or null.</summary>
    /// <param name="name">As it was given.</param>
    /// <param name="hasCuda">Whether libtorch is one for CUDA.</param>
    /// <param name="gpus">How many GPUs it finds.</param>
    internal static string? Problem(string name, bool hasCuda, int gpus)
    {
        if (!IsName(name))
        {
            return $"device '{name}': no such name; allowed are {Names}. {There(hasCuda, gpus)}";
        }

        var number = name.Split(':') is [_, var last] ? last : "0";
        return name == "cpu" || (int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < gpus)
            ? null
            : $"device '{name}' is not there. {There(hasCuda, gpus)}";
    }

    private static string There(bool hasCuda, int gpus) => (hasCuda, gpus) switch
    {
        (false, _) => "There is cpu: this libtorch is for the CPU alone. For an NVIDIA GPU give that of an installed PyTorch "
            + "(--libtorch DIR), or build with -p:Cuda=true, or with Cuda=true in the environment (Linux).",
        (true, 0) => "There is cpu: this libtorch is for CUDA, but finds no GPU. It needs an NVIDIA GPU and its driver, whose "
            + "nvidia-smi must list it.",
        (true, 1) => "There are cpu and cuda (cuda:0).",
        _ => string.Create(CultureInfo.InvariantCulture, $"There are cpu, and cuda:0 to cuda:{gpus - 1}."),
    };

    [GeneratedRegex(@"^(cpu|cuda(:[0-9]+)?)\z")]
    private static partial Regex Form();
}
