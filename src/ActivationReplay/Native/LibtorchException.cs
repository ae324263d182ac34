namespace ActivationReplay.Native;

/// <summary>TorchSharp's native library, or libtorch beneath it, cannot be loaded on this machine.</summary>
/// <remarks>The message names what was looked for, where, why it failed and what to install.</remarks>
public sealed class LibtorchException : DllNotFoundException
{
    /// <summary>Reports a failure to load.</summary>
    /// <param name="message">What was looked for, where, and what would be right.</param>
    /// <param name="cause">The error beneath, if there is one.</param>
    public LibtorchException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }
}
