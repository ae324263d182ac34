using System.CommandLine;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Execution;
using ActivationReplay.Replay.Recordings;
using static TorchSharp.torch;

namespace ActivationReplay.Ablations.Commands;

/// <summary>Options that choose a pair and how it is computed.</summary>
internal sealed class ModelOptions
{
    public Option<string> Pair { get; } = new("--pair", "-p")
    {
        Description = "Folder with base/ and rlvr/ checkpoints (Hugging Face safetensors).",
        DefaultValueFactory = _ => RepositoryPaths.Find("ablations", "pairs", "counting"),
    };

    public Option<string?> Base { get; } = new("--base") { Description = "The base checkpoint's folder, instead of PAIR/base." };

    public Option<string?> Rlvr { get; } = new("--rlvr") { Description = "The RLVR checkpoint's folder, instead of PAIR/rlvr." };

    public Option<string> Device { get; } = new("--device")
    {
        Description = "cpu, cuda or cuda:N (cuda needs a build with -p:Cuda=true).",
        DefaultValueFactory = _ => "cpu",
    };

    public Option<string> Dtype { get; } = new Option<string>("--dtype")
    {
        Description = "float32, bfloat16 or stored (as in the checkpoint).",
        DefaultValueFactory = _ => "float32",
    }.AcceptOnlyFromAmong("float32", "bfloat16", "stored");

    public Option<int> Threads { get; } = new("--threads")
    {
        Description = "Threads of CPU tensor operations; 0 is 1 for small models, whose operations are shorter than a hand-over, else every core.",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(Pair);
        command.Options.Add(Base);
        command.Options.Add(Rlvr);
        command.Options.Add(Device);
        command.Options.Add(Dtype);
        command.Options.Add(Threads);
    }

    public LoadedPair Load(ParseResult parsed)
    {
        var pair = parsed.GetRequiredValue(Pair);
        return Load(new PairConfig(
            parsed.GetValue(Base) ?? Path.Combine(pair, "base"),
            parsed.GetValue(Rlvr) ?? Path.Combine(pair, "rlvr"),
            parsed.GetRequiredValue(Dtype),
            parsed.GetRequiredValue(Device),
            parsed.GetValue(Threads)));
    }

    /// <summary>Loads both models and chooses the threads.</summary>
    public static LoadedPair Load(PairConfig config)
    {
        Native.Libtorch.Load();
        ScalarType? type = config.Dtype switch
        {
            "float32" => ScalarType.Float32,
            "bfloat16" => ScalarType.BFloat16,
            _ => null,
        };
        var loaded = new LoadedPair(config.Base, config.Rlvr, type, ParseDevice(config.Device));
        CpuThreads.Use(config.Threads, loaded.Model(ModelRole.Base));
        return loaded;
    }

    /// <exception cref="ArgumentException">There is no such device here.</exception>
    internal static Device ParseDevice(string name)
    {
        Device parsed;
        try
        {
            parsed = device(name);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new ArgumentException($"--device {name}: no such device; allowed are cpu, cuda, cuda:N.", e);
        }

        return parsed.type != TorchSharp.DeviceType.CUDA || cuda.is_available()
            ? parsed
            : throw new ArgumentException(
                $"--device {name}: this build has no CUDA, or the machine has no GPU. Build with -p:Cuda=true; see README.");
    }
}
