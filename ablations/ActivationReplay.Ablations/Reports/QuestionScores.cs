using ActivationReplay.Ablations.Storage;
using ActivationReplay.Evaluation.Statistics;

namespace ActivationReplay.Ablations.Reports;

/// <summary>A cell's answers without errors, by question: how good each of them is, from 0 to 1.</summary>
public sealed class QuestionScores
{
    private readonly SortedDictionary<string, double[]> scores = new(StringComparer.Ordinal); // ascending
    private readonly Dictionary<string, double[]> drawn = new(StringComparer.Ordinal);

    /// <summary>Takes the rows of one cell.</summary>
    public QuestionScores(IEnumerable<SampleRow> rows)
    {
        foreach (var question in rows.Where(r => r.Error is null).GroupBy(r => r.Sample))
        {
            drawn[question.Key] = [.. question.OrderBy(r => r.Repetition).Select(r => r.Value)];
            scores[question.Key] = [.. drawn[question.Key].Order()];
        }

        IsGraded = scores.Values.Any(s => s.Any(v => v is > 0 and < 1));
    }

    /// <summary>The questions, in order of id.</summary>
    public IReadOnlyCollection<string> Ids => scores.Keys;

    /// <summary>Answers that every question has; fewer than some have where a run is unfinished. 0 without questions.</summary>
    public int Answers => scores.Count == 0 ? 0 : scores.Values.Min(s => s.Length);

    /// <summary>Whether an answer is neither right nor wrong, but something between.</summary>
    public bool IsGraded { get; }

    /// <summary>Whether the question was answered.</summary>
    public bool Has(string id) => scores.ContainsKey(id);

    /// <summary>The scores of a question's answers in the order in which they were drawn: two cells draw those of one place alike.</summary>
    public IReadOnlyList<double> Drawn(string id) => drawn[id];

    /// <summary>Whether an answer to the question is right.</summary>
    public bool IsSolved(string id) => scores[id][^1] >= 1;

    /// <summary>The mean score of a question's answers: the fraction of right ones where they are right or wrong.</summary>
    public double Accuracy(string id) => scores[id].Average();

    /// <summary>The unbiased estimate of pass@k for a question; of graded answers, of the best score among k.</summary>
    public double PassAt(string id, int k) => IsGraded
        ? PassAtK.Best(scores[id], k)
        : PassAtK.Estimate(scores[id].Length, scores[id].Count(s => s >= 1), k);
}
