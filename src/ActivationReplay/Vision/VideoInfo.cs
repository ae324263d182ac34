namespace ActivationReplay.Vision;

/// <summary>The properties of a clip that are known without decoding it.</summary>
/// <param name="Name">The path that errors about it show.</param>
/// <param name="Frames">Frames that decoding the whole clip gives.</param>
/// <param name="FramesPerSecond">The container's average rate, over 0.</param>
/// <param name="Width">Width of the coded picture in pixels, before any rotation.</param>
/// <param name="Height">Height of the coded picture in pixels, before any rotation.</param>
public sealed record VideoInfo(string Name, int Frames, double FramesPerSecond, int Width, int Height);
