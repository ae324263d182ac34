using ActivationReplay.Ablations.Storage;
using ActivationReplay.Evaluation.Statistics;

namespace ActivationReplay.Ablations.Reports;

/// <summary>
/// A cell's answers without errors, by question: how good each of them is, from 0 to 1. A question that a data set asks in several orders
/// of its options is one question, whose values are means over the orders.
/// </summary>
public sealed class QuestionScores
{
    private readonly SortedDictionary<string, double[][]> scores = new(StringComparer.Ordinal); // by order, ascending
    private readonly Dictionary<string, double[]> drawn = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Sample, int Repetition), SampleRow> answered;

    /// <summary>Takes the rows of one cell.</summary>
    public QuestionScores(IEnumerable<SampleRow> rows)
    {
        answered = rows.Where(r => r.Error is null).ToDictionary(r => (r.Sample, r.Repetition));
        foreach (var question in answered.Values.GroupBy(r => r.Problem ?? r.Sample))
        {
            var orders = question.GroupBy(r => r.Sample).OrderBy(o => o.Key, StringComparer.Ordinal)
                .Select(o => o.OrderBy(r => r.Repetition).Select(r => r.Value).ToArray()).ToList();
            drawn[question.Key] = [.. orders.SelectMany(o => o)];
            scores[question.Key] = [.. orders.Select(o => o.Order().ToArray())];
        }

        IsGraded = drawn.Values.Any(s => s.Any(v => v is > 0 and < 1));
    }

    /// <summary>The questions, in order of id.</summary>
    public IReadOnlyCollection<string> Ids => scores.Keys;

    /// <summary>Answers that every question has, in each order; fewer than some have where a run is unfinished. 0 without questions.</summary>
    public int Answers => scores.Count == 0 ? 0 : scores.Values.Min(s => s.Min(o => o.Length));

    /// <summary>Whether an answer is neither right nor wrong, but something between.</summary>
    public bool IsGraded { get; }

    /// <summary>Whether each question has one answer, which is right or wrong.</summary>
    public bool IsBinary => !IsGraded && drawn.Values.All(s => s.Length == 1);

    /// <summary>
    /// Two cells' answers, without those that the other lacks: of a question one of whose orders or repetitions failed or is still to come, the others are compared.
    /// </summary>
    public static (QuestionScores Cell, QuestionScores Reference) Paired(QuestionScores cell, QuestionScores reference) =>
        (cell.Without(reference), reference.Without(cell));

    /// <summary>The scores of a question's answers in the order in which they were drawn: two cells draw those of one place alike.</summary>
    public IReadOnlyList<double> Drawn(string id) => drawn[id];

    /// <summary>The share of a question's orders in which an answer is right.</summary>
    public double Solved(string id) => scores[id].Average(o => o[^1] >= 1 ? 1.0 : 0.0);

    /// <summary>The mean score of a question's answers: the fraction of right ones where they are right or wrong.</summary>
    public double Accuracy(string id) => scores[id].Average(o => o.Average());

    /// <summary>The unbiased estimate of pass@k for a question; of graded answers, of the best score among k.</summary>
    public double PassAt(string id, int k) =>
        scores[id].Average(o => IsGraded ? PassAtK.Best(o, k) : PassAtK.Estimate(o.Length, o.Count(s => s >= 1), k));

    private QuestionScores Without(QuestionScores other) => answered.Keys.All(other.answered.ContainsKey)
        ? this
        : new(answered.Where(a => other.answered.ContainsKey(a.Key)).Select(a => a.Value));
}
