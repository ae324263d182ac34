using System.Globalization;
using System.Text.RegularExpressions;
using ActivationReplay.Ablations.Storage;

namespace ActivationReplay.Ablations.Clusters;

/// <summary>Writes the job files of a run: an array with a task a shard, and the job that merges them.</summary>
/// <param name="run">The run's folder.</param>
/// <param name="count">How many shards.</param>
/// <param name="folder">The folder that commands are started in, so that relative paths mean there what they mean here.</param>
/// <param name="program">The program and the arguments that begin its command line.</param>
/// <param name="options">What is asked of Slurm.</param>
/// <param name="template">The text around a command (<see cref="DefaultTemplate"/>), or one of the user's own.</param>
internal sealed partial class JobFiles(string run, int count, string folder, IReadOnlyList<string> program, JobOptions options, string template)
{
    /// <summary>The file of the shards.</summary>
    public const string Shards = "shards.sh";

    /// <summary>The file of the merging job.</summary>
    public const string Merge = "merge.sh";

    /// <summary>A job file of a POSIX shell; <c>{{directives}}</c>, <c>{{folder}}</c> and <c>{{command}}</c> are replaced.</summary>
    public const string DefaultTemplate = """
        #!/bin/sh
        {{directives}}

        # What the cluster needs before the program starts belongs here, for example: module load cuda

        # Where cores are not bound to jobs the program would count all of the node.
        if [ -n "$SLURM_CPUS_PER_TASK" ]; then
            export DOTNET_PROCESSOR_COUNT="$SLURM_CPUS_PER_TASK"
        fi

        cd {{folder}} || exit 1

        # exec: signals of Slurm reach the program itself, which keeps what it has.
        exec {{command}}

        """;

    // Long enough to drop a batch and write the tables.
    private const int SecondsToEnd = 60;

    private static readonly string[] s_names = ["directives", "folder", "command"];

    /// <summary>Checks a template of the user's own.</summary>
    /// <exception cref="ArgumentException">A part is missing or unknown, or sbatch would refuse the file.</exception>
    public static string Check(string path, string text)
    {
        if (!text.StartsWith("#!", StringComparison.Ordinal))
        {
            throw new ArgumentException($"--template {path}: the first line must name a shell, as in #!/bin/sh; sbatch refuses others.");
        }

        var names = Part().Matches(text).Select(m => m.Groups[1].Value).ToList();
        if (names.Except(s_names).FirstOrDefault() is { } unknown)
        {
            throw new ArgumentException($"--template {path}: {{{{{unknown}}}}} is none of {string.Join(", ", s_names.Select(n => $"{{{{{n}}}}}"))}.");
        }

        foreach (var needed in s_names.Where(n => n != "folder" && !names.Contains(n)))
        {
            throw new ArgumentException($"--template {path}: {{{{{needed}}}}} is missing.");
        }

        return text.ReplaceLineEndings("\n");
    }

    /// <summary>The text of the file of the shards.</summary>
    /// <param name="command">The command <c>run</c> with its configuration, without the shard and the run's folder.</param>
    /// <exception cref="ArgumentException">The run's folder has a name that sbatch cannot take.</exception>
    public string ShardsText(IReadOnlyList<string> command)
    {
        const string Task = "\"$SLURM_ARRAY_TASK_ID\"";
        var limit = options.ArrayLimit is { } most ? Text($"%{most}") : "";
        return Fill(
            [
                Text($"--array=1-{count}{limit}"),
                $"--output={LogPath("shard-%a.log")}",
                "--open-mode=append",
                "--requeue",
                Text($"--signal=B:TERM@{SecondsToEnd}"),
                .. options.Gpus > 0 ? [Text($"--gres=gpu:{options.Gpus}")] : Array.Empty<string>(),
                .. options.Cpus is { } cores ? [Text($"--cpus-per-task={cores}")] : Array.Empty<string>(),
            ],
            $"{CommandLines.Join([.. program, .. command])} --requeue --shard {Task}/{count} --out {CommandLines.Join([Path.Combine(run, "shards") + "/"])}{Task}-of-{count}");
    }

    /// <summary>The text of the file of the merging job.</summary>
    /// <inheritdoc cref="ShardsText"/>
    public string MergeText() => Fill([$"--output={LogPath("merge.log")}", "--open-mode=append"], CommandLines.Join([.. program, "merge", run]));

    private string Fill(IEnumerable<string> own, string command)
    {
        var directives = own
            .Prepend($"--job-name={Unsafe().Replace(Path.GetFileName(run), "_")}")
            .Concat(options.Partition is { } partition ? [$"--partition={partition}"] : [])
            .Concat(options.Time is { } time ? [$"--time={time}"] : [])
            .Concat(options.More);
        return Part().Replace(template, part => part.Groups[1].Value switch
        {
            "directives" => string.Join('\n', directives.Select(d => "#SBATCH " + Directive(d))),
            "folder" => CommandLines.Join([folder]),
            _ => command,
        });
    }

    // % begins a pattern of sbatch's, and a backslash would turn all patterns off.
    private string LogPath(string name)
    {
        var jobs = Path.Combine(run, Submission.Jobs);
        return jobs.Contains('\\', StringComparison.Ordinal) || jobs.Any(char.IsControl)
            ? throw new ArgumentException($"--out {run}: sbatch takes no folder with a backslash or a line break in its name; name another.")
            : $"{jobs.Replace("%", "%%", StringComparison.Ordinal)}/{name}";
    }

    // sbatch reads a directive as a line of words, in quotes where they have blanks or signs.
    private static string Directive(string option)
    {
        if (option.Split('=', 2) is not [var name, var value] || !Quoted().IsMatch(value))
        {
            return option;
        }

        return $"{name}=\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\{\{(\w*)\}\}")]
    private static partial Regex Part();

    [GeneratedRegex(@"[^A-Za-z0-9._/:%,=@+-]")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"[^A-Za-z0-9._-]")]
    private static partial Regex Unsafe();
}
