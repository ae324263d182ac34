namespace ActivationReplay.Hub;

/// <summary>A request failed in a way that another try may mend.</summary>
/// <param name="problem">What happened.</param>
/// <param name="wait">How long the server asks to wait, if it says so.</param>
/// <param name="cause">The error beneath, if there is one.</param>
internal sealed class TransientException(string problem, TimeSpan? wait = null, Exception? cause = null) : Exception(problem, cause)
{
    /// <summary>How long the server asks to wait, if it says so.</summary>
    public TimeSpan? Wait { get; } = wait;
}
