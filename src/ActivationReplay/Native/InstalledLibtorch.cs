using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace ActivationReplay.Native;

/// <summary>A libtorch that lies somewhere on this machine: that of a PyTorch wheel, or one that was unpacked.</summary>
/// <param name="Folder">Where its libraries are.</param>
/// <param name="Version">As its own files say it, such as <c>2.10.0+cu128</c>; null where they do not.</param>
internal sealed partial record InstalledLibtorch(string Folder, string? Version)
{
    private const string Marker = "torch_cpu"; // in every libtorch since 1.5

    // A failure of the first alone is none: it brings in what CUDA and MKL ask for by name later, as PyTorch itself does.
    private const string GlobalDependencies = "torch_global_deps";

    // A library that is loaded already is found by its SONAME wherever its users lie, so dependencies come first.
    private static readonly string[] s_inOrder = ["c10", "c10_cuda", Marker, "torch_cuda", "torch"];

    /// <summary>Finds the libraries in a folder, or where a wheel or an archive keeps them below it.</summary>
    /// <param name="given">
    /// The folder <c>torch/lib</c> of a wheel, its <c>torch</c>, the <c>site-packages</c> around that, or an unpacked libtorch.
    /// </param>
    /// <exception cref="LibtorchException">There is no libtorch for this system; the message says what is there and what to give.</exception>
    public static InstalledLibtorch Find(string given)
    {
        if (File.Exists(given))
        {
            throw new LibtorchException($"{given} is a file; {Wanted}");
        }

        if (!Directory.Exists(given))
        {
            throw new LibtorchException($"{given}: no such folder; {Wanted}");
        }

        string[] places = [given, Path.Combine(given, "lib"), Path.Combine(given, "torch", "lib")];
        var marker = LibraryNames.File(Marker);
        if (places.FirstOrDefault(place => File.Exists(Path.Combine(place, marker))) is { } folder)
        {
            return new(Path.TrimEndingDirectorySeparator(folder), VersionOf(folder));
        }

        var other = LibraryNames.OfOtherSystems(Marker)
            .FirstOrDefault(name => places.Any(place => File.Exists(Path.Combine(place, name.File))));
        throw new LibtorchException(other.File is null
            ? $"{given} holds no libtorch: there is no {marker} in it, in its lib, nor in its torch/lib; {Wanted}"
            : $"{given} holds a libtorch for {other.System} ({other.File}); this process runs on {RuntimeInformation.RuntimeIdentifier} and needs {marker}");
    }

    /// <summary>Whether it computes on NVIDIA GPUs.</summary>
    public bool HasCuda => Library("torch_cuda") is not null;

    /// <summary>The path of one of its libraries, or null.</summary>
    public string? Library(string name) => Path.Combine(Folder, LibraryNames.File(name)) is var path && File.Exists(path) ? path : null;

    /// <summary>Its libraries, dependencies first.</summary>
    public IEnumerable<string> Libraries => s_inOrder.Select(Library).OfType<string>();

    /// <summary>Loads its libraries.</summary>
    /// <exception cref="LibtorchException">One does not load; the message has the system's reason.</exception>
    public void Load()
    {
        if (Library(GlobalDependencies) is { } dependencies)
        {
            DynamicLinker.TryLoadGlobal(dependencies);
        }

        foreach (var path in Libraries)
        {
            try
            {
                NativeLibrary.Load(path);
            }
            catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
            {
                throw new LibtorchException(
                    $"{path} (libtorch {Version ?? "of unknown version"}) does not load: {e.Message.Trim()}"
                    + (HasCuda ? " The libraries of a PyTorch wheel find those of CUDA beside the wheel: give the folder where pip installed it, not a copy." : ""),
                    e);
            }
        }
    }

    /// <summary>The version that the files around a folder of libraries name, or null.</summary>
    internal static string? VersionOf(string folder)
    {
        var top = Path.GetDirectoryName(Path.GetFullPath(folder))!;
        return Text("build-version")?.Trim()
            ?? Group(Text("version.py"), VersionOfWheel())
            ?? Group(Text(Path.Combine("share", "cmake", "Torch", "TorchConfigVersion.cmake")), VersionOfCMake());

        string? Text(string name) => Path.Combine(top, name) is var path && File.Exists(path) ? File.ReadAllText(path) : null;

        static string? Group(string? text, Regex form) => text is not null && form.Match(text) is { Success: true } match ? match.Groups[1].Value : null;
    }

    /// <summary>What to give.</summary>
    internal const string Wanted = "give the folder torch/lib of an installed PyTorch (its torch folder or site-packages will do), or an unpacked libtorch. "
        + "python3 -c 'import os, torch; print(os.path.dirname(torch.__file__))' prints where PyTorch is";

    [GeneratedRegex("""^__version__\s*=\s*['"]([^'"]+)['"]""", RegexOptions.Multiline)]
    private static partial Regex VersionOfWheel();

    [GeneratedRegex("""set\s*\(\s*PACKAGE_VERSION\s+"([^"]+)"\s*\)""", RegexOptions.IgnoreCase)]
    private static partial Regex VersionOfCMake();
}
