using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Text;

namespace ActivationReplay.Vision;

/// <summary>
/// Takes frames from ffmpeg's pipe as PPM pictures, whose headers tell the size: rotation, and a change of size within
/// the clip, need no foresight.
/// </summary>
/// <param name="limits">The guard against headers that claim too much.</param>
/// <param name="count">How many frames to take.</param>
/// <param name="finish">What becomes of each frame as it comes, so that full-size frames do not pile up.</param>
internal sealed class PpmSink(PixelLimit limits, int count, Func<RgbImage, RgbImage> finish)
{
    private readonly List<RgbImage> _frames = [];

    public IReadOnlyList<RgbImage> Frames => _frames;

    /// <summary>The error that ended reading early; ffmpeg is to be ended then.</summary>
    public ExceptionDispatchInfo? Failure { get; private set; }

    /// <summary>Reads frames until there are enough, or to the end of the stream, which a killed ffmpeg brings about, too.</summary>
    public void Read(Stream stream)
    {
        try
        {
            while (_frames.Count < count && ReadFrame(stream) is { } frame)
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
    private RgbImage? ReadFrame(Stream stream)
    {
        if (ReadHeader(stream) is not { } header)
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
        stream.ReadExactly(pixels);
        return new RgbImage(width, height, pixels);
    }

    // Three lines: the kind, width and height, the largest value.
    private static string? ReadHeader(Stream stream)
    {
        const int Longest = 64;
        var header = new byte[Longest];
        for (int length = 0, lines = 0; length < Longest; length++)
        {
            if (stream.Read(header, length, 1) == 0)
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
