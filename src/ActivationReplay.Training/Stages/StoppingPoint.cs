using System.Globalization;
using ActivationReplay.Generation;
using ActivationReplay.Training.Data;

namespace ActivationReplay.Training.Stages;

/// <summary>
/// Measures the policy on validation problems; tells when <see cref="StoppingRule"/> is met and which validated state to keep.
/// </summary>
/// <param name="rule">The rule.</param>
/// <param name="seed">Decides the answers.</param>
/// <param name="sample">Samples answers to the first problems of the split.</param>
/// <param name="log">The validations' CSV, whose first row is the base model's.</param>
internal sealed class StoppingPoint(StoppingRule rule, ulong seed, Func<int, GenerationSettings, IReadOnlyList<RolloutGroup>> sample, string log)
{
    /// <summary>Whether to validate after <paramref name="steps"/> steps.</summary>
    public bool IsDue(int steps) => rule.Problems > 0 && steps % rule.Every == 0;

    /// <summary>Answers the validation problems.</summary>
    public AnswerScores Measure(GrpoSettings settings) => AnswerScores.Of(sample(rule.Problems, new GenerationSettings
    {
        Temperature = 1,
        MaxNewTokens = settings.MaxNewTokens,
        Samples = rule.Answers,
        Seed = seed,
    }));

    /// <summary>Whether the last row's pass@1 has risen and its pass@n fallen enough since step 0.</summary>
    public bool IsReached()
    {
        var rows = Rows();
        return rows[^1].PassAt1 - rows[0].PassAt1 >= rule.Gain && HasNarrowed(rows[^1], rows[0]);
    }

    /// <summary>
    /// Whether the last row is the best after step 0: the highest pass@1 among those whose pass@n has fallen enough, and
    /// while none has, among all.
    /// </summary>
    public bool IsBest()
    {
        var rows = Rows();
        var best = rows.Skip(1).MaxBy(row => (HasNarrowed(row, rows[0]), row.PassAt1));
        return rows.Count > 1 && best == rows[^1];
    }

    private bool HasNarrowed(Row row, Row first) => first.PassAtN - row.PassAtN >= rule.Narrowing;

    private List<Row> Rows()
    {
        using var reader = new StreamReader(new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return
        [
            .. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)
                .Select(line => line.Split(',').Select(c => double.Parse(c, CultureInfo.InvariantCulture)).ToArray())
                .Select(c => new Row((int)c[0], c[1], c[2])),
        ];
    }

    private sealed record Row(int Step, double PassAt1, double PassAtN);
}
