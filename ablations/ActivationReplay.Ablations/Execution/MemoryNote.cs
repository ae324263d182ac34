using System.Globalization;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Errors;

namespace ActivationReplay.Ablations.Execution;

/// <summary>What a row says where memory ran out.</summary>
internal static class MemoryNote
{
    /// <summary>How every note begins.</summary>
    public const string Begin = "memory ran out: ";

    /// <summary>Says how many things were computed at a time; null where memory held them all.</summary>
    public static string? Of(bool ranOut, int count, string thing) =>
        ranOut ? string.Create(CultureInfo.InvariantCulture, $"{Begin}{count} {thing}{(count == 1 ? "" : "s")} at a time") : null;

    /// <summary>Those that there are; null where there is none.</summary>
    public static string? Joined(params IEnumerable<string?> notes) =>
        string.Join("; ", notes.OfType<string>()) is { Length: > 0 } text ? text : null;

    /// <summary>The error of one answer for which memory ran out alone, with what would need less.</summary>
    public static string Error(Exception e, RunConfig config)
    {
        string[] ways =
        [
            .. config.Pair.Models == ModelsInMemory.Both ? ["--models one"] : Array.Empty<string>(),
            .. config.Pair.Dtype == "float32" ? ["--dtype bfloat16"] : Array.Empty<string>(),
            "smaller pictures (--set prompt.max-pixels=N)",
            "fewer new tokens (--max-new-tokens)",
        ];
        return $"{Begin}one answer of one cell does not fit. Less is needed by {string.Join(", ", ways)}. ({ErrorLine.Of(e)})";
    }
}
