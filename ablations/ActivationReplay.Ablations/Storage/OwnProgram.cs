using System.Reflection;
using System.Runtime.InteropServices;

namespace ActivationReplay.Ablations.Storage;

/// <summary>How another process of this program is started, as it was built: nothing is built again.</summary>
internal static class OwnProgram
{
    /// <summary>The program and the arguments before those of a command.</summary>
    /// <param name="assembly">The assembly of the program.</param>
    public static IReadOnlyList<string> Of(Assembly assembly)
    {
        var name = assembly.GetName().Name!;
        if (Environment.ProcessPath is { } process && Path.GetFileNameWithoutExtension(process) == name)
        {
            return [process];
        }

        // The host of the runtime that this process has: three folders above it.
        var host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        return [File.Exists(host) ? host : "dotnet", Path.Combine(AppContext.BaseDirectory, name + ".dll")];
    }
}
