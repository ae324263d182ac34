using System.CommandLine;
using System.Globalization;
using ActivationReplay.Ablations.Bundles;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Power;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Evaluation.Statistics;
using ActivationReplay.Verification.Scores;

namespace ActivationReplay.Ablations.Commands;

/// <summary>What a run's power is computed from, and the difference that it is to show.</summary>
internal sealed class PowerOptions
{
    // Of the reference runs few replay cells differ from RLVR on more; other methods do.
    private const double UsualDiscordance = 0.1;
    private const double UsualCorrelation = 0.1;

    private readonly Option<string?> like = new("--like")
    {
        Description = "An earlier run of the same pair (folder, name under results/, or bundle), whose differences to RLVR the power is computed from.",
    };

    private readonly Option<double?> discordance = new("--discordance")
    {
        Description = "Without --like: the share of answers that only one of a cell and RLVR has right (of graded answers, the mean square of the difference); default 0.1.",
    };

    private readonly Option<double?> correlation = new("--correlation")
    {
        Description = "Without --like, of several answers a question: the correlation of the differences of two answers to one question; default 0.1.",
    };

    private readonly Option<double?> power = new("--power")
    {
        Description = "A difference to RLVR alone, for example 0.01: how many questions show it with 80% power, and how long they take.",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(like);
        command.Options.Add(discordance);
        command.Options.Add(correlation);
        command.Options.Add(power);
    }

    /// <summary>Those that were given, by name.</summary>
    public IReadOnlyList<string> Given(ParseResult parsed) =>
        [.. new Option[] { like, discordance, correlation, power }.Where(o => parsed.GetResult(o) is { Implicit: false }).Select(o => o.Name)];

    /// <summary>Refuses values that are out of range, before anything is computed.</summary>
    /// <exception cref="ArgumentException">One is.</exception>
    public void Check(ParseResult parsed)
    {
        Within(discordance, d => d is >= 0 and <= 1, "a number from 0 to 1");
        Within(correlation, c => c is >= 0 and <= 1, "a number from 0 to 1");
        Within(power, p => p is > 0 and <= 1, "a difference above 0 and at most 1");
        if (parsed.GetValue(like) is not null && (parsed.GetValue(discordance) ?? parsed.GetValue(correlation)) is not null)
        {
            throw new ArgumentException($"{like.Name} takes what {discordance.Name} and {correlation.Name} assume from a run; give either.");
        }

        void Within(Option<double?> option, Func<double, bool> isAllowed, string allowed)
        {
            if (parsed.GetValue(option) is { } value && !isAllowed(value))
            {
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{option.Name} {value}: allowed is {allowed}."));
            }
        }
    }

    /// <summary>Prints what a run can show.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="config">The run.</param>
    /// <param name="rows">Its questions; those that cannot be used do not count.</param>
    /// <param name="fingerprints">
    /// Of its base and RLVR checkpoints; null where these are not there. Asked for if an earlier run is to be of the same pair, since all weights are read.
    /// </param>
    /// <param name="secondsAQuestion">An estimate, or null.</param>
    /// <exception cref="ArgumentException">The earlier run says nothing of this one.</exception>
    public void Print(
        ParseResult parsed, RunConfig config, IReadOnlyList<DatasetRow> rows, Func<(string Base, string Rlvr)?> fingerprints, double? secondsAQuestion)
    {
        var samples = rows.Select(r => r.Sample).OfType<Sample>().ToList();
        var isGraded = samples.Exists(s => s.Kind.IsGraded());

        // A question in several orders of its options is one question with so many more answers.
        var questions = samples.DistinctBy(s => s.Problem ?? s.Id).Count();
        var orders = Math.Max(1, samples.Count / Math.Max(1, questions));
        config = config with { Generation = config.Generation with { Samples = config.Generation.Samples * orders } };
        var estimated = Estimated(secondsAQuestion * orders);
        var wanted = parsed.GetValue(power);
        if (parsed.GetValue(like) is { } run)
        {
            using var source = RunSource.Open(run);
            var own = fingerprints();
            var earlier = EarlierRun.Of(source.Read(), config, isGraded, own);
            var plan = PowerPlan.Of(config, questions, isGraded, wanted, earlier.SpreadOf);
            CommandLine.Lines(PowerTable.Lines(
                plan, run, earlier.Questions, own is null,
                earlier.SecondsAQuestion is { } took ? new QuestionTime(took, "at most, as its answers took") : estimated));
        }
        else
        {
            var spread = DifferenceSpread.Of(parsed.GetValue(discordance) ?? UsualDiscordance, parsed.GetValue(correlation) ?? UsualCorrelation);
            var plan = PowerPlan.Of(config, questions, isGraded, wanted, _ => new CellSpread(spread.MeanSquare(config.Generation.Samples), 1, "assumed"));
            CommandLine.Lines(PowerTable.Lines(plan, spread, estimated));
        }
    }

    private static QuestionTime? Estimated(double? seconds) => seconds is { } s ? new QuestionTime(s, "at least, by the estimate above") : null;
}
