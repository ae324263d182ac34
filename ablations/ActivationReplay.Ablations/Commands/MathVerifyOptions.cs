using System.Text.Json;
using ActivationReplay.Verification.Equality;
using ActivationReplay.Verification.Extraction;

namespace ActivationReplay.Ablations.Commands;

/// <summary>
/// The settings of a line under Math-Verify's names, those of <c>parse</c>, <c>verify</c> and their configurations, flat or nested in
/// <c>normalization_config</c>. Supported settings are applied, settings without a meaning here are listed in
/// <see cref="WithoutMeaning"/>, and settings that would change a verdict but are not supported are errors.
/// </summary>
internal sealed record MathVerifyOptions
{
    // Steps are bounded instead of time, numbers are exact, and LaTeX is read by one grammar that repairs what is malformed.
    private static readonly string[] s_withoutMeaning =
    [
        "basic_latex", "equations", "malformed_operators", "nits", "numeric_precision", "parsing_timeout", "raise_on_error", "timeout_seconds",
    ];

    private static readonly string[] s_known =
    [
        "precision", "float_rounding", "strict", "allow_set_relation_comp", "strings", "lowercase", "try_extract_without_anchor", "extraction_mode", "fallback_mode",
        "boxed_match_priority", "boxed", "units", "normalization_config", .. s_withoutMeaning,
    ];

    /// <summary>The settings of the comparison.</summary>
    public EqualityOptions Equality { get; private init; } = EqualityOptions.Default;

    /// <summary>The settings of the extraction.</summary>
    public ExtractionOptions Extraction { get; private init; } = ExtractionOptions.Default;

    /// <summary>The words that may be the answer; null for the default ones.</summary>
    public IReadOnlyList<string>? Words { get; private init; }

    /// <summary>Names of settings that have no meaning here.</summary>
    public IReadOnlyList<string> WithoutMeaning { get; private init; } = [];

    /// <summary>The default settings.</summary>
    public static MathVerifyOptions Default { get; } = new();

    /// <summary>Reads the value of <c>options</c>.</summary>
    /// <param name="settings">An object of settings, or null.</param>
    /// <exception cref="FormatException">
    /// A setting is not known, holds what it cannot, or is not done; the message names it.
    /// </exception>
    public static MathVerifyOptions Read(JsonElement settings) => Default.With(settings, "options");

    private MathVerifyOptions With(JsonElement settings, string path)
    {
        if (settings.ValueKind == JsonValueKind.Null)
        {
            return this;
        }

        if (settings.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException($"'{path}' is a JSON {settings.ValueKind}; an object of settings belongs there");
        }

        return settings.EnumerateObject().Aggregate(this, (all, setting) => all.With(new Setting($"{path}.{setting.Name}", setting.Value), setting.Name));
    }

    private MathVerifyOptions With(Setting setting, string name) => name switch
    {
        "precision" or "float_rounding" => this with { Equality = Equality with { Places = setting.Whole(0, 15) } },
        "strict" => this with { Equality = Equality with { IsStrict = setting.Flag() } },
        "allow_set_relation_comp" => this with { Equality = Equality with { ComparesSetsWithRelations = setting.Flag() } },
        "strings" => this with { Words = setting.Words() },
        "lowercase" => this with { Extraction = Extraction with { IgnoresCase = setting.Flag() } },
        "try_extract_without_anchor" => this with { Extraction = Extraction with { NeedsAnchor = !setting.Flag() } },
        "extraction_mode" => this with { Extraction = Extraction with { TriesFirstAlone = setting.OneOf("any_match", "first_match") == "first_match" } },
        "fallback_mode" => this with { Extraction = Extraction with { ComparesTexts = setting.OneOf("first_match", "no_fallback") == "first_match" } },

        // Boxes come first here: 0 and the default 50 differ only where a box and "final answer is" contradict each other.
        "boxed_match_priority" => this with { Extraction = Extraction with { ReadsBoxes = setting.Whole(-1, 50) >= 0 } },
        "boxed" => setting.Done("all", this),
        "units" => setting.Done("True", this),
        "normalization_config" => With(setting.Value, setting.Path),
        _ when s_withoutMeaning.Contains(name) => this with { WithoutMeaning = [.. WithoutMeaning, setting.Path] },
        _ => throw new FormatException($"'{setting.Path}' is not known; allowed: {string.Join(", ", s_known)}"),
    };

    private readonly record struct Setting(string Path, JsonElement Value)
    {
        public bool Flag() => Value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? Value.GetBoolean()
            : throw Wrong("true or false");

        public int Whole(int least, int most) =>
            Value.ValueKind == JsonValueKind.Number && Value.TryGetInt32(out var number) && number >= least && number <= most
                ? number
                : throw Wrong($"a whole number from {least} to {most}");

        public string OneOf(params string[] names) =>
            Value.ValueKind == JsonValueKind.String && names.Contains(Value.GetString()) ? Value.GetString()! : throw Wrong(string.Join(" or ", names));

        public IReadOnlyList<string> Words() => Value.ValueKind == JsonValueKind.Array && Value.GetArrayLength() > 0
            ? [.. Value.EnumerateArray().Select(v => v.ToString()).Where(v => v.Length > 0)]
            : throw new FormatException($"'{Path}' must be a list of words");

        /// <summary>Accepts a setting that is always on; any other value is an error, since it would change verdicts.</summary>
        public MathVerifyOptions Done(string value, MathVerifyOptions options) => Value.ToString() == value
            ? options
            : throw new FormatException($"'{Path}' is {Value}, which would change verdicts and is not done; only {value.ToLowerInvariant()} is");

        private FormatException Wrong(string right) => new($"'{Path}' is {Value}; {right} belongs there");
    }
}
