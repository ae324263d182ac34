namespace ActivationReplay.Vision;

/// <summary>Chosen frames that one pass of the decoder gives.</summary>
/// <param name="Start">Where it begins, in seconds of the container; null is the beginning of the clip.</param>
/// <param name="First">The number of the first frame from there on.</param>
/// <param name="Numbers">The chosen frames, in time order.</param>
internal sealed record FrameRun(double? Start, int First, IReadOnlyList<int> Numbers);

/// <summary>Divides chosen frames into passes of the decoder, so that little is decoded that no one asked for.</summary>
internal static class FrameRuns
{
    // To start a decoder and seek costs about as much as decoding so many frames of a film.
    private const int FramesAStart = 30;

    /// <summary>The passes; one over the whole clip where the clip cannot be sought in, or that decodes least.</summary>
    /// <param name="numbers">The chosen frames, ascending and distinct.</param>
    /// <param name="index">The clip's index; null where it has none.</param>
    public static IReadOnlyList<FrameRun> Of(IReadOnlyList<int> numbers, ClipIndex? index)
    {
        FrameRun[] whole = [new FrameRun(null, 0, numbers)];
        if (index is null || numbers[^1] >= index.Seconds.Count)
        {
            return whole;
        }

        var runs = new List<List<int>>();
        var decoded = 0;
        foreach (var number in numbers)
        {
            // Going on from the frame before is cheaper than starting anew where the key frame lies before it, or just after.
            var fromKey = number - index.KeyBefore(number) + FramesAStart;
            var goingOn = runs.Count > 0 ? number - runs[^1][^1] : int.MaxValue;
            if (goingOn <= fromKey)
            {
                runs[^1].Add(number);
                decoded += goingOn;
            }
            else
            {
                runs.Add([number]);
                decoded += fromKey;
            }
        }

        return decoded < numbers[^1] + FramesAStart
            ? [.. runs.Select(From)]
            : whole;

        // From a key frame on: a container that seeks by the order of decoding would begin after a frame that is shown before the next one.
        FrameRun From(List<int> run)
        {
            var key = index.KeyBefore(run[0]);
            return new FrameRun(index.SeekTo(key), key, run);
        }
    }
}
