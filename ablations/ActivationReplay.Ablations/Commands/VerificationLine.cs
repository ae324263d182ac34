using System.Text.Json;
using ActivationReplay.Verification;
using ActivationReplay.Verification.Extraction;

namespace ActivationReplay.Ablations.Commands;

/// <summary>One line of a file of outputs: what to judge, and how.</summary>
internal sealed class VerificationLine
{
    private static readonly string[] s_targets = ["latex", "expr", "string"];

    private readonly JsonElement line;
    private readonly IReadOnlyDictionary<string, string>? choices;
    private readonly MathVerifyOptions settings = MathVerifyOptions.Default;
    private readonly AnswerTargets targets;
    private readonly bool hasDrawnChoices;

    /// <summary>Reads a line.</summary>
    /// <param name="line">A JSON object.</param>
    /// <exception cref="FormatException">A key is missing, or holds what it cannot; the message names it.</exception>
    public VerificationLine(JsonElement line)
    {
        if (line.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException($"a JSON {line.ValueKind} stands where an object belongs");
        }

        this.line = line;
        Id = Text("id") ?? throw new FormatException("'id' is missing");
        Output = line.TryGetProperty("pred", out var pred) && pred.ValueKind == JsonValueKind.Null ? "" : Text("pred") ?? throw new FormatException("'pred' is missing");
        Reference = Text("gold") ?? Text("answer");
        choices = Choices("choices");
        if (line.TryGetProperty("options", out var options))
        {
            if (choices is null && IsChoices(options))
            {
                choices = Choices("options");
            }
            else if (!IsChoices(options))
            {
                settings = MathVerifyOptions.Read(options);
            }
        }

        targets = Targets();
        hasDrawnChoices = choices is null && Reference is not null && !HasTargets && AnswerKinds.Of(Text("question_type"), Reference, hasOptions: false) == AnswerKind.MultipleChoice;
        if (choices is null && Reference is null)
        {
            throw new FormatException("neither 'gold' nor 'choices' is there");
        }
    }

    public string Id { get; }

    public string Output { get; }

    /// <summary>Settings of Math-Verify on this line that have no meaning here.</summary>
    public IReadOnlyList<string> WithoutMeaning => settings.WithoutMeaning;

    /// <summary>The right answer; null where a multiple choice has none.</summary>
    public string? Reference { get; }

    /// <summary>Extracts and compares.</summary>
    public Verdict Judge()
    {
        if (choices is not null)
        {
            return ChoiceAnswers.Verify(choices, Reference, Output);
        }

        if (hasDrawnChoices)
        {
            return ChoiceAnswers.VerifyDrawn(Reference!, Output);
        }

        var verdict = default(Verdict);
        if (targets.HasFlag(AnswerTargets.Words))
        {
            verdict = StringAnswers.Verify(Reference!, Output, settings.Words, settings.Extraction);
        }

        return !verdict.IsCorrect && (targets & AnswerTargets.Mathematics) is var formulas && formulas != 0
            ? MathAnswers.Verify(Reference!, Output, settings.Extraction with { Targets = formulas }, settings.Equality)
            : verdict;
    }

    // What is to be looked for is said: no letter of an option.
    private bool HasTargets => line.TryGetProperty("targets", out var value) && value.ValueKind != JsonValueKind.Null;

    private AnswerTargets Targets()
    {
        if (!HasTargets)
        {
            return AnswerTargets.Mathematics;
        }

        var value = line.GetProperty("targets");
        var names = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(v => v.ToString()) : [value.ToString()];
        var result = (AnswerTargets)0;
        foreach (var name in names)
        {
            result |= name switch
            {
                "latex" => AnswerTargets.Latex,
                "expr" => AnswerTargets.Expression,
                "string" => AnswerTargets.Words,
                _ => throw new FormatException($"'targets' holds '{name}'; allowed: {string.Join(", ", s_targets)}"),
            };
        }

        return result == 0 ? throw new FormatException("'targets' is empty") : result;
    }

    private static bool IsChoices(JsonElement value) => value.ValueKind == JsonValueKind.Array
        || (value.ValueKind == JsonValueKind.Object && value.EnumerateObject().Any() && value.EnumerateObject().All(p => p.Name.Length == 1 && char.IsAsciiLetter(p.Name[0])));

    private Dictionary<string, string>? Choices(string key)
    {
        if (!line.TryGetProperty(key, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind switch
        {
            JsonValueKind.Object when value.EnumerateObject().Any() => value.EnumerateObject().ToDictionary(p => p.Name.Trim().ToUpperInvariant(), p => p.Value.ToString()),
            JsonValueKind.Array when value.GetArrayLength() is > 0 and <= 26 => value.EnumerateArray().Index().ToDictionary(p => ((char)('A' + p.Index)).ToString(), p => p.Item.ToString()),
            _ => throw new FormatException($"'{key}' is a JSON {value.ValueKind}; an object of texts by letter, or a list of up to 26 texts, belongs there"),
        };
    }

    private string? Text(string key) => !line.TryGetProperty(key, out var value) ? null : value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.Null => null,
        _ => throw new FormatException($"'{key}' is a JSON {value.ValueKind}; a text belongs there"),
    };
}
