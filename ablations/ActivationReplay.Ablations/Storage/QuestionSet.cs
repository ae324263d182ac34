using System.Security.Cryptography;
using System.Text;
using ActivationReplay.Evaluation.Datasets;

namespace ActivationReplay.Ablations.Storage;

/// <summary>Tells the questions of a run from others, wherever their file lies and whatever it is called.</summary>
internal static class QuestionSet
{
    private const int Digits = 32;

    /// <summary>A fingerprint of ids, questions and reference answers, in any order. Pictures and prompts do not count.</summary>
    public static string Fingerprint(IEnumerable<DatasetRow> rows) =>
        Fingerprint(rows.Select(r => (r.Id, r.Sample?.Question, r.Sample?.Answer)));

    /// <summary>The same of the questions that were answered; null where some were not, or rows do not say what was asked.</summary>
    /// <param name="answers">Rows of any cells.</param>
    /// <param name="questions">How many questions the run has.</param>
    public static string? Fingerprint(IEnumerable<SampleRow> answers, int questions)
    {
        var asked = answers.DistinctBy(r => r.Sample).Select(r => (r.Sample, r.Question, r.Reference)).ToList();
        return asked.Count == questions && asked.Exists(r => !string.IsNullOrEmpty(r.Question)) ? Fingerprint(asked) : null;
    }

    private static string Fingerprint(IEnumerable<(string Id, string? Question, string? Answer)> rows) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(
            '\n', rows.Select(r => string.Join('\0', r.Id, r.Question, r.Answer)).Order(StringComparer.Ordinal)))))[..Digits];
}
