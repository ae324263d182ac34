namespace ActivationReplay.Native;

/// <summary>Names of shared libraries by system.</summary>
internal static class LibraryNames
{
    private static readonly (string System, bool IsThis, string Prefix, string Suffix)[] s_systems =
    [
        ("Linux", OperatingSystem.IsLinux(), "lib", ".so"),
        ("Windows", OperatingSystem.IsWindows(), "", ".dll"),
        ("macOS", OperatingSystem.IsMacOS(), "lib", ".dylib"),
    ];

    /// <summary>The file of a library on this system.</summary>
    public static string File(string library)
    {
        var system = s_systems.FirstOrDefault(s => s.IsThis, s_systems[0]);
        return system.Prefix + library + system.Suffix;
    }

    /// <summary>The files of a library on the other systems.</summary>
    public static IEnumerable<(string System, string File)> OfOtherSystems(string library) =>
        s_systems.Where(s => s.Prefix + library + s.Suffix != File(library)).Select(s => (s.System, s.Prefix + library + s.Suffix));
}
