using System.Reflection;
using ActivationReplay.Benchmarks.Columns;
using ActivationReplay.Benchmarks.Counting;
using ActivationReplay.Benchmarks.Rates;
using ActivationReplay.Benchmarks.Workloads;
using BenchmarkDotNet.Attributes;
using static TorchSharp.torch;

namespace ActivationReplay.Benchmarks.Benchmarks;

/// <summary>A class of benchmarks that says what its work needs, for the columns.</summary>
public abstract class MeasuredBenchmark
{
    private protected static MeasureOptions Settings => MeasureOptions.Current;

    private protected static Device Device => device(Settings.Device);

    /// <summary>
    /// Notes the work of one operation, after measuring the rates of a matrix product and of a copy on the device, and the peak memory
    /// of one call. A GPU's memory is not: libtorch keeps what earlier benchmarks of the process took.
    /// </summary>
    /// <param name="method">The benchmark's method.</param>
    /// <param name="work">Of one operation.</param>
    /// <param name="call">The method itself.</param>
    /// <param name="dtype">Type of the product; null is that of the options.</param>
    private protected void Note(string method, Work work, Action call, string? dtype = null)
    {
        double? product = null, copy = null;
        if (work.Flop > 0 || work.Bytes > 0)
        {
            using var rates = new MachineRates(MeasureOptions.TypeOf(dtype ?? Settings.Dtype), Device);
            product = work.Flop > 0 ? rates.ProductRate() : null;
            copy = work.Bytes > 0 ? rates.CopyRate() : null;
        }

        call(); // first calls make what later ones reuse
        var peak = Device.type == TorchSharp.DeviceType.CPU ? PeakMemory.Extra(Device, call) : null;
        Ledger.Set(Ledger.Key(Declared.Name, method, Parameters()), new LedgerEntry(work, product, copy, peak));
    }

    /// <summary>Waits for the device, so that its work is in the measured time.</summary>
    private protected static T Finish<T>(T result)
    {
        DeviceClock.Synchronise(Device);
        return result;
    }

    // BenchmarkDotNet runs a subclass that it emits.
    private Type Declared => GetType().Assembly.IsDynamic ? GetType().BaseType! : GetType();

    private IEnumerable<(string, object?)> Parameters() =>
        from property in Declared.GetProperties()
        where property.GetCustomAttribute<ParamsAttribute>() is not null
            || property.GetCustomAttribute<ParamsSourceAttribute>() is not null
        select (property.Name, property.GetValue(this));
}
