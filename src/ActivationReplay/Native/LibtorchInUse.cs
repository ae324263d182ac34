namespace ActivationReplay.Native;

/// <summary>The libtorch that this process computes with.</summary>
/// <param name="Folder">Where its libraries are; null where the system does not say.</param>
/// <param name="Version">Its version, such as <c>2.10.0+cu128</c>; null where neither its files nor it itself say.</param>
/// <param name="IsInstalled">Whether it was asked for by <see cref="Libtorch.Use"/> or the environment, and is not the build's own.</param>
/// <param name="Missing">Functions that TorchSharp's bindings need and it lacks; none unless it was taken unchecked.</param>
public sealed record LibtorchInUse(string? Folder, string? Version, bool IsInstalled, IReadOnlyList<string> Missing)
{
    /// <summary>Whether it is of the version that TorchSharp's bindings are built for, whatever it computes on.</summary>
    public bool IsAsBuiltFor => Version?.Split('+')[0] == Libtorch.BuiltFor;
}
