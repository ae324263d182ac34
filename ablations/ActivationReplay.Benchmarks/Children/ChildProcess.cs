using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Benchmarks.Workloads;

namespace ActivationReplay.Benchmarks.Children;

/// <summary>Runs a measurement in a process of its own, whose memory nothing else has touched.</summary>
internal static class ChildProcess
{
    /// <summary>Runs <c>child</c> with some arguments and the same options.</summary>
    /// <returns>The numbers that it printed, by name; null for what it could not measure.</returns>
    /// <exception cref="InvalidOperationException">It failed; the message has what it said.</exception>
    public static IReadOnlyDictionary<string, double?> Run(MeasureOptions options, params IReadOnlyList<string> arguments)
    {
        using var process = Process.Start(Start(options, arguments))!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<Dictionary<string, double?>>(output)!
            : throw new InvalidOperationException(
                $"The measurement '{string.Join(' ', arguments)}' ended with {process.ExitCode}: {error.Result.Trim()}");
    }

    private static ProcessStartInfo Start(MeasureOptions options, IReadOnlyList<string> arguments)
    {
        var program = OwnProgram.Of(typeof(ChildProcess).Assembly);
        IReadOnlyList<string> all =
        [
            .. program.Skip(1), ChildCommand.Name, .. arguments,
            "--shape", options.Shape, "--dtype", options.Dtype, "--device", options.Device,
            "--threads", options.Threads.ToString(CultureInfo.InvariantCulture),
            "--rounds", options.Rounds.ToString(CultureInfo.InvariantCulture),
            .. LibtorchOptions.Arguments(),
            .. options.Pair is { } pair ? ["--pair", pair] : Array.Empty<string>(),
        ];
        return new ProcessStartInfo(program[0], all) { RedirectStandardOutput = true, RedirectStandardError = true };
    }
}
