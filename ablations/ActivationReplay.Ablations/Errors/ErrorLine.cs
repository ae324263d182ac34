namespace ActivationReplay.Ablations.Errors;

/// <summary>An exception in a line, as error rows and messages tell it.</summary>
internal static class ErrorLine
{
    /// <summary>Its kind and its message, without libtorch's own trace of its C++ frames.</summary>
    public static string Of(Exception e)
    {
        var lines = e.Message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return $"{e.GetType().Name}: {string.Join(' ', lines.TakeWhile(l => !l.StartsWith("Exception raised from", StringComparison.Ordinal)))}";
    }
}
