using ActivationReplay.Ablations.Configuration;
using static TorchSharp.torch;

namespace ActivationReplay.Benchmarks.Workloads;

/// <summary>The settings of measurements: shape, type, device, threads and output.</summary>
/// <param name="Shape">A folder under Shapes/, or any folder with a config.json.</param>
/// <param name="Dtype">float32 or bfloat16.</param>
/// <param name="Device">cpu or cuda.</param>
/// <param name="Threads">0 is every core.</param>
/// <param name="Pair">A pair's folder, instead of random weights of the shape; null is random weights.</param>
/// <param name="Output">Where tables and figures go.</param>
/// <param name="Rounds">Counted rounds of interleaved measurements.</param>
internal sealed record MeasureOptions(
    string Shape, string Dtype, string Device, int Threads, string? Pair, string Output, int Rounds)
{
    /// <summary>The settings of this process, which are static because BenchmarkDotNet constructs its classes itself.</summary>
    public static MeasureOptions Current { get; set; } = new(
        "m", "float32", "cpu", 0, null, RepositoryPaths.Find("results", "benchmarks"), 5);

    /// <summary>The folder with the shape's config.json.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those that ship.</exception>
    public string ShapeFolder
    {
        get
        {
            var shipped = Path.Combine(AppContext.BaseDirectory, "Shapes");
            return new[] { Path.Combine(shipped, Shape), Shape }.FirstOrDefault(f => File.Exists(Path.Combine(f, "config.json")))
                ?? throw new ArgumentException(
                    $"--shape {Shape}: no such shape; give a folder with a config.json, or one of "
                    + $"{string.Join(", ", Directory.GetDirectories(shipped).Select(Path.GetFileName).Order())}.");
        }
    }

    /// <summary>Type of weights and activations.</summary>
    public ScalarType Type => TypeOf(Dtype);

    /// <summary>A type by its name.</summary>
    public static ScalarType TypeOf(string name) => name == "bfloat16" ? ScalarType.BFloat16 : ScalarType.Float32;
}
