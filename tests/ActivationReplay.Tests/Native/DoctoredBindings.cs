using System.Text;
using ActivationReplay.Native;

namespace ActivationReplay.Tests.Native;

/// <summary>Bindings that ask for symbols that no libtorch has, as those of another version do.</summary>
internal static class DoctoredBindings
{
    /// <summary>A function, bound at its first call, that nothing here calls.</summary>
    public const string Function = "_ZN2at4_ops10block_diag4callEN3c108ArrayRefINS_6TensorEEE";

    /// <summary>A table, which is bound when the library is loaded.</summary>
    public const string Table = "_ZTVN5torch4data8datasets5MNISTE";

    /// <summary>The build's own.</summary>
    public static string Original => Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", "libLibTorchSharp.so");

    /// <summary>The build's libtorch.</summary>
    public static InstalledLibtorch Libtorch => InstalledLibtorch.Find(Path.Combine(AppContext.BaseDirectory, "libtorch"));

    /// <summary>The bytes of the original with the last letter but one of each name another.</summary>
    public static byte[] With(params IEnumerable<string> names)
    {
        var image = File.ReadAllBytes(Original);
        foreach (var name in names)
        {
            var at = image.AsSpan().IndexOf(Encoding.ASCII.GetBytes($"\0{name}\0"));
            image[at + Letter(name) + 1] = (byte)'Q';
        }

        return image;
    }

    /// <summary>The name that stands there then.</summary>
    public static string Renamed(string name) => $"{name[..Letter(name)]}Q{name[(Letter(name) + 1)..]}";

    // The first of "block" or "MNIST": the name stays one that can be demangled.
    private static int Letter(string name) => name.IndexOfAny(['b', 'M']);
}
