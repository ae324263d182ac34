using System.Globalization;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>What a run may take of the memory of each device.</summary>
/// <param name="Bytes">So much; null is what is free.</param>
/// <param name="IsUnchecked">Whether it goes on whatever there is.</param>
internal readonly record struct MemoryLimit(long? Bytes, bool IsUnchecked)
{
    /// <summary>What is allowed.</summary>
    public const string Words = "free, unchecked, or a number of GB above 0";

    private const string Free = "free", Unchecked = "unchecked";

    /// <summary>The word for what is free.</summary>
    public static string Default => Free;

    /// <summary>Reads it; null where it is neither.</summary>
    public static MemoryLimit? Parse(string text) => text switch
    {
        Free => new MemoryLimit(null, false),
        Unchecked => new MemoryLimit(null, true),
        _ => double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var gigabytes) && gigabytes is > 0 and < 1e9
            ? new MemoryLimit((long)(gigabytes * 1e9), false)
            : null,
    };
}
