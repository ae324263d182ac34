namespace ActivationReplay.Ablations.Errors;

/// <summary>Formats an exception as one line, for error rows and messages.</summary>
internal static class ErrorLine
{
    /// <summary>The type and message of an exception, without the C++ stack trace of libtorch.</summary>
    public static string Of(Exception e)
    {
        var lines = e.Message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return $"{e.GetType().Name}: {string.Join(' ', lines.TakeWhile(l => !l.StartsWith("Exception raised from", StringComparison.Ordinal)))}";
    }
}
