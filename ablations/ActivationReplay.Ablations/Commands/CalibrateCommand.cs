using System.CommandLine;
using System.Globalization;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Errors;
using ActivationReplay.Ablations.Outputs;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Inputs;
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
    private readonly ConfigOptions config = new();

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
        var command = new Command("calibrate", "Measure base entropies on the questions of a configuration, as it asks them; write thresholds for --cross-thresholds.");
        calibrate.config.AddTo(command);
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
        // The file may be the one that is to be made.
        var asked = config.Read(parsed, without: "replay.cross-thresholds");
        var rows = QuestionFile.Read(asked);
        using var pair = ModelOptions.Load(asked.Pair);
        var layers = pair.Model(ModelRole.Base).Layers;
        var entropies = Enumerable.Range(0, layers).Select(_ => new List<float>()).ToArray();
        var (samples, failed) = (0, 0);
        foreach (var row in rows)
        {
            cancel.ThrowIfCancellationRequested();
            try
            {
                var sample = row.Sample ?? throw new DatasetException(row.Id, row.Error!);
                ErrorContext.About($"question {row.Id}", () => Measure(pair, asked, sample, aligned, entropies));
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
            throw new DatasetException(asked.Dataset, "no sample could be measured");
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

    private static void Measure(ReplayPair pair, RunConfig asked, Sample sample, LayerAlignment alignment, List<float>[] entropies)
    {
        using var inputs = pair.Processor.Prepare(AskedPrompt.First(asked, sample), new PixelLimits(asked.MinPixels, asked.MaxPixels));
        using var prompt = EncodedPrompt.Encode(pair.Model(ModelRole.Base), inputs);
        using var recording = Recording.Record(
            prompt, alignment.StatesNeeded(entropies.Length - 1), allPositions: true);
        for (var layer = 0; layer < entropies.Length; layer++)
        {
            entropies[layer].AddRange(recording.EntropiesAt(alignment.RecordedLayer(layer), recording.Positions));
        }
    }
}
