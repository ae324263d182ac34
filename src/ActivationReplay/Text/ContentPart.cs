using ActivationReplay.Vision;

namespace ActivationReplay.Text;

/// <summary>One piece of a message. Pieces stand in the prompt in their order.</summary>
public abstract record ContentPart;

/// <summary>A piece of text, taken as it is.</summary>
/// <param name="Text">The text. The names of added tokens in it become those tokens, as at Hugging Face.</param>
public sealed record TextPart(string Text) : ContentPart;

/// <summary>
/// What a model wrote, token for token: it stands in the prompt as it was generated, whatever the tokenizer would make of its
/// text. Placeholders of pictures among the ids are tokens like any other.
/// </summary>
/// <param name="Ids">The ids, without the token that ended the turn.</param>
public sealed record TokensPart(IReadOnlyList<int> Ids) : ContentPart;

/// <summary>A picture.</summary>
/// <param name="Image">The encoded picture.</param>
public sealed record ImagePart(MediaFile Image) : ContentPart;

/// <summary>A video.</summary>
/// <param name="Source">A clip on disk, or frames that were taken already.</param>
public sealed record VideoPart(VideoSource Source) : ContentPart
{
    /// <summary>A video as frames that were taken from it already.</summary>
    /// <param name="frames">The encoded frames in time order.</param>
    /// <param name="framesPerSecond">The rate of the frames, in frames a second of the clip.</param>
    public VideoPart(IReadOnlyList<MediaFile> frames, double framesPerSecond)
        : this(new FrameList(frames, framesPerSecond))
    {
    }

    /// <summary>A clip on disk, read when a prompt is prepared.</summary>
    /// <param name="path">The clip.</param>
    /// <param name="sampling">Which of its frames are taken; two a second if absent.</param>
    public static VideoPart FromFile(string path, VideoSampling? sampling = null) =>
        new(new VideoFile(path, sampling ?? new VideoSampling()));
}
