namespace ActivationReplay.Vision;

/// <summary>
/// Decoded clips of a run: a clip that several questions are about is decoded once, and one that comes next can be decoded ahead, while
/// a model computes. What was asked for longest ago goes when there is no room. Any thread may call.
/// </summary>
/// <param name="reader">Reads the clips.</param>
/// <param name="capacity">Bytes of frames that are kept.</param>
public sealed class VideoCache(VideoReader reader, long capacity = VideoCache.DefaultCapacity)
{
    /// <summary>Bytes that are kept where no other number is asked for: about fifty clips of 16 frames of 200 000 pixels.</summary>
    public const long DefaultCapacity = 512L << 20;

    private readonly Lock turn = new();
    private readonly List<Entry> entries = []; // the one asked for last comes last
    private long held;

    /// <summary>The number of clips that were decoded.</summary>
    public int Decoded { get; private set; }

    /// <summary>The frames of a clip, as <see cref="VideoReader.Read"/> gives them.</summary>
    /// <inheritdoc cref="VideoReader.Read" path="/param"/>
    /// <inheritdoc cref="VideoReader.Read" path="/exception"/>
    public SampledVideo Read(
        VideoFile video, int factor, long? minPixels = null, long? maxPixels = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(video);
        while (true)
        {
            var entry = Ask(new Key(Stamp.Of(video.Path), video, factor, minPixels, maxPixels), cancellationToken);
            try
            {
                // Two that ask for one clip wait for the same decoding.
                var frames = entry.Frames.Value;
                Keep(entry, frames);
                return frames;
            }
            catch (Exception error)
            {
                // A reason may go away.
                Forget(entry);
                if (error is OperationCanceledException && !cancellationToken.IsCancellationRequested)
                {
                    continue; // who asked first gave up, not who asks now
                }

                throw;
            }
        }
    }

    private Entry Ask(Key key, CancellationToken cancel)
    {
        lock (turn)
        {
            var entry = entries.Find(e => e.Key == key);
            if (entry is null)
            {
                entry = new Entry(key, new Lazy<SampledVideo>(() => reader.Read(key.Video, key.Factor, key.MinPixels, key.MaxPixels, cancel)));
                Decoded++;
            }

            entries.Remove(entry);
            entries.Add(entry);
            return entry;
        }
    }

    private void Keep(Entry entry, SampledVideo frames)
    {
        lock (turn)
        {
            if (entry.Bytes > 0 || !entries.Contains(entry))
            {
                return;
            }

            entry.Bytes = frames.Frames.Sum(f => (long)f.Pixels.Length);
            held += entry.Bytes;
            foreach (var oldest in entries.Where(e => e.Bytes > 0).ToList().TakeWhile(_ => held > capacity))
            {
                held -= oldest.Bytes;
                entries.Remove(oldest);
            }
        }
    }

    private void Forget(Entry entry)
    {
        lock (turn)
        {
            entries.Remove(entry);
        }
    }

    private sealed record Key(Stamp File, VideoFile Video, int Factor, long? MinPixels, long? MaxPixels);

    // A file that changed is another one.
    private readonly record struct Stamp(long Length, DateTime Written)
    {
        public static Stamp Of(string path) => new FileInfo(path) is { Exists: true } file ? new Stamp(file.Length, file.LastWriteTimeUtc) : default;
    }

    private sealed class Entry(Key key, Lazy<SampledVideo> frames)
    {
        public Key Key => key;

        public Lazy<SampledVideo> Frames => frames;

        // 0 until it is decoded.
        public long Bytes { get; set; }
    }
}
