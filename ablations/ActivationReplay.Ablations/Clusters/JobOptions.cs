using System.Text.RegularExpressions;

namespace ActivationReplay.Ablations.Clusters;

/// <summary>What a job asks of Slurm.</summary>
internal sealed partial record JobOptions
{
    /// <summary>The partition, or null for the cluster's default.</summary>
    public string? Partition { get; init; }

    /// <summary>GPUs of a shard; 0 asks for none.</summary>
    public int Gpus { get; init; }

    /// <summary>Cores of a shard, or null for the cluster's default.</summary>
    public int? Cpus { get; init; }

    /// <summary>The time limit in a form of Slurm's, or null for the partition's default.</summary>
    public string? Time { get; init; }

    /// <summary>Shards at the same time, or null for as many as there is room for.</summary>
    public int? ArrayLimit { get; init; }

    /// <summary>Further options, <c>--name</c> or <c>--name=value</c> each.</summary>
    public IReadOnlyList<string> More { get; init; } = [];

    // What submit decides itself.
    private static readonly string[] s_own = ["--array", "--dependency", "--output", "--error", "--wrap", "--parsable", "--chdir"];

    /// <summary>Checks them.</summary>
    /// <exception cref="ArgumentException">One is not allowed; the message says which.</exception>
    public JobOptions Checked()
    {
        Positive("--cpus", Cpus);
        Positive("--array-limit", ArrayLimit);
        if (Gpus < 0)
        {
            throw new ArgumentException($"--gpus {Gpus}: allowed is a whole number from 0.");
        }

        if (Partition is not null && !PartitionForm().IsMatch(Partition))
        {
            throw new ArgumentException($"--partition {Partition}: allowed is a name, or several with commas between.");
        }

        if (Time is not null && !TimeForm().IsMatch(Time))
        {
            throw new ArgumentException($"--time {Time}: allowed is a form of Slurm's, for example 90 (minutes), 4:00:00 or 2-12:00:00.");
        }

        foreach (var option in More)
        {
            if (!OptionForm().IsMatch(option))
            {
                throw new ArgumentException($"--sbatch-option {option}: allowed is --name or --name=value on one line, for example --sbatch-option=--account=vision.");
            }

            if (s_own.Contains(option.Split('=')[0]))
            {
                throw new ArgumentException($"--sbatch-option {option}: submit sets this itself; a --template, or the job file after --dry-run, may say otherwise.");
            }
        }

        return this;
    }

    private static void Positive(string option, int? value)
    {
        if (value < 1)
        {
            throw new ArgumentException($"{option} {value}: allowed is a whole number from 1.");
        }
    }

    [GeneratedRegex(@"\A[^\s""'#\\]+\z")]
    private static partial Regex PartitionForm();

    [GeneratedRegex(@"\A(\d+-)?\d+(:\d+){0,2}\z")]
    private static partial Regex TimeForm();

    [GeneratedRegex(@"\A--[a-z][a-z-]*(=[^\r\n]*)?\z")]
    private static partial Regex OptionForm();
}
