using System.CommandLine;
using System.Globalization;
using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Benchmarks.Reports;
using ActivationReplay.Benchmarks.Workloads;

namespace ActivationReplay.Benchmarks.Gpu;

/// <summary><c>gpu PART</c>: one part of what the kit measures (gpu/README.md), on random weights that need no disk.</summary>
internal static class GpuCommand
{
    private const string Loop = "loop";
    private const string Reference = "reference";
    private const string Generation = "generation";
    private const string Profile = "profile";

    public static Command Create(MeasureCommandOptions measured)
    {
        var part = new Argument<string>("PART") { Description = "loop, reference (the loop in the reference's shape), generation, or profile (an iteration and a token by kind of operation)." };
        part.AcceptOnlyFromAmong(Loop, Reference, Generation, Profile);
        var options = new GpuOptions();
        var command = new Command("gpu", "Measure one part on a device: the loop, the reference's shape of it, generation, or a profile; a CSV and a table.") { part };
        options.AddTo(command);
        command.SetAction(parsed => Run(parsed.GetRequiredValue(part), measured.Read(parsed), options.Read(parsed)));
        return command;
    }

    /// <summary>Measures, prints each number as it is there, writes gpu-PART.csv and gpu-PART.md.</summary>
    internal static int Run(string part, MeasureOptions options, GpuWork work)
    {
        var measures = part switch
        {
            Loop => LoopPart.Engine(options, work),
            Reference => LoopPart.Reference(options, work),
            Profile => ProfilePart.Measure(options, work),
            _ => GenerationPart.Measure(options, work),
        };
        Directory.CreateDirectory(options.Output);
        var rows = new List<GpuMeasure>();
        foreach (var row in measures)
        {
            rows.Add(row);
            Console.WriteLine($"{row.Measure}: {Number(row.Value)} {row.Unit}  {row.Detail}");
            // What was measured stays, if the next part takes too long.
            CsvTable.Write(Path.Combine(options.Output, $"gpu-{part}.csv"), rows);
        }

        MarkdownReport.Write(
            Path.Combine(options.Output, $"gpu-{part}.md"),
            options,
            $"gpu {part}",
            ["measure", "value", "unit", "from"],
            rows.Select(r => (IReadOnlyList<string>)[r.Measure, Number(r.Value), r.Unit, r.Detail]));
        return ExitCode.Success;
    }

    private static string Number(double? value) => value?.ToString("G6", CultureInfo.InvariantCulture) ?? "–";
}
