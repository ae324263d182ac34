using ActivationReplay.Vision;

namespace ActivationReplay.Text;

/// <summary>One piece of a message. Pieces stand in the prompt in their order.</summary>
public abstract record ContentPart;

/// <summary>A piece of text, taken as it is.</summary>
/// <param name="Text">The text. The names of added tokens in it become those tokens, as at Hugging Face.</param>
public sealed record TextPart(string Text) : ContentPart;

/// <summary>A picture.</summary>
/// <param name="Image">The encoded picture.</param>
public sealed record ImagePart(MediaFile Image) : ContentPart;

/// <summary>A video, as frames that were sampled already.</summary>
/// <param name="Frames">The encoded frames in time order.</param>
/// <param name="FramesPerSecond">The rate of the sampled frames, in frames a second of the clip.</param>
public sealed record VideoPart(IReadOnlyList<MediaFile> Frames, double FramesPerSecond) : ContentPart;
