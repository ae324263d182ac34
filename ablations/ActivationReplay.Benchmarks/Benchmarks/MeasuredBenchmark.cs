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
    /// Notes the work of one operation, after measuring the rate of a matrix product and the peak memory of one call.
    /// </summary>
    /// <param name="method">The benchmark's method.</param>
    /// <param name="work">Of one operation.</param>
    /// <param name="call">The method itself.</param>
    /// <param name="dtype">Type of the product; null is that of the options.</param>
    private protected void Note(string method, Work work, Action call, string? dtype = null)
    {
        double? rate = null;
        if (work.Flop > 0)
        {
            using var rates = new MachineRates(MeasureOptions.TypeOf(dtype ?? Settings.Dtype), Device);
            rate = rates.ProductRate();
        }

        call(); // first calls make what later ones reuse
        var peak = PeakMemory.Extra(Device, call);
        Ledger.Set(Ledger.Key(Declared.Name, method, Parameters()), new LedgerEntry(work, rate, peak));
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
