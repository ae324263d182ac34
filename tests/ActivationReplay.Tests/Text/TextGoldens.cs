using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActivationReplay.Text;

namespace ActivationReplay.Tests.Text;

/// <summary>A text as Hugging Face's tokenizer encoded and decoded it.</summary>
/// <param name="Text">The text.</param>
/// <param name="Ids">Its ids.</param>
/// <param name="Decode">The ids that were decoded; the same ones where absent.</param>
/// <param name="Decoded">Their text.</param>
/// <param name="DecodedPlain">Their text without special tokens.</param>
internal sealed record RecordedText(string Text, int[] Ids, int[]? Decode, string Decoded, string DecodedPlain);

/// <summary>Tokenizers, loaded once, and recordings.</summary>
internal static class TextGoldens
{
    /// <summary>The tokenizer of Qwen2.5-VL, too large to be carried uncompressed.</summary>
    public const string Qwen = "qwen-tokenizer";

    private static readonly ConcurrentDictionary<string, Lazy<QwenTokenizer>> s_tokenizers = new();

    private static readonly JsonSerializerOptions s_snakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Of all recorded pairs, and of the one whose tokenizer has no normaliser.</summary>
    public static IEnumerable<QwenTokenizer> All => [.. Goldens.Pairs.Select(TokenizerOf), Tokenizer("pairs/trained/base")];

    /// <summary>A carried tokenizer, by its folder among the goldens.</summary>
    public static QwenTokenizer Tokenizer(string folder) => s_tokenizers.GetOrAdd(folder, _ => new(() =>
        folder == Qwen ? LoadCarriedQwen() : QwenTokenizer.Load(Goldens.CarriedPathOf(folder.Split('/'))))).Value;

    /// <summary>The tokenizer of a recorded pair.</summary>
    public static QwenTokenizer TokenizerOf(string pair) => s_tokenizers.GetOrAdd(
        Goldens.PathOf("pairs", pair, "base"), path => new(() => QwenTokenizer.Load(path))).Value;

    /// <summary>
    /// Writes the carried tokenizer.json to <paramref name="folder"/>. Packed, its vocabulary has the bytes alone: a merge's
    /// token is the two texts that it joins, and its id follows the one before.
    /// </summary>
    public static void UnpackCarriedQwen(string folder)
    {
        using var packed = new BrotliStream(
            File.OpenRead(Path.Combine(Goldens.Carried, "qwen-tokenizer.json.br")), CompressionMode.Decompress);
        var json = JsonNode.Parse(packed)!;
        var vocabulary = json["model"]!["vocab"]!.AsObject();
        foreach (var merge in json["model"]!["merges"]!.AsArray())
        {
            vocabulary.Add(merge!.GetValue<string>().Replace(" ", "", StringComparison.Ordinal), vocabulary.Count);
        }

        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), json.ToJsonString());
    }

    /// <summary>The texts of <c>prepare/tokenizer.json</c>, recorded with <see cref="Qwen"/>.</summary>
    public static RecordedText[] Prepared() => Read<RecordedText[]>(Goldens.PathOf("prepare", "tokenizer.json"));

    /// <summary>
    /// Texts by tokenizer, made at random of every script and mark and recorded with tokenizers 0.22.2, the version
    /// beneath the goldens.
    /// </summary>
    public static Dictionary<string, RecordedText[]> Random()
    {
        using var json = new GZipStream(
            File.OpenRead(Path.Combine(Goldens.Repository, "tests", "ActivationReplay.Tests", "Text", "hugging-face-recordings.json.gz")),
            CompressionMode.Decompress);
        return JsonSerializer.Deserialize<Dictionary<string, RecordedText[]>>(json, s_snakeCase)!;
    }

    private static QwenTokenizer LoadCarriedQwen()
    {
        using var folder = new TemporaryFolder();
        UnpackCarriedQwen(folder.FullName);
        return QwenTokenizer.Load(folder.FullName);
    }

    private static T Read<T>(string path) => JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), s_snakeCase)!;
}
