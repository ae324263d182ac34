using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace ActivationReplay.Native;

/// <summary>Loads libtorch and TorchSharp's native library.</summary>
/// <remarks>
/// <see cref="Load"/> comes before the first use of any type of TorchSharp. Where the libraries load by themselves
/// nothing is changed; where only libstdc++ is too old, a patched copy stands in (<see cref="PatchedLibrary"/>).
/// CPU and CUDA builds differ only in which files lie in the native folder.
/// </remarks>
public static class Libtorch
{
    private const string Bindings = "LibTorchSharp";

    // Dependencies first. A library that is loaded already is found by its SONAME wherever its users lie.
    private static readonly string[] s_dependencies = ["c10", "torch_cpu", "torch_cuda", "torch"];
    private static readonly Lock s_lock = new();
    private static bool s_loaded;

    /// <summary>Makes TorchSharp usable in this process. May be called any number of times from any thread.</summary>
    /// <exception cref="LibtorchException">
    /// The libraries are absent, or this system cannot run them; the message says what to install.
    /// </exception>
    public static void Load()
    {
        lock (s_lock)
        {
            if (!s_loaded)
            {
                LoadBindings();
                s_loaded = true;
            }
        }
    }

    /// <summary>Whether the libraries that are found are those for CUDA.</summary>
    internal static bool HasCuda => Find(SearchFolders(), "torch_cuda") is not null;

    /// <summary>The file of the OpenMP runtime that libtorch brings and uses; null where it brings none.</summary>
    internal static string? OpenMp =>
        SearchFolders().Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFiles(folder, "libgomp*.so*")).FirstOrDefault();

    private static void LoadBindings()
    {
        var folders = SearchFolders();
        foreach (var dependency in s_dependencies)
        {
            if (Find(folders, dependency) is { } path)
            {
                // A failure shows again, with its reason, when the bindings are loaded.
                NativeLibrary.TryLoad(path, out _);
            }
        }

        if (NativeLibrary.TryLoad(Bindings, typeof(torch).Assembly, null, out _))
        {
            return;
        }

        var file = Find(folders, Bindings) ?? throw new LibtorchException(Describe("is not there", folders));
        try
        {
            NativeLibrary.Load(file);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            if (!OperatingSystem.IsLinux() || !e.Message.Contains(PatchedLibrary.Version, StringComparison.Ordinal))
            {
                throw new LibtorchException(Describe($"does not load: {e.Message.Trim()}", folders), e);
            }

            Use(PatchedLibrary.Load(file));
        }
    }

    /// <summary>Answers TorchSharp's search for its bindings, which fails on its own, with a library loaded already.</summary>
    private static void Use(nint library)
    {
        var context = AssemblyLoadContext.GetLoadContext(typeof(torch).Assembly) ?? AssemblyLoadContext.Default;
        context.ResolvingUnmanagedDll += (_, name) => name == Bindings ? library : 0;
    }

    /// <summary>Where the host, a published folder and an unpublished one keep native libraries.</summary>
    private static List<string> SearchFolders()
    {
        var host = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        return
        [
            .. host.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
                .Append(AppContext.BaseDirectory)
                .Append(Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native"))
                .Select(Path.TrimEndingDirectorySeparator)
                .Distinct(),
        ];
    }

    private static string? Find(List<string> folders, string library) =>
        folders.Select(folder => Path.Combine(folder, FileName(library))).FirstOrDefault(File.Exists);

    private static string FileName(string library) =>
        OperatingSystem.IsWindows() ? $"{library}.dll"
        : OperatingSystem.IsMacOS() ? $"lib{library}.dylib"
        : $"lib{library}.so";

    private static string Describe(string what, List<string> folders) =>
        $"{FileName(Bindings)} {what}{Environment.NewLine}" +
        $"Looked for it and for {FileName("torch")} in: {string.Join(", ", folders)}.{Environment.NewLine}" +
        "The build takes libtorch for the CPU from the package libtorch-cpu-(linux-x64|osx-arm64|win-x64), and with " +
        "-p:Cuda=true from TorchSharp-cuda-linux, which also needs an NVIDIA driver. This process runs on " +
        $"{RuntimeInformation.RuntimeIdentifier}.";
}
