using System.Diagnostics;
using ActivationReplay.Ablations.Commands;

namespace ActivationReplay.Tests.Commands;

/// <summary>The program as a process of its own, for what a signal does to it.</summary>
internal sealed class RunProcess : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);
    private readonly Process process;
    private readonly Task<string> errors;

    public RunProcess(params IEnumerable<string> arguments)
    {
        var program = Path.ChangeExtension(typeof(CommandLine).Assembly.Location, ".dll");
        process = Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Waits for a line of output, such as the first of progress.</summary>
    public void WaitFor(string text)
    {
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return;
            }
        }

        throw new InvalidOperationException($"The program ended without '{text}': {errors.Result}");
    }

    /// <summary>What Ctrl+C sends.</summary>
    public void Interrupt() => Send("INT");

    /// <summary>What systemd, Slurm and <c>docker stop</c> send.</summary>
    public void Terminate() => Send("TERM");

    /// <summary>Whether it has ended within some time.</summary>
    public bool HasEnded(TimeSpan within) => process.WaitForExit(within);

    /// <summary>What no handler sees.</summary>
    public void Kill() => process.Kill();

    /// <summary>Waits for its end.</summary>
    public (int Code, string Errors) Finish()
    {
        process.StandardOutput.ReadToEnd();
        return process.WaitForExit(s_patience)
            ? (process.ExitCode, errors.Result)
            : throw new TimeoutException("The program did not end.");
    }

    private void Send(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        process.Dispose();
    }
}
