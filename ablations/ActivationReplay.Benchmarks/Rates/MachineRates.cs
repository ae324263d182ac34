using static TorchSharp.torch;

namespace ActivationReplay.Benchmarks.Rates;

/// <summary>
/// The rates of this process on this machine, measured with libtorch's own operations, as upper bounds of all others.
/// </summary>
internal sealed class MachineRates : IDisposable
{
    // A processor's product takes milliseconds, its copy of 256 MB is far beyond any cache; on a GPU both would be launches alone.
    private const long CpuSide = 2048;
    private const long CpuCopy = 1L << 26;
    private const long GpuSide = 8192;
    private const long GpuCopy = 1L << 28;
    private readonly long copyElements;
    private readonly Device device;
    private readonly Tensor left;
    private readonly Tensor right;
    private Tensor? source;
    private Tensor? target;

    public MachineRates(ScalarType type, Device device)
    {
        using var scope = NewDisposeScope();
        this.device = device;
        (Side, copyElements) = device.type == TorchSharp.DeviceType.CPU ? (CpuSide, CpuCopy) : (GpuSide, GpuCopy);
        left = randn([Side, Side], ScalarType.Float32, device).to_type(type).DetachFromDisposeScope();
        right = randn([Side, Side], ScalarType.Float32, device).to_type(type).DetachFromDisposeScope();
        Product(); // the first one makes the threads
    }

    /// <summary>Side of the matrices: 2048, on a GPU 8192.</summary>
    public long Side { get; }

    /// <summary>Operations of one product.</summary>
    public double ProductFlop => 2.0 * Side * Side * Side;

    /// <summary>Seconds of one product of two square matrices.</summary>
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

    /// <summary>Bytes read plus written a second by a copy of 256 MB (on a GPU 1 GB), the median of a few.</summary>
    public double CopyRate(int times = 3)
    {
        using var quiet = no_grad();
        source ??= ones(copyElements, ScalarType.Float32, device).DetachFromDisposeScope();
        target ??= zeros(copyElements, ScalarType.Float32, device).DetachFromDisposeScope();
        var seconds = Enumerable.Range(0, times).Select(_ => DeviceClock.Seconds(device, () => target.copy_(source)));
        return 2.0 * copyElements * sizeof(float) / Medians.Of([.. seconds]);
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
