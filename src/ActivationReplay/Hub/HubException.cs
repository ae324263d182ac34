namespace ActivationReplay.Hub;

/// <summary>A model cannot be fetched from the hub: it is not there, not open to this user, not whole, or there is no way to it.</summary>
/// <param name="subject">The model, or a file of it.</param>
/// <param name="problem">What is wrong, and what to do.</param>
/// <param name="cause">The error beneath, if there is one.</param>
public sealed class HubException(string subject, string problem, Exception? cause = null) : Exception($"{subject}: {problem}", cause)
{
    /// <summary>The model, or a file of it.</summary>
    public string Subject { get; } = subject;
}
