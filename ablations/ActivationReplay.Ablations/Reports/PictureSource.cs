using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Vision;

namespace ActivationReplay.Ablations.Reports;

/// <summary>Pictures of a question, or why they cannot be shown.</summary>
/// <param name="Pictures">Its pictures, then a frame of each temporal step of its videos: in the order of its visual tokens.</param>
/// <param name="Missing">Why there are none.</param>
internal sealed record SamplePictures(IReadOnlyList<RgbImage> Pictures, string? Missing);

/// <summary>
/// Reads a run's pictures from its data set again. A data set that is gone, or has changed since, is said, never an error and
/// never another picture.
/// </summary>
internal sealed class PictureSource(RunManifest manifest)
{
    private const int Factor = 28;

    private readonly VideoCache clips = new(new VideoReader());
    private readonly JournalKeys keys = new(manifest.Config, $"{manifest.BaseFingerprint} {manifest.RlvrFingerprint}", manifest.JournalForm);
    private readonly Dictionary<string, Cell> cells = manifest.Config.Cells.ToDictionary(c => c.Id);
    private readonly Lazy<(Dictionary<string, DatasetRow> Rows, string? Missing)> dataset = new(() => Open(manifest.Config));

    /// <summary>The pictures that an answer was about.</summary>
    public SamplePictures Of(JournalEntry entry)
    {
        var (rows, missing) = dataset.Value;
        if (missing is not null)
        {
            return new SamplePictures([], missing);
        }

        if (!rows.TryGetValue(entry.Row.Sample, out var row) || row.Sample is null)
        {
            return new SamplePictures([], "The data set no longer has this question.");
        }

        try
        {
            // The key is of the picture's bytes: what the run saw is what is shown.
            return keys.Of(row, cells[entry.Row.Cell], entry.Row.Repetition) == entry.Key
                ? new SamplePictures([.. row.Sample.Images.Select(i => ImageDecoder.Decode(i)), .. row.Sample.Videos.SelectMany(Steps)], null)
                : new SamplePictures([], "The question or its picture has changed in the data set since the run.");
        }
        catch (MediaException e)
        {
            return new SamplePictures([], $"The picture cannot be read: {e.Message}");
        }
    }

    // In the size of a page's thumbnails, or near it.
    private IReadOnlyList<RgbImage> Steps(VideoSource video) => VideoSteps.Of(video, file => clips.Read(file, Factor));

    private static (Dictionary<string, DatasetRow> Rows, string? Missing) Open(RunConfig config)
    {
        try
        {
            return (QuestionFile.Read(config).ToDictionary(r => r.Id), null);
        }
        catch (DatasetException e)
        {
            return ([], $"The data set cannot be read: {e.Message}");
        }
    }
}
