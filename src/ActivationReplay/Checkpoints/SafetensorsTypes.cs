using static TorchSharp.torch;

namespace ActivationReplay.Checkpoints;

/// <summary>The types of the safetensors format that TorchSharp has, too.</summary>
internal static class SafetensorsTypes
{
    // In the format's own order, by which writers sort: wider types last here, first in the file.
    private static readonly (string Name, ScalarType Type, int Size)[] s_types =
    [
        ("BOOL", ScalarType.Bool, 1),
        ("U8", ScalarType.Byte, 1),
        ("I8", ScalarType.Int8, 1),
        ("I16", ScalarType.Int16, 2),
        ("F16", ScalarType.Float16, 2),
        ("BF16", ScalarType.BFloat16, 2),
        ("I32", ScalarType.Int32, 4),
        ("F32", ScalarType.Float32, 4),
        ("F64", ScalarType.Float64, 8),
        ("I64", ScalarType.Int64, 8),
    ];

    /// <summary>The names that are read, for errors.</summary>
    public static string Names => string.Join(", ", s_types.Select(type => type.Name));

    public static ScalarType? Find(string? name)
    {
        var index = Array.FindIndex(s_types, type => type.Name == name);
        return index < 0 ? null : s_types[index].Type;
    }

    /// <summary>The index of a type in the format's order; −1 if the format does not have it.</summary>
    public static int Rank(ScalarType type) => Array.FindIndex(s_types, known => known.Type == type);

    public static string Name(ScalarType type) => s_types[Rank(type)].Name;

    /// <summary>Bytes of one element.</summary>
    public static int Size(ScalarType type) => s_types[Rank(type)].Size;
}
