using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Runs;
using ActivationReplay.Checkpoints;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Models;
using ActivationReplay.Replay;
using Spectre.Console;
using static TorchSharp.torch;

namespace ActivationReplay.Ablations.Commands;

/// <summary><c>validate [CONFIG]</c>: checks all that can be checked without loading weights, and estimates the cost.</summary>
internal sealed class ValidateCommand
{
    // A journal line and its share of the tables, with an answer of a few hundred characters.
    private const long BytesAnAnswer = 4096;

    private readonly ConfigOptions configuration = new();

    public static Command Create()
    {
        var validate = new ValidateCommand();
        var command = new Command("validate", "Check a configuration, its files and data set; estimate time, memory and disk.");
        validate.configuration.AddTo(command);
        command.SetAction(validate.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var config = configuration.Read(parsed);
        Native.Libtorch.Load();
        using var pair = CheckpointPair.Open(config.Pair.Base, config.Pair.Rlvr);
        foreach (var cell in config.Cells)
        {
            ReplayMethods.Get(cell.Method).Check(cell.Settings, pair.Base.Config.Text.Layers);
        }

        var processor = Processor.Load(pair.BaseProcessorFolder, pair.Base.Config);
        var rows = DatasetOptions.Read(config.Dataset, config.Limit);
        var bad = rows.Where(r => r.Error is not null).ToList();
        foreach (var row in bad)
        {
            Console.Error.WriteLine($"{config.Dataset}: {row.Error}");
        }

        var answers = MatrixRun.Wanted(config, rows.Count);
        Say($"{config.Name}: {config.Cells.Count} cells, {rows.Count} questions ({bad.Count} bad rows), {answers} answers");
        foreach (var note in pair.Notes)
        {
            Say($"note: {note}");
        }

        var first = rows.FirstOrDefault(r => r.Sample is not null)?.Sample
            ?? throw new DatasetException(config.Dataset, "no row can be used");
        Estimate(config, pair, processor, first, rows.Count);
        return bad.Count == 0 ? ExitCode.Success : ExitCode.RowsFailed;
    }

    private static void Estimate(RunConfig config, CheckpointPair pair, Processor processor, Sample sample, int samples)
    {
        using var inputs = processor.Prepare(
            sample.Conversation(config.SystemPrompt), new PixelLimits(config.MinPixels, config.MaxPixels));
        var text = pair.Base.Config.Text;
        var layer = 2L * text.HiddenSize * (text.HiddenSize + text.KvHeads * text.HeadSize) + 3L * text.HiddenSize * text.IntermediateSize;
        var weights = layer * text.Layers + 2L * text.HiddenSize * text.VocabularySize;
        var bytes = config.Pair.Dtype == "float32" ? 4L : 2L;
        var loops = config.Cells.Where(c => ReplayMethods.Get(c.Method).Uses.HasFlag(MethodSettings.Loop)).Sum(c =>
            // Forward, and backward to activations: two multiply-adds each a weight and position.
            4.0 * c.Settings.Iterations * Math.Max(1, c.Settings.Layers[^1]) * layer * inputs.VisualPositions.Count);
        var generation = 2.0 * weights * config.Cells.Count * (inputs.Length + config.Generation.Samples * (double)config.Generation.MaxNewTokens);
        var rate = Rate(config.Pair.Dtype);
        var seconds = samples * (loops + generation) / rate;
        var disk = MatrixRun.Wanted(config, samples) * BytesAnAnswer;
        var free = new DriveInfo(Path.GetPathRoot(RepositoryPaths.Find("results")) ?? "/").AvailableFreeSpace;
        Say($"prompt of {inputs.Length} tokens, {inputs.VisualPositions.Count} visual (the first question)");
        Say($"memory: {2 * weights * bytes / 1e9:0.00} GB of weights");
        Say($"time: at least {TimeSpan.FromSeconds(seconds):d\\.hh\\:mm\\:ss} at this machine's CPU rate of {rate / 1e9:0} GFLOP/s, answers of full length");
        Say($"disk: {disk / 1e6:0.0} MB, {free / 1e9:0.0} GB are free");
        if (disk > free)
        {
            throw new IOException($"The run needs {disk} bytes of disk, {free} are free.");
        }
    }

    // FLOP/s of a matrix product on the CPU.
    private static double Rate(string dtype)
    {
        const long Side = 1024;
        using var scope = NewDisposeScope();
        var a = ones([Side, Side], dtype == "float32" ? ScalarType.Float32 : ScalarType.BFloat16);
        matmul(a, a);
        var watch = Stopwatch.StartNew();
        const int Repeats = 4;
        for (var i = 0; i < Repeats; i++)
        {
            matmul(a, a);
        }

        return Repeats * 2.0 * Side * Side * Side / watch.Elapsed.TotalSeconds;
    }

    private static void Say(FormattableString text) => CommandLine.Output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
