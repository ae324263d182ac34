using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using ActivationReplay.Inputs;
using ActivationReplay.Lens;
using ActivationReplay.Text;
using CsvHelper.Configuration.Attributes;

namespace ActivationReplay.Ablations.LensReports;

/// <summary>
/// A layer and position at which the most likely tokens of base and RLVR differ: a line of tokens.csv. Row and column are empty
/// outside pictures.
/// </summary>
public sealed record ChangedTokensRow
{
    [Name("layer")] public int Layer { get; init; }

    [Name("position")] public int Position { get; init; }

    [Name("medium")] public int? Medium { get; init; }

    [Name("step")] public int? Step { get; init; }

    [Name("row")] public int? Row { get; init; }

    [Name("column")] public int? Column { get; init; }

    [Name("base_entropy"), Format("G6")] public double Entropy { get; init; }

    [Name("kl"), Format("G6")] public double Kl { get; init; }

    [Name("base_tokens")] public required string BaseTokens { get; init; }

    [Name("rlvr_tokens")] public required string RlvrTokens { get; init; }
}

/// <summary>Finds where the most likely tokens of base and RLVR differ (the paper's Figure 2).</summary>
internal static class ChangedTokens
{
    // Tokens are written as JSON strings, so that line breaks and quotes are visible; other scripts stay readable.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The layers and positions at which the sets of most likely tokens differ, the largest KL first.</summary>
    public static IReadOnlyList<ChangedTokensRow> Find(LensComparison comparison, ModelInputs inputs, QwenTokenizer tokenizer)
    {
        var (entropy, kl) = (comparison.BaseEntropy.data<float>().ToArray(), comparison.Kl.data<float>().ToArray());
        var before = new DecodedTokens(comparison.BaseTokens, tokenizer);
        var after = new DecodedTokens(comparison.RlvrTokens, tokenizer);
        var locations = comparison.Positions.Select(p => Locate(p, inputs)).ToList();
        return
        [
            .. Enumerable.Range(0, kl.Length)
                .Where(i => !before.Ids(i).ToHashSet().SetEquals(after.Ids(i)))
                .Select(i => locations[i % locations.Count] with
                {
                    Layer = i / locations.Count,
                    Entropy = entropy[i],
                    Kl = kl[i],
                    BaseTokens = before.Text(i),
                    RlvrTokens = after.Text(i),
                })
                .OrderByDescending(r => r.Kl),
        ];
    }

    private static ChangedTokensRow Locate(int position, ModelInputs inputs)
    {
        var row = new ChangedTokensRow { Position = position, BaseTokens = "", RlvrTokens = "" };
        foreach (var (index, span) in inputs.Spans.Index().Where(s => position >= s.Item.Start && position < s.Item.End))
        {
            var (step, offset) = Math.DivRem(position - span.Start, span.H * span.W);
            return row with { Medium = index, Step = step, Row = offset / span.W, Column = offset % span.W };
        }

        return row;
    }

    private sealed class DecodedTokens(LensTokens tokens, QwenTokenizer tokenizer)
    {
        private readonly int count = (int)tokens.Ids.shape[2];
        private readonly long[] ids = tokens.Ids.data<long>().ToArray();
        private readonly float[] probabilities = tokens.Probabilities.data<float>().ToArray();

        public ArraySegment<long> Ids(int i) => new(ids, i * count, count);

        public string Text(int i) => string.Join(", ", Enumerable.Range(i * count, count).Select(w => string.Create(
            CultureInfo.InvariantCulture,
            $"{JsonSerializer.Serialize(tokenizer.Decode([(int)ids[w]]), Readable)} {probabilities[w]:0.000}")));
    }
}
