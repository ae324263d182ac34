using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Inputs;

namespace ActivationReplay.Ablations.Execution;

/// <summary>Decodes the clips of the batch that comes next while the models compute; one batch ahead, so that no more wait than are kept.</summary>
internal sealed class VideosAhead(Processor processor, PixelLimits limits) : IDisposable
{
    private readonly CancellationTokenSource done = new();
    private Task work = Task.CompletedTask;

    /// <summary>Begins with a batch's clips; those before are finished first.</summary>
    public void Begin(IEnumerable<DatasetRow> rows)
    {
        var clips = rows.SelectMany(r => r.Sample?.Videos ?? []).ToList();
        if (clips.Count > 0)
        {
            work = work.ContinueWith(
                _ => clips.ForEach(clip =>
                {
                    if (!done.IsCancellationRequested)
                    {
                        processor.Ahead(clip, limits);
                    }
                }),
                TaskScheduler.Default);
        }
    }

    /// <summary>Waits for the clip that is decoded; the others are left.</summary>
    public void Dispose()
    {
        done.Cancel();
        work.Wait();
        done.Dispose();
    }
}
