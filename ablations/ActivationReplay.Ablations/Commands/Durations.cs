using System.Globalization;

namespace ActivationReplay.Ablations.Commands;

/// <summary>Durations for people.</summary>
internal static class Durations
{
    /// <summary>1:02:03, with days before it where there are any.</summary>
    public static string Text(TimeSpan duration) =>
        duration.ToString(duration.Days > 0 ? @"d\.hh\:mm\:ss" : @"h\:mm\:ss", CultureInfo.InvariantCulture);
}
