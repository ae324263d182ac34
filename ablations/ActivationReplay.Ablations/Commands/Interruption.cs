using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ActivationReplay.Ablations.Commands;

/// <summary>
/// Ctrl+C, and SIGTERM as systemd, Slurm and <c>docker stop</c> send it: the first asks the command to end with what it has,
/// a second one does what it does to any process.
/// </summary>
internal sealed class Interruption : IDisposable
{
    // Who stops a group of processes reaches this one twice where `dotnet run` passes its own signal on.
    private static readonly TimeSpan s_sameStop = TimeSpan.FromSeconds(0.5);

    private readonly CancellationTokenSource source = new();
    private readonly Stopwatch sinceFirst = new();
    private readonly PosixSignalRegistration[] registrations;
    private PosixSignal? first;

    public Interruption() => registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }.Select(s => PosixSignalRegistration.Create(s, On))];

    /// <summary>Asked for by the first signal.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>The exit code of a command that gave one: one that was interrupted says by which signal.</summary>
    public int CodeOf(int code) => code == ExitCode.Interrupted && first == PosixSignal.SIGTERM ? ExitCode.Terminated : code;

    public void Dispose()
    {
        foreach (var registration in registrations)
        {
            registration.Dispose();
        }

        source.Dispose();
    }

    private void On(PosixSignalContext signal)
    {
        lock (sinceFirst)
        {
            signal.Cancel = first is null || sinceFirst.Elapsed < s_sameStop;
            if (first is not null)
            {
                return;
            }

            first = signal.Signal;
            sinceFirst.Start();
        }

        source.Cancel();
    }
}
