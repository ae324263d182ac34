namespace ActivationReplay.Native;

/// <summary>The libtorch that this process computes with.</summary>
/// <param name="Folder">Where its libraries are; null where the system does not say.</param>
/// <param name="Version">Its version, such as <c>2.10.0+cu128</c>; null where neither its files nor it itself say.</param>
/// <param name="IsInstalled">Whether it is not the build's own, but one that was asked for or that the system found.</param>
/// <param name="Missing">Functions that TorchSharp's bindings need and it lacks; none unless it was taken unchecked.</param>
public sealed record LibtorchInUse(string? Folder, string? Version, bool IsInstalled, IReadOnlyList<string> Missing)
{
    /// <summary>Whether it is of the version that TorchSharp's bindings are built for, whatever it computes on.</summary>
    public bool IsAsBuiltFor => Version?.Split('+')[0] == Libtorch.BuiltFor;
}

/// <summary>An installed libtorch that was asked for.</summary>
/// <param name="Folder">Its folder, or one above.</param>
/// <param name="IsUnchecked">Whether it is used even if it lacks functions that TorchSharp's bindings need.</param>
public sealed record LibtorchChoice(string Folder, bool IsUnchecked);
