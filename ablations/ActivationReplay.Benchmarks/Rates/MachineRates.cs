using static TorchSharp.torch;

namespace ActivationReplay.Benchmarks.Rates;

/// <summary>
/// The rates of this process on this machine, measured with libtorch's own operations, as upper bounds of all others.
/// </summary>
internal sealed class MachineRates : IDisposable
{
    /// <summary>Side of the matrices.</summary>
    public const long Side = 2048;

    private const long CopyElements = 1L << 26; // 256 MB of fp32: far beyond any cache
    private readonly Device device;
    private readonly Tensor left;
    private readonly Tensor right;
    private Tensor? source;
    private Tensor? target;

    public MachineRates(ScalarType type, Device device)
    {
        using var scope = NewDisposeScope();
        this.device = device;
        left = randn([Side, Side], ScalarType.Float32, device).to_type(type).DetachFromDisposeScope();
        right = randn([Side, Side], ScalarType.Float32, device).to_type(type).DetachFromDisposeScope();
        Product(); // the first one makes the threads
    }

    /// <summary>Operations of one product.</summary>
    public static double ProductFlop => 2.0 * Side * Side * Side;

    /// <summary>Seconds of one product of two matrices 2048 × 2048.</summary>
    public double Product()
    {
        using var quiet = no_grad();
        return DeviceClock.Seconds(device, () =>
        {
            using var result = mm(left, right);
            GC.KeepAlive(result);
        });
    }

    /// <summary>Operations a second of that product, the median of a few.</summary>
    public double ProductRate(int times = 3) =>
        ProductFlop / Medians.Of([.. Enumerable.Range(0, times).Select(_ => Product())]);

    /// <summary>Bytes read plus written a second by a copy of 256 MB, the median of a few.</summary>
    public double CopyRate(int times = 3)
    {
        using var quiet = no_grad();
        source ??= ones(CopyElements, ScalarType.Float32, device).DetachFromDisposeScope();
        target ??= zeros(CopyElements, ScalarType.Float32, device).DetachFromDisposeScope();
        var seconds = Enumerable.Range(0, times).Select(_ => DeviceClock.Seconds(device, () => target.copy_(source)));
        return 2.0 * CopyElements * sizeof(float) / Medians.Of([.. seconds]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in new[] { left, right, source, target })
        {
            tensor?.Dispose();
        }
    }
}
