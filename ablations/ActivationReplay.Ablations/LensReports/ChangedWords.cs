using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using ActivationReplay.Inputs;
using ActivationReplay.Lens;
using ActivationReplay.Text;
using CsvHelper.Configuration.Attributes;

namespace ActivationReplay.Ablations.LensReports;

/// <summary>A position whose most likely words changed: a line of words.csv. Row and column are empty outside pictures.</summary>
public sealed record ChangedWordsRow
{
    [Name("layer")] public int Layer { get; init; }

    [Name("position")] public int Position { get; init; }

    [Name("medium")] public int? Medium { get; init; }

    [Name("step")] public int? Step { get; init; }

    [Name("row")] public int? Row { get; init; }

    [Name("column")] public int? Column { get; init; }

    [Name("base_entropy"), Format("G6")] public double Entropy { get; init; }

    [Name("kl"), Format("G6")] public double Kl { get; init; }

    [Name("base_words")] public required string BaseWords { get; init; }

    [Name("rlvr_words")] public required string RlvrWords { get; init; }
}

/// <summary>Where base and RLVR would say other words (the paper's Figure 2).</summary>
internal static class ChangedWords
{
    // Words as JSON strings: line breaks and quotes are visible, other scripts readable.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Layers and positions whose set of most likely words differs, largest KL first.</summary>
    public static IReadOnlyList<ChangedWordsRow> Find(LensComparison comparison, ModelInputs inputs, QwenTokenizer tokenizer)
    {
        var (entropy, kl) = (comparison.BaseEntropy.data<float>().ToArray(), comparison.Kl.data<float>().ToArray());
        var before = new Words(comparison.BaseWords, tokenizer);
        var after = new Words(comparison.RlvrWords, tokenizer);
        var places = comparison.Positions.Select(p => Place(p, inputs)).ToList();
        return
        [
            .. Enumerable.Range(0, kl.Length)
                .Where(i => !before.Ids(i).ToHashSet().SetEquals(after.Ids(i)))
                .Select(i => places[i % places.Count] with
                {
                    Layer = i / places.Count,
                    Entropy = entropy[i],
                    Kl = kl[i],
                    BaseWords = before.Text(i),
                    RlvrWords = after.Text(i),
                })
                .OrderByDescending(r => r.Kl),
        ];
    }

    private static ChangedWordsRow Place(int position, ModelInputs inputs)
    {
        var row = new ChangedWordsRow { Position = position, BaseWords = "", RlvrWords = "" };
        foreach (var (index, span) in inputs.Spans.Index().Where(s => position >= s.Item.Start && position < s.Item.End))
        {
            var (step, cell) = Math.DivRem(position - span.Start, span.H * span.W);
            return row with { Medium = index, Step = step, Row = cell / span.W, Column = cell % span.W };
        }

        return row;
    }

    private sealed class Words(LensWords words, QwenTokenizer tokenizer)
    {
        private readonly int count = (int)words.Ids.shape[2];
        private readonly long[] ids = words.Ids.data<long>().ToArray();
        private readonly float[] probabilities = words.Probabilities.data<float>().ToArray();

        public ArraySegment<long> Ids(int i) => new(ids, i * count, count);

        public string Text(int i) => string.Join(", ", Enumerable.Range(i * count, count).Select(w => string.Create(
            CultureInfo.InvariantCulture,
            $"{JsonSerializer.Serialize(tokenizer.Decode([(int)ids[w]]), Readable)} {probabilities[w]:0.000}")));
    }
}
