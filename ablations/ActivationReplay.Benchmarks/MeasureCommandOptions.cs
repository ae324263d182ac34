using System.CommandLine;
using ActivationReplay.Benchmarks.Workloads;
using ActivationReplay.Native;

namespace ActivationReplay.Benchmarks;

/// <summary>Options of every command.</summary>
internal sealed class MeasureCommandOptions
{
    private readonly Option<string> shape = new("--shape")
    {
        Description = "A folder under Shapes/ (m, qwen2.5-vl-3b, qwen2.5-vl-7b, tiny), or any folder with a config.json.",
        DefaultValueFactory = _ => "m",
        Recursive = true,
    };

    private readonly Option<string> dtype = new Option<string>("--dtype")
    {
        Description = "Type of weights and activations.",
        DefaultValueFactory = _ => "float32",
        Recursive = true,
    }.AcceptOnlyFromAmong("float32", "bfloat16");

    private readonly Option<string> device = new("--device")
    {
        Description = "cpu or cuda, the first GPU, which needs --libtorch of a PyTorch for CUDA, or a build with -p:Cuda=true; times end when the device is idle.",
        DefaultValueFactory = _ => "cpu",
        Recursive = true,
    };

    private readonly Option<int> threads = new("--threads")
    {
        Description = "Threads of CPU tensor operations; 0 is 1 for small models, else every core.",
        Recursive = true,
    };

    private readonly Option<string?> pair = new("--pair")
    {
        Description = "A pair's folder (base/, rlvr/) instead of random weights of the shape.",
        Recursive = true,
    };

    private readonly Option<string> output = new("--out")
    {
        Description = "Folder of tables and figures.",
        DefaultValueFactory = _ => MeasureOptions.Current.Output,
        Recursive = true,
    };

    private readonly Option<int> rounds = new("--rounds")
    {
        Description = "Rounds of interleaved measurements; medians are over them.",
        DefaultValueFactory = _ => MeasureOptions.Current.Rounds,
        Recursive = true,
    };

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { shape, dtype, device, threads, pair, output, rounds })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Reads them, and loads libtorch to see whether the device is there.</summary>
    /// <exception cref="ArgumentException">A value is out of range, or there is no such device.</exception>
    public MeasureOptions Read(ParseResult parsed)
    {
        var parsedDevice = ComputeDevice.Parse(parsed.GetRequiredValue(device));
        if (parsedDevice.index > 0)
        {
            throw new ArgumentException($"--device {parsedDevice}: the first GPU is measured; CUDA_VISIBLE_DEVICES chooses which that is.");
        }

        var options = new MeasureOptions(
            parsed.GetRequiredValue(shape),
            parsed.GetRequiredValue(dtype),
            parsedDevice.type == TorchSharp.DeviceType.CUDA ? "cuda" : "cpu",
            parsed.GetValue(threads),
            parsed.GetValue(pair),
            parsed.GetRequiredValue(output),
            parsed.GetValue(rounds));
        return options.Rounds >= 1 ? options : throw new ArgumentException("--rounds must be at least 1.");
    }
}
