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

    public Option<string> Device { get; } = DeviceOption();

    public Option<string> Dtype { get; } = new Option<string>("--dtype")
    {
        Description = "float32, bfloat16 or stored (as in the checkpoint).",
        DefaultValueFactory = _ => "float32",
    }.AcceptOnlyFromAmong("float32", "bfloat16", "stored");

    public Option<int> Threads { get; } = new("--threads")
    {
        Description = "Threads of CPU tensor operations; 0 is 1 for small models, whose operations are shorter than a hand-over, else every core.",
    };

    /// <summary>A new option that names a device.</summary>
    public static Option<string> DeviceOption() => new("--device")
    {
        Description = "cpu, cuda or cuda:N (cuda needs --libtorch of a PyTorch for CUDA, or a build with -p:Cuda=true).",
        DefaultValueFactory = _ => "cpu",
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

    public ReplayPair Load(ParseResult parsed)
    {
        var pair = parsed.GetRequiredValue(Pair);
        return Load(new PairConfig(
            parsed.GetValue(Base) ?? Path.Combine(pair, "base"),
            parsed.GetValue(Rlvr) ?? Path.Combine(pair, "rlvr"),
            parsed.GetRequiredValue(Dtype),
            parsed.GetRequiredValue(Device),
            parsed.GetValue(Threads)));
    }

    /// <summary>Loads libtorch and both models, and chooses the threads.</summary>
    /// <exception cref="ArgumentException">There is no such device here.</exception>
    public static ReplayPair Load(PairConfig config)
    {
        ScalarType? type = config.Dtype switch
        {
            "float32" => ScalarType.Float32,
            "bfloat16" => ScalarType.BFloat16,
            _ => null,
        };
        var loaded = ReplayPair.Open(config.Base, config.Rlvr, new PairOptions { Type = type, Device = config.Device });
        CpuThreads.Use(config.Threads, loaded.Model(ModelRole.Base));
        return loaded;
    }
}
