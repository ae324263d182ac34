using ActivationReplay.Ablations.Storage;

namespace ActivationReplay.Ablations.Reports;

/// <summary>A cell's answers without errors, by question: how many there are and how many are right.</summary>
public sealed class QuestionScores
{
    private readonly SortedDictionary<string, (int Answers, int Correct)> counts = new(StringComparer.Ordinal);

    /// <summary>Counts the rows of one cell.</summary>
    public QuestionScores(IEnumerable<SampleRow> rows)
    {
        foreach (var question in rows.Where(r => r.Error is null).GroupBy(r => r.Sample))
        {
            counts[question.Key] = (question.Count(), question.Count(r => r.Correct == true));
        }
    }

    /// <summary>The questions, in order of id.</summary>
    public IReadOnlyCollection<string> Ids => counts.Keys;

    /// <summary>Answers that every question has; fewer than some have where a run is unfinished. 0 without questions.</summary>
    public int Answers => counts.Count == 0 ? 0 : counts.Values.Min(c => c.Answers);

    /// <summary>Whether the question was answered.</summary>
    public bool Has(string id) => counts.ContainsKey(id);

    /// <summary>The fraction of right answers to a question.</summary>
    public double Accuracy(string id) => (double)counts[id].Correct / counts[id].Answers;

    /// <summary>The unbiased estimate of pass@k for a question.</summary>
    public double PassAt(string id, int k) => Evaluation.Statistics.PassAtK.Estimate(counts[id].Answers, counts[id].Correct, k);
}
