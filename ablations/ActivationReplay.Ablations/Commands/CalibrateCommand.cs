using System.CommandLine;
using System.Globalization;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Errors;
using ActivationReplay.Ablations.Outputs;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Models;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Objective;
using ActivationReplay.Replay.Recordings;
using ActivationReplay.Vision;
using Spectre.Console;

namespace ActivationReplay.Ablations.Commands;

/// <summary><c>calibrate</c>: thresholds of cross-model intervention as quantiles of the base model's entropies.</summary>
internal sealed class CalibrateCommand
{
    private readonly ModelOptions models = new();
    private readonly Option<string> dataset = DatasetOptions.Path();
    private readonly Option<int?> limit = DatasetOptions.Limit();
    private readonly Option<string?> template = DatasetOptions.Template();
    private readonly KeyOptions videos = KeyOptions.Of(VideoKeys.All);

    private readonly Option<double> quantile = new("--quantile", "-q")
    {
        Description = "Share of the positions that lie at or below the threshold, in (0, 1).",
        DefaultValueFactory = _ => 0.5,
    };

    private readonly Option<LayerAlignment> alignment = new("--alignment")
    {
        Description = "aligned measures the states entering a layer, reference those leaving it.",
    };

    private readonly Option<string> output = new("--out", "-o")
    {
        Description = "The file to write.",
        DefaultValueFactory = _ => "cross-thresholds.json",
    };

    private readonly Option<bool> overwrite = Overwrite.Option();

    public static Command Create()
    {
        var calibrate = new CalibrateCommand();
        var command = new Command("calibrate", "Measure base entropies on a data set; write thresholds for --cross-thresholds.");
        calibrate.models.AddTo(command);
        command.Options.Add(calibrate.dataset);
        command.Options.Add(calibrate.limit);
        command.Options.Add(calibrate.template);
        calibrate.videos.AddTo(command);
        command.Options.Add(calibrate.quantile);
        command.Options.Add(calibrate.alignment);
        command.Options.Add(calibrate.output);
        command.Options.Add(calibrate.overwrite);
        command.SetAction((parsed, cancel) => Task.FromResult(calibrate.Run(parsed, cancel)));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancel)
    {
        var q = parsed.GetValue(quantile);
        if (q is not (> 0 and < 1))
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"--quantile {q}: allowed is above 0 and below 1."));
        }

        var path = parsed.GetRequiredValue(output);
        OutputFile.Check("--out", path, parsed.GetValue(overwrite), "a file of calibrate", CrossThresholdFile.Is);
        var aligned = parsed.GetValue(alignment);
        var rows = QuestionFile.Read(
            parsed.GetRequiredValue(dataset),
            parsed.GetValue(limit),
            DatasetOptions.ReadTemplate(parsed.GetValue(template)),
            VideoKeys.Read(videos.Keys(parsed)));
        using var pair = models.Load(parsed);
        var layers = pair.Model(ModelRole.Base).Layers;
        var entropies = Enumerable.Range(0, layers).Select(_ => new List<float>()).ToArray();
        var (samples, failed) = (0, 0);
        foreach (var row in rows)
        {
            cancel.ThrowIfCancellationRequested();
            try
            {
                var sample = row.Sample ?? throw new DatasetException(row.Id, row.Error!);
                ErrorContext.About($"question {row.Id}", () => Measure(pair, sample, aligned, entropies));
                samples++;
            }
            catch (Exception e) when (e is MediaException or DatasetException)
            {
                failed++;
                Console.Error.WriteLine($"{row.Id}: {e.Message}");
            }
        }

        if (samples == 0)
        {
            throw new DatasetException(parsed.GetRequiredValue(dataset), "no sample could be measured");
        }

        var file = new CrossThresholdFile(
            pair.Checkpoints.Base.Fingerprint,
            aligned.ToString().ToLowerInvariant(),
            q,
            samples,
            entropies[0].Count,
            [.. entropies.Select(e => TokenSelection.Threshold(e.ToArray(), new EntropyThreshold(ThresholdRule.Quantile, q)))]);
        file.Write(path);
        CommandLine.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{path}: {string.Join(' ', file.Thresholds.Select(t => t.ToString("0.000", CultureInfo.InvariantCulture)))} nats, "
            + $"layers 0 to {layers - 1}, {samples} samples, {file.Positions} positions"));
        return failed == 0 ? ExitCode.Success : ExitCode.RowsFailed;
    }

    private static void Measure(ReplayPair pair, Sample sample, LayerAlignment alignment, List<float>[] entropies)
    {
        using var inputs = pair.Processor.Prepare(sample.Conversation());
        using var prompt = EncodedPrompt.Encode(pair.Model(ModelRole.Base), inputs);
        using var recording = Recording.Record(
            prompt, alignment.StatesNeeded(entropies.Length - 1), allPositions: true);
        for (var layer = 0; layer < entropies.Length; layer++)
        {
            entropies[layer].AddRange(recording.EntropiesAt(alignment.RecordedLayer(layer), recording.Positions));
        }
    }
}
