using System.Globalization;
using ActivationReplay.Ablations.Clusters;
using Spectre.Console;

namespace ActivationReplay.Ablations.Commands;

/// <summary>Shows the shards of a run: a live table on a terminal, a line after each change elsewhere.</summary>
internal static class ShardProgress
{
    /// <summary>Follows a run until it is over.</summary>
    /// <param name="look">Says how far it is.</param>
    /// <param name="every">Time between two looks.</param>
    /// <param name="cancel">Stops following.</param>
    /// <returns>The last look.</returns>
    public static RunStatus Follow(Func<RunStatus> look, TimeSpan every, CancellationToken cancel)
    {
        var status = look();
        if (CommandLine.Output.Profile.Out.IsTerminal && CommandLine.Output.Profile.Capabilities.Ansi)
        {
            CommandLine.Output.Live(Table(status)).Overflow(VerticalOverflow.Ellipsis).Start(live =>
            {
                Loop(() => live.UpdateTarget(Table(status)));
            });
        }
        else
        {
            var last = "";
            Loop(() =>
            {
                if (Line(status) is var line && line != last)
                {
                    CommandLine.Lines([last = line]);
                    Console.Out.Flush();
                }
            });
            CommandLine.Output.Write(Table(status));
        }

        return status;

        void Loop(Action show)
        {
            show();
            while (!status.IsOver && !cancel.WaitHandle.WaitOne(every))
            {
                status = look();
                show();
            }
        }
    }

    /// <summary>A row a shard.</summary>
    public static Table Table(RunStatus status)
    {
        var table = new Table().AddColumns("shard", "state").AddColumn(new TableColumn("answers").RightAligned())
            .AddColumn(new TableColumn("errors").RightAligned()).AddColumn("where");
        foreach (var shard in status.Shards)
        {
            table.AddRow(shard.Shard.ToString(), Markup.Escape(shard.State), Text($"{shard.Done} of {shard.Answers}"), Text($"{shard.Failed}"), Markup.Escape(shard.Where));
        }

        return table.Caption(Markup.Escape(Total(status)));
    }

    /// <summary>All in a line: <c>2 running, 1 pending; 120 of 400 answers, 0 errors</c>.</summary>
    public static string Line(RunStatus status) =>
        $"{string.Join(", ", status.Shards.GroupBy(s => s.State).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => Text($"{g.Count()} {g.Key}")))}; {Total(status)}";

    private static string Total(RunStatus status) =>
        Text($"{status.Shards.Sum(s => s.Done)} of {status.Shards.Sum(s => s.Answers)} answers, {status.Shards.Sum(s => s.Failed)} errors")
        + (status.Note is { } note ? $"; {note}" : "");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
