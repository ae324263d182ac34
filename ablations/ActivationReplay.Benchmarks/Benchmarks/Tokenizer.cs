using System.Globalization;
using System.Text;
using ActivationReplay.Benchmarks.Counting;
using ActivationReplay.Benchmarks.Workloads;
using ActivationReplay.Text;
using BenchmarkDotNet.Attributes;

namespace ActivationReplay.Benchmarks.Benchmarks;

/// <summary>Text to ids and back, with the tokenizer of --pair or of the pair that ships.</summary>
public class Tokenizer : MeasuredBenchmark
{
    private QwenTokenizer tokenizer = null!;
    private string text = "";
    private IReadOnlyList<int> ids = [];

    [Params(100, 10_000)]
    public int Characters { get; set; }

    [GlobalSetup(Target = nameof(Encode))]
    public void SetUpEncode() => SetUp(nameof(Encode), () => Encode());

    [GlobalSetup(Target = nameof(Decode))]
    public void SetUpDecode() => SetUp(nameof(Decode), () => Decode());

    [Benchmark]
    public int Encode() => tokenizer.Encode(text).Count;

    [Benchmark]
    public int Decode() => tokenizer.Decode(ids).Length;

    private void SetUp(string method, Action call)
    {
        tokenizer = QwenTokenizer.Load(Path.Combine(Settings.Pair ?? RandomPair.Embedded, "base"));
        var words = new StringBuilder();
        for (var i = 0; words.Length < Characters; i++)
        {
            words.Append(CultureInfo.InvariantCulture, $"How many red circles are left of square {i}? Count them. ");
        }

        text = words.ToString(0, Characters);
        ids = tokenizer.Encode(text);
        Note(method, new Work(0, 0, Encoding.UTF8.GetByteCount(text)), call);
    }
}
