using System.Globalization;
using TorchSharp;

namespace ActivationReplay.Native;

/// <summary>
/// Whether a libtorch has what TorchSharp's bindings need. Functions are bound at their first call, so that without this the
/// process would end there, in the middle of a run.
/// </summary>
internal static class BindingsCheck
{
    private const int Listed = 20;

    /// <summary>Names, as the linker has them, that the bindings need and no library of libtorch has.</summary>
    /// <remarks>Of ELF libraries alone: on Windows and macOS every name is bound when a library is loaded, and the system says what it lacks.</remarks>
    /// <exception cref="LibtorchException">A library cannot be read.</exception>
    public static IReadOnlyList<string> Missing(string bindings, InstalledLibtorch libtorch)
    {
        if (!OperatingSystem.IsLinux())
        {
            return [];
        }

        var needed = Read(bindings, ElfSymbols.NeededUnversioned).ToHashSet(StringComparer.Ordinal);
        foreach (var library in libtorch.Libraries)
        {
            if (needed.Count == 0)
            {
                break;
            }

            needed.ExceptWith(Read(library, elf => ElfSymbols.Defined(elf).ToList()));
        }

        return [.. needed.Order(StringComparer.Ordinal)];
    }

    /// <summary>What is missing, the versions of both, and what to do.</summary>
    public static string Describe(IReadOnlyList<string> missing, string bindings, InstalledLibtorch libtorch)
    {
        var needed = Read(bindings, ElfSymbols.NeededUnversioned).Count;
        var names = missing.Take(Listed).Select(name => $"{Environment.NewLine}  {DynamicLinker.Demangle(name)}");
        var more = missing.Count > Listed ? string.Create(CultureInfo.InvariantCulture, $"{Environment.NewLine}  and {missing.Count - Listed} more") : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{libtorch.Folder} holds libtorch {libtorch.Version ?? "of unknown version"}; TorchSharp {typeof(torch).Assembly.GetName().Version!.ToString(3)} is built for "
            + $"libtorch {Libtorch.BuiltFor}, and {missing.Count} of the {needed} symbols that it needs are not there. Give a libtorch {Libtorch.BuiltFor}, or go on "
            + $"at your own risk with --libtorch-unchecked: the process ends where one of these is called.{string.Concat(names)}{more}");
    }

    private static T Read<T>(string path, Func<ElfFile, T> read)
    {
        try
        {
            using var elf = ElfFile.Open(path);
            return read(elf);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new LibtorchException($"{path} cannot be read: {e.Message}", e);
        }
    }
}
