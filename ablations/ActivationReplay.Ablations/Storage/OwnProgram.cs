using System.Reflection;
using System.Runtime.InteropServices;

namespace ActivationReplay.Ablations.Storage;

/// <summary>How another process of this program is started, as it was built: nothing is built again.</summary>
internal static class OwnProgram
{
    /// <summary>The program and the arguments before those of a command.</summary>
    public static IReadOnlyList<string> Start { get; } = Of(typeof(OwnProgram).Assembly, Environment.ProcessPath);

    private static IReadOnlyList<string> Of(Assembly assembly, string? process)
    {
        if (process is not null && Path.GetFileNameWithoutExtension(process) == assembly.GetName().Name)
        {
            return [process];
        }

        // The host of the runtime that this process has: three folders above it.
        var host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        return [File.Exists(host) ? host : "dotnet", Path.Combine(AppContext.BaseDirectory, assembly.GetName().Name + ".dll")];
    }
}
