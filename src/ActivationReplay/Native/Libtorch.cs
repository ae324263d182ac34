using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace ActivationReplay.Native;

/// <summary>Loads libtorch and TorchSharp's native library.</summary>
/// <remarks>
/// <see cref="Load"/> comes before the first use of any type of TorchSharp, and <see cref="Use"/> before that. The libtorch is the
/// one asked for, else the one of the build, else what the system finds by name. Where only libstdc++ is too old, a patched copy of
/// the bindings stands in (<see cref="PatchedLibrary"/>). CPU and CUDA differ only in which files lie in the folder.
/// </remarks>
public static class Libtorch
{
    /// <summary>The environment variable that names the folder of an installed libtorch.</summary>
    public const string FolderVariable = "ACTIVATION_REPLAY_LIBTORCH";

    private const string Bindings = "LibTorchSharp";

    // Beside the program, and not in it: TorchSharp asks for libtorch_cpu by name, and the program's own folder comes first.
    private const string Packaged = "libtorch";

    private static readonly Lock s_lock = new();
    private static LibtorchChoice? s_asked;
    private static LibtorchInUse? s_used;

    /// <summary>
    /// Takes the libtorch of a PyTorch wheel, or one that was unpacked, when libtorch is loaded; it stands before
    /// <see cref="FolderVariable"/> and before the build's own.
    /// </summary>
    /// <param name="folder">The wheel's <c>torch/lib</c>, its <c>torch</c> or the <c>site-packages</c> around it, or the unpacked folder.</param>
    /// <param name="isUnchecked">
    /// Goes on where it lacks functions that TorchSharp's bindings need: the process ends at the first call of one.
    /// </param>
    /// <exception cref="LibtorchException">libtorch is loaded already, from elsewhere.</exception>
    public static void Use(string folder, bool isUnchecked = false)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        folder = Path.GetFullPath(folder);
        lock (s_lock)
        {
            if (s_used is { } used && used.Folder != InstalledLibtorch.Find(folder).Folder)
            {
                throw new LibtorchException($"{folder}: libtorch is loaded already, from {used.Folder ?? "the system's folders"}; choose it before anything is computed");
            }

            s_asked = new(folder, isUnchecked);
        }
    }

    /// <summary>Makes TorchSharp usable in this process. May be called any number of times from any thread.</summary>
    /// <returns>What is used, and where it is from.</returns>
    /// <exception cref="LibtorchException">
    /// The libraries are absent, or lack what TorchSharp needs, or this system cannot run them; the message says what to give or install.
    /// </exception>
    public static LibtorchInUse Load()
    {
        lock (s_lock)
        {
            return s_used ??= LoadAll();
        }
    }

    /// <summary>The version of libtorch that TorchSharp's bindings are built for.</summary>
    // Of the constant: a call of torch.__version__ would run the initialisation of the class, which loads libtorch.
    public static string BuiltFor { get; } = typeof(torch).GetField("libtorchPackageVersion", BindingFlags.NonPublic | BindingFlags.Static)
        ?.GetRawConstantValue() is string version ? string.Join('.', version.Split('.').Take(3)) : "of its packages";

    /// <summary>What <see cref="Use"/> was called with, for processes that this one starts; null where it was not.</summary>
    public static LibtorchChoice? Asked => s_asked;

    /// <summary>Whether the libraries that are found are those for CUDA.</summary>
    /// <exception cref="LibtorchException">The one that was asked for is not there.</exception>
    public static bool HasCuda => Installed() is { } installed
        ? installed.HasCuda
        : DynamicLinker.FolderOf(LibraryNames.File("torch_cuda")) is not null;

    private static LibtorchInUse LoadAll()
    {
        // MKL's sums depend on the addresses of the numbers unless it is told otherwise before its first product: the same run would
        // differ from itself in the last bits. The code path that is best here, and no slower (measured).
        DynamicLinker.TrySetVariable("MKL_CBWR", "AUTO,STRICT");
        var folders = ProgramFolders();
        var bindings = Find(folders, Bindings);
        var (installed, isAsked) = (Installed(), Choice() is not null);
        IReadOnlyList<string> missing = [];
        if (installed is not null && isAsked)
        {
            RefuseASecond(folders, installed);
            missing = Missing(bindings, installed);
        }

        installed?.Load();
        LoadBindings(bindings, [.. missing], installed, folders);
        var isOwn = installed is not null && !isAsked;
        if (installed is null && DynamicLinker.FolderOf(LibraryNames.File("torch_cpu")) is { } found)
        {
            // The system found one by name, such as on LD_LIBRARY_PATH; nothing of it has been called yet.
            installed = InstalledLibtorch.Find(found);
            missing = Missing(bindings, installed);
        }

        return new LibtorchInUse(
            installed?.Folder, installed?.Version ?? LoadedVersion() ?? (isOwn ? BuiltFor : null), !isOwn, [.. missing.Select(DynamicLinker.Demangle)]);
    }

    // What an installed one lacks; an error unless that is to be borne.
    private static IReadOnlyList<string> Missing(string? bindings, InstalledLibtorch installed)
    {
        var missing = bindings is null ? [] : BindingsCheck.Missing(bindings, installed);
        return missing.Count == 0 || Choice()?.IsUnchecked == true
            ? missing
            : throw new LibtorchException(BindingsCheck.Describe(missing, bindings!, installed));
    }

    private static void LoadBindings(string? file, HashSet<string> missing, InstalledLibtorch? installed, List<string> folders)
    {
        if (missing.Count == 0 && NativeLibrary.TryLoad(Bindings, typeof(torch).Assembly, null, out _))
        {
            return;
        }

        if (file is null)
        {
            throw new LibtorchException(
                $"{LibraryNames.File(Bindings)} is not there; looked for it in {string.Join(", ", folders)}. It comes with the package TorchSharp, which has it for "
                + $"linux-x64, win-x64 and osx-arm64; this process runs on {RuntimeInformation.RuntimeIdentifier}.");
        }

        try
        {
            Resolve(missing.Count > 0 ? PatchedLibrary.Load(file, missing) : NativeLibrary.Load(file));
        }
        catch (Exception e) when (e is (DllNotFoundException or BadImageFormatException) and not LibtorchException)
        {
            if (OperatingSystem.IsLinux() && e.Message.Contains(PatchedLibrary.Version, StringComparison.Ordinal))
            {
                Resolve(PatchedLibrary.Load(file, missing));
                return;
            }

            throw new LibtorchException(
                installed is null
                    ? $"There is no libtorch: this build has none of its own, and the system finds none. {WhatToDo}"
                    : $"{file} does not load with the libtorch of {installed.Folder}: {e.Message.Trim()}",
                e);
        }
    }

    /// <summary>How a program comes to a libtorch.</summary>
    public const string WhatToDo =
        "--libtorch DIR, or the environment variable " + FolderVariable + "=DIR, or Libtorch.Use in code, takes that of an installed PyTorch or an unpacked one: "
        + InstalledLibtorch.Wanted + ". Or build with -p:Libtorch=cpu (200 MB), or with -p:Libtorch=cuda (2 GB, Linux with an NVIDIA driver).";

    /// <summary>Answers TorchSharp's search for its bindings, which may fail on its own, with a library loaded already.</summary>
    private static void Resolve(nint library)
    {
        var context = AssemblyLoadContext.GetLoadContext(typeof(torch).Assembly) ?? AssemblyLoadContext.Default;
        context.ResolvingUnmanagedDll += (_, name) => name == Bindings ? library : 0;
    }

    // TorchSharp loads torch_cpu by name; where another file of that name lies in the program's folders, it would get that one, too.
    private static void RefuseASecond(List<string> folders, InstalledLibtorch installed)
    {
        if (Find(folders, "torch_cpu") is { } own && !SameFile(own, installed.Library("torch_cpu")!))
        {
            throw new LibtorchException(
                $"{own} lies beside the program, and would be loaded together with the libtorch of {installed.Folder}: build with -p:Libtorch=none, or delete it.");
        }
    }

    private static bool SameFile(string a, string b) => Real(a) == Real(b);

    private static string Real(string path) => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);

    private static InstalledLibtorch? Installed() => Choice() is { } choice
        ? InstalledLibtorch.Find(choice.Folder)
        : ProgramFolders().Prepend(Path.Combine(AppContext.BaseDirectory, Packaged))
            .Where(folder => File.Exists(Path.Combine(folder, LibraryNames.File("torch_cpu"))))
            .Select(folder => new InstalledLibtorch(folder, null)).FirstOrDefault();

    private static LibtorchChoice? Choice() =>
        s_asked ?? (Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } named ? new(Path.GetFullPath(named), IsUnchecked: false) : null);

    // What the library says of itself, since 2.9: major, minor and patch in the upper bytes.
    private static unsafe string? LoadedVersion()
    {
        if (!NativeLibrary.TryLoad(LibraryNames.File("torch_cpu"), out var library)
            || !NativeLibrary.TryGetExport(library, "aoti_torch_abi_version", out var function))
        {
            return null;
        }

        var version = ((delegate* unmanaged<ulong>)function)();
        return string.Join('.', new[] { 56, 48, 40 }.Select(shift => (byte)(version >> shift)));
    }

    /// <summary>Where the host, a published folder and an unpublished one keep native libraries.</summary>
    private static List<string> ProgramFolders()
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
        folders.Select(folder => Path.Combine(folder, LibraryNames.File(library))).FirstOrDefault(File.Exists);
}
