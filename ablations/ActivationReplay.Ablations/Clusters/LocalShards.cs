using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Storage;

namespace ActivationReplay.Ablations.Clusters;

/// <summary>Computes shards in processes of this machine, a few at a time, and starts those anew that die.</summary>
/// <param name="run">The run's folder.</param>
/// <param name="submission">Its shards.</param>
/// <param name="slots">The environment variables of the processes that run at the same time, one each.</param>
/// <param name="start">The program and arguments of a shard.</param>
internal sealed partial class LocalShards(
    string run, Submission submission, IReadOnlyList<IReadOnlyDictionary<string, string>> slots, Func<Shard, IReadOnlyList<string>> start)
{
    // In a row, without one more answer between them.
    private const int MostRestarts = 3;

    private const int SigTerm = 15;

    private readonly ShardCounts counts = new(run, submission);
    private readonly ConcurrentDictionary<Shard, (string State, string Where)> active = [];
    private readonly ConcurrentDictionary<Shard, string> ended = [];
    private Task work = Task.CompletedTask;

    /// <summary>Begins.</summary>
    /// <param name="shards">The shards to compute.</param>
    /// <param name="cancel">Ends all processes as SIGTERM does: they keep what they have.</param>
    /// <returns>Ends with the last process.</returns>
    public Task Begin(IEnumerable<Shard> shards, CancellationToken cancel)
    {
        var open = new ConcurrentQueue<Shard>(shards);
        foreach (var shard in open)
        {
            active[shard] = ("waiting", "");
        }

        return work = Task.WhenAll(slots.Select(slot => Task.Run(() =>
        {
            while (!cancel.IsCancellationRequested && open.TryDequeue(out var shard))
            {
                Attend(shard, slot, cancel);
            }
        }, CancellationToken.None)));
    }

    /// <summary>Whether the last process has ended.</summary>
    public bool IsOver => work.IsCompleted;

    /// <summary>How far all are.</summary>
    public RunStatus Look()
    {
        // Before the counts, so that the last look has all.
        var isOver = IsOver;
        return new RunStatus(
            [.. submission.Shards.Select(s => counts.Look(s, active.TryGetValue(s, out var a) ? a : null, ended.GetValueOrDefault(s)))], null, isOver);
    }

    // Success, bad rows, and what another start would say again.
    private static bool IsFinal(int code) => code is >= 0 and <= 3;

    private void Attend(Shard shard, IReadOnlyDictionary<string, string> slot, CancellationToken cancel)
    {
        try
        {
            for (var restarts = 0; restarts <= MostRestarts; restarts++)
            {
                var before = counts.Held(shard);
                var code = Run(shard, slot, restarts, cancel);
                if (cancel.IsCancellationRequested)
                {
                    return;
                }

                ended[shard] = string.Create(CultureInfo.InvariantCulture, $"ended with {code}{(restarts > 0 ? $", {restarts} times started anew" : "")}");
                if (IsFinal(code))
                {
                    return;
                }

                if (counts.Held(shard) > before)
                {
                    restarts = 0;
                }
            }
        }
        finally
        {
            active.TryRemove(shard, out _);
        }
    }

    private int Run(Shard shard, IReadOnlyDictionary<string, string> slot, int restarts, CancellationToken cancel)
    {
        var command = start(shard);
        using var log = TextWriter.Synchronized(new StreamWriter(Submission.Log(run, shard), append: true) { AutoFlush = true });
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true },
        };
        foreach (var (name, value) in slot)
        {
            process.StartInfo.Environment[name] = value;
        }

        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.Start();
        var again = restarts > 0 ? $", started anew {restarts}" : "";
        active[shard] = (ShardCounts.Running, string.Create(CultureInfo.InvariantCulture, $"process {process.Id}{(slot.TryGetValue("CUDA_VISIBLE_DEVICES", out var gpu) ? $", GPU {gpu}" : "")}{again}"));
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using (cancel.Register(() => Terminate(process)))
        {
            process.WaitForExit();
        }

        return process.ExitCode;

        void Keep(object sender, DataReceivedEventArgs line)
        {
            if (line.Data is not null)
            {
                log.WriteLine(line.Data);
            }
        }
    }

    // On Windows a process has had the Ctrl+C of its console itself.
    private static void Terminate(Process process)
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = Kill(process.Id, SigTerm);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Kill(int process, int signal);
}
