using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ActivationReplay.Files;

namespace ActivationReplay.Native;

/// <summary>
/// TorchSharp's library for a Linux whose libstdc++ is older than the one it was linked with (Debian 12, Ubuntu 22.04), or for a
/// libtorch that lacks some of what it needs.
/// </summary>
/// <remarks>
/// libLibTorchSharp.so requires GLIBCXX_3.4.32 for one marker symbol, <c>_ZSt21ios_base_library_initv</c>, that nothing
/// in it uses. A copy with that requirement marked weak loads. The original is never written to.
/// </remarks>
internal static class PatchedLibrary
{
    /// <summary>The version that older systems lack.</summary>
    public const string Version = "GLIBCXX_3.4.32";

    /// <summary>Loads a copy of <paramref name="original"/> that does not insist on <see cref="Version"/>, nor on some symbols.</summary>
    /// <param name="original">Path of libLibTorchSharp.so.</param>
    /// <param name="optional">Symbols that no library has: a function is then called at address 0, a table is empty.</param>
    /// <returns>The handle of the loaded library.</returns>
    /// <exception cref="LibtorchException">The file is damaged, needs the version, or does not load all the same.</exception>
    public static nint Load(string original, IReadOnlySet<string> optional)
    {
        try
        {
            var image = File.ReadAllBytes(original);
            if (ElfVersions.MakeWeak(image, Version) == 0 && optional.Count == 0)
            {
                throw new InvalidDataException($"it does not ask for {Version}");
            }

            ElfSymbols.MakeOptional(image, optional);
            return LoadFrom(CacheFolder(image), Path.GetFileName(original), image);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException
            or DllNotFoundException or BadImageFormatException)
        {
            throw new LibtorchException(
                optional.Count > 0
                    ? $"{original} cannot be used without what this libtorch lacks: {e.Message}"
                    : $"{original} asks for {Version}, which this system's libstdc++ lacks, and a copy that does not ask for it " +
                      $"cannot be used: {e.Message} Install a libstdc++ of GCC 13.2 or newer.",
                e);
        }
    }

    /// <summary>The per-user folder that keeps the copy of these contents, or null where there is none.</summary>
    private static string? CacheFolder(byte[] image)
    {
        // Unverified: a fresh home has no such folder yet, and it is made below.
        var data = Environment.GetFolderPath(
            Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return data.Length == 0
            ? null
            : Path.Combine(data, "ActivationReplay", "native", Convert.ToHexStringLower(SHA256.HashData(image))[..32]);
    }

    private static nint LoadFrom(string? cache, string name, byte[] image)
    {
        try
        {
            if (cache is not null)
            {
                return NativeLibrary.Load(Store(cache, name, image));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DllNotFoundException)
        {
            // A home that cannot be written to, or does not allow code: the temporary folder may.
            return LoadFromTemporary(name, image);
        }

        return LoadFromTemporary(name, image);
    }

    /// <summary>Writes the copy unless the very same bytes are there. Processes may race: each renames a whole file.</summary>
    internal static string Store(string folder, string name, byte[] image)
    {
        CreatePrivate(folder);
        var path = Path.Combine(folder, name);
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(image))
        {
            return path;
        }

        WritePrivate(path, image);
        return path;
    }

    /// <summary>A loaded library stays mapped after its file is gone, so nothing is left behind.</summary>
    private static nint LoadFromTemporary(string name, byte[] image)
    {
        var folder = Directory.CreateTempSubdirectory("activation-replay-");
        try
        {
            var path = Path.Combine(folder.FullName, name);
            WritePrivate(path, image);
            return NativeLibrary.Load(path);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void CreatePrivate(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static void WritePrivate(string path, byte[] image) => AtomicFile.Write(
        path, stream => stream.Write(image), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
}
