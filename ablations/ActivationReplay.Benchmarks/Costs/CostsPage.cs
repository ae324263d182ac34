using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Benchmarks.Goals;
using ActivationReplay.Benchmarks.Roofline;
using ActivationReplay.Benchmarks.Workloads;
using ActivationReplay.Files;

namespace ActivationReplay.Benchmarks.Costs;

/// <summary><c>page</c>: measures all that docs/what-replay-costs.md shows and puts the tables into it.</summary>
internal static class CostsPage
{
    /// <summary>Runs the commands in turn and fills the page.</summary>
    public static int Run(MeasureOptions options)
    {
        CostsCommand.Run(options);
        RooflineCommand.Run(options);
        var code = GoalsCommand.Run(options);
        var page = RepositoryPaths.Find("docs", "what-replay-costs.md");
        var text = new[] { CostsCommand.FileName, RooflineCommand.FileName, GoalsCommand.FileName }.Aggregate(
            File.ReadAllText(page),
            (current, name) => Fill(current, name, File.ReadAllText(Path.Combine(options.Output, $"{name}.md"))));
        AtomicFile.WriteText(page, text);
        return code;
    }

    /// <summary>Puts a table between the marks <c>&lt;!-- name --&gt;</c> and <c>&lt;!-- /name --&gt;</c> of a page.</summary>
    /// <exception cref="InvalidDataException">The page lacks the marks.</exception>
    internal static string Fill(string page, string name, string table)
    {
        var (begin, end) = ($"<!-- {name} -->", $"<!-- /{name} -->");
        var first = page.IndexOf(begin, StringComparison.Ordinal);
        var last = page.IndexOf(end, StringComparison.Ordinal);
        return first >= 0 && last > first
            ? $"{page[..(first + begin.Length)]}\n{table.TrimEnd()}\n{page[last..]}"
            : throw new InvalidDataException($"The page has no {begin} with a {end} after it.");
    }
}
