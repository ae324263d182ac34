using System.Globalization;

namespace ActivationReplay.Benchmarks.Goals;

/// <summary>A goal: a bound of a measured ratio.</summary>
/// <param name="Name">A description of the ratio.</param>
/// <param name="Limit">The bound; null if the ratio is only reported.</param>
/// <param name="IsFloor">Whether the bound is a lower one.</param>
internal sealed record Goal(string Name, double? Limit, bool IsFloor = false)
{
    /// <summary>"≤ 0.2", "≥ 0.8", or a dash.</summary>
    public string Bound => Limit is { } limit ? string.Create(CultureInfo.InvariantCulture, $"{(IsFloor ? '≥' : '≤')} {limit}") : "–";
}

/// <summary>A goal and what was measured.</summary>
/// <param name="Goal">The goal.</param>
/// <param name="Measured">The ratio; null where this machine cannot measure it.</param>
/// <param name="Detail">The numbers behind it.</param>
internal sealed record GoalResult(Goal Goal, double? Measured, string Detail)
{
    /// <summary>Whether the goal is met; null where there is no bound or no number.</summary>
    public bool? IsMet => Measured is { } measured && Goal.Limit is { } limit
        ? Goal.IsFloor ? measured >= limit : measured <= limit
        : null;
}
