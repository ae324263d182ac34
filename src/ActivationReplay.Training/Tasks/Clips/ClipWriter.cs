using System.Globalization;

namespace ActivationReplay.Training.Tasks.Clips;

/// <summary>Writes answers about a clip, careful and poor ones.</summary>
internal sealed class ClipWriter(ClipProblem problem, ClipRates rates, Draws draws)
{
    private readonly Clip clip = problem.Clip;

    /// <summary>An answer; the draws decide which.</summary>
    public string Write()
    {
        var isHasty = draws.Chance(rates.Hasty);
        var steps = isHasty ? "" : $"Steps: {string.Join(' ', Steps())}\n";
        return $"{steps}<answer>{(isHasty || draws.Chance(rates.Slip) ? Guess() : problem.Answer)}</answer>";
    }

    // What is to be seen in each step of what the question is about.
    private IEnumerable<string> Steps() => Enumerable.Range(0, Clip.Steps).Select(step => clip.Family switch
    {
        ClipFamily.Digits when clip.DigitAt(step) is > 0 and var digit => digit.ToString(CultureInfo.InvariantCulture),
        ClipFamily.Distance => clip.Speed.ToString(CultureInfo.InvariantCulture),
        _ => clip.EventAt(step).Name(),
    });

    // The answer about another clip of the family.
    private string Guess() => ClipProblem.AnswerOf(Clip.Create(clip.Family, clip.Seed, ProblemSplit.Supervised.StreamOf((1 << 30) + draws.Below(1 << 30))), problem.Choices);
}
