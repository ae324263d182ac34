using ActivationReplay.Verification;
using ActivationReplay.Verification.Scores;
using ActivationReplay.Vision;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>Makes samples from the fields of rows, by the same rules for all formats.</summary>
internal static class SampleRules
{
    /// <summary>Makes a sample from the fields of a row.</summary>
    /// <exception cref="FormatException">A field is missing or wrong; the message says which.</exception>
    public static Sample Build(string id, RowFields fields, IReadOnlyList<MediaFile> images, IReadOnlyList<VideoSource>? videos = null)
    {
        var question = Needed(fields.Question, "question");
        var answer = Needed(fields.Answer, "answer");
        var choices = fields.Choices;
        foreach (var (name, text) in new[] { ("id", id), ("question", question), ("answer", answer), ("hint", fields.Hint), ("category", fields.Family) }
            .Concat((choices?.ByLetter ?? new Dictionary<string, string>()).Select(c => (c.Key, (string?)c.Value))))
        {
            // Tokenizers drop or cut at it, each in its way.
            if (text?.Contains('\0', StringComparison.Ordinal) == true)
            {
                throw new FormatException($"'{name}' holds a NUL character");
            }
        }

        return new Sample(id, question, images, choices?.Letter(answer, fields.AnswerIsNumber) ?? answer, fields.Family)
        {
            Choices = choices?.ByLetter,
            Hint = fields.Hint,
            Cycle = fields.Cycle,
            Kind = KindOf(fields, answer),
            Videos = videos ?? [],
            Template = fields.Template,
        };
    }

    private static AnswerKind KindOf(RowFields fields, string answer)
    {
        if (fields.Problem is not { } problem)
        {
            return AnswerKinds.Of(fields.Type, answer, hasOptions: fields.Choices is not null);
        }

        var kind = AnswerKinds.OfProblem(problem)
            ?? throw new FormatException($"'problem_type' is '{problem}'; allowed: multiple choice, numerical, OCR, free-form, regression");
        GradedAnswers.Check(kind, answer);
        return kind != AnswerKind.MultipleChoice || fields.Choices is not null ? kind : AnswerKinds.Of(problem, answer, hasOptions: false);
    }

    private static string Needed(string? value, string key) =>
        string.IsNullOrWhiteSpace(value) ? throw new FormatException($"'{key}' is missing") : value;
}
