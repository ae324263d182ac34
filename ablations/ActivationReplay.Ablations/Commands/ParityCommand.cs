using System.CommandLine;
using System.Globalization;
using ActivationReplay.Ablations.Outputs;
using ActivationReplay.Ablations.Parity;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Files;
using static TorchSharp.torch;

namespace ActivationReplay.Ablations.Commands;

/// <summary><c>parity FOLDER</c>: recomputes recordings and prints each error beside its limit.</summary>
internal static class ParityCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("FOLDER") { Description = "Recordings: pairs/, cases/, prepare/ (see tests/goldens/README.md)." };
        var dump = new Option<string?>("--dump") { Description = "Folder for what was computed, in the recorded forms." };
        var only = new Option<string?>("--only") { Description = "Only cases whose name contains this text." };
        var dtype = new Option<string>("--dtype")
        {
            Description = "float32, or bfloat16: the errors of computing in bf16, which no limit judges.",
            DefaultValueFactory = _ => "float32",
        };
        dtype.AcceptOnlyFromAmong("float32", "bfloat16");
        var device = new Option<string>("--device")
        {
            Description = "cpu, cuda or cuda:N (cuda needs --libtorch of a PyTorch for CUDA, or a build with -p:Cuda=true).",
            DefaultValueFactory = _ => "cpu",
        };
        var table = new Option<string?>("--table") { Description = "Markdown file for the errors of each quantity over all cases." };
        var beside = new Option<string?>("--beside") { Description = "A table of --table, of another device: its errors stand beside those of this one." };
        var overwrite = Overwrite.Option();
        var command = new Command("parity", "Compare every recorded quantity of a folder with what this engine computes.")
        {
            folder, dump, only, dtype, device, table, beside, overwrite,
        };
        command.SetAction((parsed, cancel) =>
        {
            var place = parsed.GetRequiredValue(device);
            Native.PairDevices.Parse(place).Open();
            if (parsed.GetValue(table) is { } errors)
            {
                OutputFile.Check("--table", errors, parsed.GetValue(overwrite), "a table of parity", ParityTable.Is);
            }

            var others = parsed.GetValue(beside) is { } earlier ? Beside(earlier, parsed.GetValue(table)) : null;

            using var files = parsed.GetValue(dump) is { } path
                ? OutputFolder.Open("--dump", path, "parity", CommandLines.Of(parsed), parsed.GetValue(overwrite), keepUnfinished: true)
                : null;
            var code = Run(
                parsed.GetRequiredValue(folder),
                files?.Path,
                parsed.GetValue(only),
                parsed.GetValue(dtype) == "bfloat16" ? ScalarType.BFloat16 : ScalarType.Float32,
                place,
                parsed.GetValue(table),
                others,
                cancel);
            files?.Commit();
            return Task.FromResult(code);
        });
        return command;
    }

    private static OtherErrors Beside(string path, string? table)
    {
        try
        {
            return table is not null ? ParityTable.Read(path) : throw new ArgumentException("--beside goes with --table.");
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"--beside {path}: {e.Message}", e);
        }
    }

    private static int Run(string folder, string? dump, string? only, ScalarType type, string device, string? table, OtherErrors? beside, CancellationToken cancel)
    {
        var rows = new List<ParityRow>();
        Console.WriteLine($"{"case",-16} {"quantity",-34} {"error",10} {"limit",10}  status");
        Func<string, bool>? chosen = only is null ? null : name => name.Contains(only, StringComparison.Ordinal);
        foreach (var row in ParitySuite.Run(folder, dump, chosen, type, device))
        {
            cancel.ThrowIfCancellationRequested();
            rows.Add(row);
            Console.WriteLine($"{row.Case,-16} {row.Quantity,-34} {Number(row.Error),10} {Number(row.Limit),10}  {Status(row)}");
        }

        if (table is not null)
        {
            AtomicFile.WriteText(table, ParityTable.Of(rows, type, device, beside));
        }

        if (type != ScalarType.Float32)
        {
            Console.WriteLine($"{rows.Count} errors of {type}; the limits are those of fp32 and judge nothing here");
            return ExitCode.Success;
        }

        var over = rows.Count(r => r.Status == ParityStatus.Over);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{rows.Count(r => r.Status == ParityStatus.Within)} within limits, {over} over, "
            + $"{rows.Count(r => r.Status == ParityStatus.NotSupported)} not supported"));
        return over == 0 ? ExitCode.Success : ExitCode.RowsFailed;
    }

    private static string Status(ParityRow row) => row.Status switch
    {
        ParityStatus.Within => "ok",
        ParityStatus.Over => $"OVER  {row.Note}",
        _ => $"not supported: {row.Note}",
    };

    private static string Number(double value) =>
        double.IsNaN(value) ? "" : value.ToString(value == Math.Floor(value) ? "0" : "0.00e+00", CultureInfo.InvariantCulture);
}
