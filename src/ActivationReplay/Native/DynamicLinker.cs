using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace ActivationReplay.Native;

/// <summary>What the system's dynamic linker and C++ library do beyond <see cref="NativeLibrary"/>.</summary>
internal static unsafe class DynamicLinker
{
    private const int Lazy = 1;
    private const int Global = 0x100; // RTLD_GLOBAL of glibc and musl

    /// <summary>Loads a library so that all loaded later can use its symbols; does nothing but on Linux.</summary>
    public static void TryLoadGlobal(string path)
    {
        // dlopen moved from libdl to libc in glibc 2.34.
        if (OperatingSystem.IsLinux()
            && (Export("libc.so.6", "dlopen") is var open and not 0 || (open = Export("libdl.so.2", "dlopen")) != 0))
        {
            fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
            {
                ((delegate* unmanaged<byte*, int, nint>)open)(name, Lazy | Global);
            }
        }
    }

    /// <summary>
    /// Sets an environment variable that native code reads, unless it is set: .NET keeps a copy of its own. Does nothing but on Linux.
    /// </summary>
    public static void TrySetVariable(string name, string value)
    {
        if (OperatingSystem.IsLinux() && Export("libc.so.6", "setenv") is var set and not 0)
        {
            fixed (byte* key = Encoding.ASCII.GetBytes(name + '\0'), text = Encoding.ASCII.GetBytes(value + '\0'))
            {
                ((delegate* unmanaged<byte*, byte*, int, int>)set)(key, text, 0);
            }
        }
    }

    /// <summary>The folder that a library of this process was loaded from, or null.</summary>
    /// <param name="file">Its file's name.</param>
    public static string? FolderOf(string file)
    {
        using var process = Process.GetCurrentProcess();
        return process.Modules.Cast<ProcessModule>().FirstOrDefault(m => Path.GetFileName(m.FileName) == file) is { } module
            ? Path.GetDirectoryName(module.FileName)
            : null;
    }

    /// <summary>A C++ name as its source has it; the name itself where the C++ library does not say.</summary>
    public static string Demangle(string name)
    {
        if (!OperatingSystem.IsLinux() || Export("libstdc++.so.6", "__cxa_demangle") is not (var demangle and not 0))
        {
            return name;
        }

        fixed (byte* mangled = Encoding.ASCII.GetBytes(name + '\0'))
        {
            int status;
            var text = ((delegate* unmanaged<byte*, byte*, nuint*, int*, byte*>)demangle)(mangled, null, null, &status);
            if (text is null)
            {
                return name;
            }

            var plain = Marshal.PtrToStringUTF8((nint)text)!;
            NativeMemory.Free(text); // malloc's, as the C++ ABI says
            return plain;
        }
    }

    private static nint Export(string library, string name) =>
        NativeLibrary.TryLoad(library, out var handle) && NativeLibrary.TryGetExport(handle, name, out var export) ? export : 0;
}
