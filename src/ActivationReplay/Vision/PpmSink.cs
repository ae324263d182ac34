using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Text;
using FFMpegCore.Pipes;

namespace ActivationReplay.Vision;

/// <summary>
/// Takes frames from ffmpeg's pipe as PPM pictures, whose headers tell the size: rotation, and a change of size within
/// the clip, need no foresight.
/// </summary>
/// <param name="limits">The guard against headers that claim too much.</param>
/// <param name="count">How many frames to take.</param>
/// <param name="finish">What becomes of each frame as it comes, so that full-size frames do not pile up.</param>
internal sealed class PpmSink(PixelLimit limits, int count, Func<RgbImage, RgbImage> finish) : IPipeSink
{
    private readonly List<RgbImage> _frames = [];

    public IReadOnlyList<RgbImage> Frames => _frames;

    /// <summary>
    /// The error that ended reading early. It is kept here because FFMpegCore drops exceptions of a sink if ffmpeg fails, too.
    /// </summary>
    public ExceptionDispatchInfo? Failure { get; private set; }

    /// <inheritdoc/>
    public string GetStreamArguments() => "-c:v ppm -f image2pipe";

    /// <inheritdoc/>
    /// <remarks>
    /// The token is cancelled when ffmpeg has ended, which may be before its last frames are read: not it but the end of
    /// the stream counts here, which a killed ffmpeg brings about, too.
    /// </remarks>
    public async Task ReadAsync(Stream inputStream, CancellationToken cancellationToken)
    {
        try
        {
            while (_frames.Count < count && await ReadFrame(inputStream).ConfigureAwait(false) is { } frame)
            {
                _frames.Add(finish(frame));
            }
        }
        catch (Exception error)
        {
            Failure = ExceptionDispatchInfo.Capture(error);
        }
    }

    // Null at the end of the stream.
    private async Task<RgbImage?> ReadFrame(Stream stream)
    {
        if (await ReadHeader(stream).ConfigureAwait(false) is not { } header)
        {
            return null;
        }

        if (header.Split() is not ["P6", var columns, var rows, "255"]
            || !int.TryParse(columns, CultureInfo.InvariantCulture, out var width)
            || !int.TryParse(rows, CultureInfo.InvariantCulture, out var height))
        {
            throw new MediaException(limits.Name, $"ffmpeg gave a frame with the header '{header}'.");
        }

        limits.Check(width, height);
        var pixels = new byte[(long)width * height * RgbImage.Channels];
        await stream.ReadExactlyAsync(pixels).ConfigureAwait(false);
        return new RgbImage(width, height, pixels);
    }

    // Three lines: the kind, width and height, the largest value.
    private static async Task<string?> ReadHeader(Stream stream)
    {
        const int Longest = 64;
        var header = new byte[Longest];
        for (int length = 0, lines = 0; length < Longest; length++)
        {
            if (await stream.ReadAsync(header.AsMemory(length, 1)).ConfigureAwait(false) == 0)
            {
                return length == 0 ? null : throw new EndOfStreamException("ffmpeg ended within a frame's header.");
            }

            lines += header[length] == '\n' ? 1 : 0;
            if (lines == 3)
            {
                return Encoding.ASCII.GetString(header, 0, length);
            }
        }

        return Encoding.ASCII.GetString(header);
    }
}
