using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text.Json;
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

    public static readonly string[] Pairs = ["a", "b", "c", "trained"];

    private static readonly ConcurrentDictionary<string, Lazy<QwenTokenizer>> s_tokenizers = new();

    /// <summary>Where the repository carries the large tokenizer.</summary>
    public static string CarriedQwen { get; } =
        Path.Combine(Goldens.Repository, "tests", "goldens", Qwen, "tokenizer.json.br");

    private static readonly JsonSerializerOptions s_snakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>A tokenizer of the goldens, by its folder there.</summary>
    public static QwenTokenizer Tokenizer(string folder) => s_tokenizers.GetOrAdd(folder, name => new(() =>
        name == Qwen && !File.Exists(Goldens.PathOf(Qwen, "tokenizer.json"))
            ? LoadCarriedQwen()
            : QwenTokenizer.Load(Goldens.PathOf(name.Split('/'))))).Value;

    /// <summary>Unpacks and loads the tokenizer that the repository carries.</summary>
    public static QwenTokenizer LoadCarriedQwen()
    {
        using var folder = new TemporaryFolder();
        using (var packed = new BrotliStream(File.OpenRead(CarriedQwen), CompressionMode.Decompress))
        using (var file = File.Create(Path.Combine(folder.FullName, "tokenizer.json")))
        {
            packed.CopyTo(file);
        }

        return QwenTokenizer.Load(folder.FullName);
    }

    /// <summary>The texts of <c>prepare/tokenizer.json</c>, recorded with <see cref="Qwen"/>.</summary>
    public static RecordedText[] Prepared() => Read<RecordedText[]>(Goldens.PathOf("prepare", "tokenizer.json"));

    /// <summary>
    /// Texts by tokenizer, made at random of every script and mark and recorded with tokenizers 0.22.2, the version
    /// beneath the goldens.
    /// </summary>
    public static Dictionary<string, RecordedText[]> Random() => Read<Dictionary<string, RecordedText[]>>(
        Path.Combine(Goldens.Repository, "tests", "ActivationReplay.Tests", "Text", "hugging-face-recordings.json"));

    private static T Read<T>(string path) => JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), s_snakeCase)!;
}
