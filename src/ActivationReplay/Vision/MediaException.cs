namespace ActivationReplay.Vision;

/// <summary>A picture or a list of frames that cannot be used. One bad sample raises it; the run goes on.</summary>
/// <param name="name">The path, or the row of a data set, that the medium came from.</param>
/// <param name="problem">What is wrong and, where it helps, what would be right.</param>
/// <param name="cause">The error underneath, if there is one.</param>
public sealed class MediaException(string name, string problem, Exception? cause = null)
    : Exception($"{name}: {problem}", cause)
{
    /// <summary>The path, or the row of a data set, that the medium came from.</summary>
    public string Name { get; } = name;
}
