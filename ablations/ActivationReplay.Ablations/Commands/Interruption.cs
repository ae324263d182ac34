using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ActivationReplay.Ablations.Commands;

/// <summary>
/// Handles Ctrl+C, and SIGTERM as systemd, Slurm and <c>docker stop</c> send it: the first signal asks the command to end and keep
/// what it has, a second one ends the process.
/// </summary>
internal sealed class Interruption : IDisposable
{
    // A signal to a process group arrives twice if `dotnet run` forwards its own.
    private static readonly TimeSpan s_sameStop = TimeSpan.FromSeconds(0.5);

    private readonly CancellationTokenSource source = new();
    private readonly Stopwatch sinceFirst = new();
    private readonly PosixSignalRegistration[] registrations;
    private PosixSignal? first;

    public Interruption() => registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }.Select(s => PosixSignalRegistration.Create(s, On))];

    /// <summary>The token that the first signal cancels.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>The exit code of the process, given that of the command: an interrupted command tells by which signal.</summary>
    public int CodeOf(int code) => (code, first) switch
    {
        (ExitCode.Interrupted, PosixSignal.SIGTERM) => ExitCode.Terminated,
        (ExitCode.Requeue, not PosixSignal.SIGTERM) => ExitCode.Interrupted,
        _ => code,
    };

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
