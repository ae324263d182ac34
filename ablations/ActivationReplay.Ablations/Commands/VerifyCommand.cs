using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ActivationReplay.Ablations.Outputs;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Text;
using ActivationReplay.Verification;
using CsvHelper;
using CsvHelper.Configuration.Attributes;

namespace ActivationReplay.Ablations.Commands;

/// <summary><c>verify</c>: judges outputs, of this or any other tool, against references.</summary>
internal static class VerifyCommand
{
    private const string Header = "id,extracted,rule,match";

    public static Command Create()
    {
        var file = new Argument<string>("FILE")
        {
            Description = "JSONL: {\"id\", \"gold\", \"pred\"} or {\"id\", \"choices\": {\"A\": …}, \"pred\"} a line; also gold or answer with choices, question_type (multi_choice: options drawn in the picture), targets (latex, expr, string), "
                + "options by Math-Verify's names (float_rounding, strict, allow_set_relation_comp, strings, …).",
        };
        var output = new Option<string?>("--out", "-o") { Description = "The CSV (id, extracted, rule, match); default: standard output." };
        var overwrite = Overwrite.Option();
        var command = new Command("verify", "Extract the answers of outputs by rule and compare them with references.") { file, output, overwrite };
        command.SetAction((parsed, cancel) =>
        {
            if (parsed.GetValue(output) is { } path)
            {
                OutputFile.Check("--out", path, parsed.GetValue(overwrite), "a CSV of verify", there => OutputFile.FirstLine(there) == Header);
            }

            return Task.FromResult(Run(parsed.GetRequiredValue(file), parsed.GetValue(output), cancel));
        });
        return command;
    }

    private static int Run(string path, string? output, CancellationToken cancel)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: no such file; a JSONL file with one output a line belongs there");
        }

        var judged = TextFile.ReadLines(path).Index().Where(l => !string.IsNullOrWhiteSpace(l.Item))
            .AsParallel().AsOrdered().WithCancellation(cancel).Select(l => Judge(path, l.Index + 1, l.Item)).ToList();
        if (judged.Count == 0)
        {
            throw new InvalidDataException($"{path} has no lines; a JSONL file with one output a line belongs there");
        }

        Write([.. judged.Select(j => j.Row).OfType<Row>()], output);

        // With the CSV on standard output, all else goes to the other stream.
        var report = output is null ? Console.Error : Console.Out;
        foreach (var rule in judged.Where(j => j.Row is not null).GroupBy(j => j.Rule).OrderBy(g => g.Key == AnswerRule.Unparsed).ThenBy(g => g.Key))
        {
            report.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rule.Key.Name(),-14}{rule.Count(),7} rows{rule.Count(j => j.Row!.IsMatch),8} right"));
        }

        var rows = judged.Count(j => j.Row is not null);
        if (judged.SelectMany(j => j.WithoutMeaning).Distinct().Order(StringComparer.Ordinal).ToList() is { Count: > 0 } ignored)
        {
            Console.Error.WriteLine($"warning: {path}: {string.Join(", ", ignored)}: no meaning here, and no verdict depends on it");
        }

        var errors = judged.Where(j => j.Error is not null).Select(j => j.Error!).ToList();
        report.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"all",-14}{rows,7} rows{judged.Count(j => j.Row is { IsMatch: true }),8} right{errors.Count,7} errors"));
        foreach (var error in errors)
        {
            Console.Error.WriteLine($"error: {error}");
        }

        return errors.Count == 0 ? ExitCode.Success : ExitCode.RowsFailed;
    }

    private static Judged Judge(string path, int number, string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            var line = new VerificationLine(json.RootElement);
            var verdict = line.Judge();
            return new Judged(new Row(line.Id, verdict.Text ?? "", verdict.Rule.Name(), verdict.IsCorrect), verdict.Rule, null, line.WithoutMeaning);
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return Judged.Bad(string.Create(CultureInfo.InvariantCulture, $"{path}, line {number}: {e.Message}"));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // One bad line is an error row, not a dead run.
            return Judged.Bad(string.Create(CultureInfo.InvariantCulture, $"{path}, line {number}: {e.GetType().Name}: {e.Message}"));
        }
    }

    private static void Write(IReadOnlyList<Row> rows, string? output)
    {
        if (output is null)
        {
            using var csv = new CsvWriter(Console.Out, CultureInfo.InvariantCulture, leaveOpen: true);
            csv.WriteRecords(rows);
            return;
        }

        if (Path.GetDirectoryName(Path.GetFullPath(output)) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }

        CsvTable.Write(output, rows);
    }

    private sealed record Judged(Row? Row, AnswerRule Rule, string? Error, IReadOnlyList<string> WithoutMeaning)
    {
        public static Judged Bad(string error) => new(null, default, error, []);
    }

    private sealed record Row(
        [property: Name("id"), Index(0)] string Id,
        [property: Name("extracted"), Index(1)] string Extracted,
        [property: Name("rule"), Index(2)] string Rule,
        [property: Ignore] bool IsMatch)
    {
        [Name("match"), Index(3)]
        public string Match => IsMatch ? "true" : "false";
    }
}
