using System.Diagnostics;
using System.Globalization;
using ActivationReplay.Hub;

namespace ActivationReplay.Ablations.Commands;

/// <summary>Shows a download while it goes: one line that is drawn again on a terminal, a line now and then elsewhere.</summary>
internal static class PullProgress
{
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(5);

    /// <summary>Calls <paramref name="pull"/> with a callback that takes how far it is.</summary>
    public static Task<T> Show<T>(Func<Action<HubProgress>, Task<T>> pull)
    {
        var watch = Stopwatch.StartNew();
        return CommandLine.Output.Profile.Out.IsTerminal && CommandLine.Output.Profile.Capabilities.Ansi
            ? ShowOneLine(pull, () => watch.Elapsed)
            : ShowLines(Console.Out, () => watch.Elapsed, pull);
    }

    /// <summary>A line after the first piece, the last, and every few seconds between.</summary>
    internal static async Task<T> ShowLines<T>(TextWriter output, Func<TimeSpan> elapsed, Func<Action<HubProgress>, Task<T>> pull)
    {
        TimeSpan? last = null;
        return await pull(now =>
        {
            if (last is null || now.Files == now.TotalFiles || elapsed() - last > s_between)
            {
                last = elapsed();
                output.WriteLine(Line(now, elapsed()));
                output.Flush();
            }
        });
    }

    /// <summary>Bytes, speed and time left as text: <c>3/5 files, 9.61/16.58 GB, 104 MB/s, 0:01:07 left</c>.</summary>
    internal static string Line(HubProgress now, TimeSpan elapsed)
    {
        var rate = now.Fetched / Math.Max(elapsed.TotalSeconds, 1e-3);
        var left = rate > 0 ? TimeSpan.FromSeconds(Math.Min((now.TotalBytes - now.Bytes) / rate, TimeSpan.MaxValue.TotalSeconds / 2)) : (TimeSpan?)null;
        return string.Create(CultureInfo.InvariantCulture, $"{now.Files}/{now.TotalFiles} files, {now.Bytes / 1e9:0.00}/{now.TotalBytes / 1e9:0.00} GB")
            + (left is { } time ? string.Create(CultureInfo.InvariantCulture, $", {rate / 1e6:0.0} MB/s, {Durations.Text(time)} left") : "");
    }

    private static async Task<T> ShowOneLine<T>(Func<Action<HubProgress>, Task<T>> pull, Func<TimeSpan> elapsed)
    {
        const int PerSecond = 5;
        T? result = default;
        await Spectre.Console.AnsiConsoleExtensions.Live(CommandLine.Output, new Spectre.Console.Text("asking the hub")).StartAsync(async live =>
        {
            var drawn = TimeSpan.Zero;
            result = await pull(now =>
            {
                if (now.Files == now.TotalFiles || elapsed() - drawn > TimeSpan.FromSeconds(1.0 / PerSecond))
                {
                    drawn = elapsed();
                    live.UpdateTarget(new Spectre.Console.Text(Line(now, drawn)));
                }
            });
        });
        return result!;
    }
}
