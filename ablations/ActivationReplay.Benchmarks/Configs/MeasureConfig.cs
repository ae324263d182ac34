using System.Globalization;
using ActivationReplay.Benchmarks.Columns;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Exporters.Csv;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace ActivationReplay.Benchmarks.Configs;

/// <summary>
/// How BenchmarkDotNet runs here: in this process, which has found and loaded libtorch (a generated program of its own
/// would look for it elsewhere), and a few iterations of one call each, since a call takes up to seconds.
/// </summary>
internal sealed class MeasureConfig : ManualConfig
{
    private const int Iterations = 5;
    private static readonly TimeSpan Patience = TimeSpan.FromHours(2); // for one benchmark of a large shape

    /// <param name="output">Folder of reports.</param>
    public MeasureConfig(string output)
    {
        AddJob(Job.Default
            .WithId("measure")
            .WithToolchain(new InProcessEmitToolchain(Patience, logOutput: true))
            .WithStrategy(RunStrategy.Monitoring) // no pilot: it would call again until 100 ms are full
            .WithWarmupCount(1)
            .WithIterationCount(Iterations)
            .WithInvocationCount(1)
            .WithUnrollFactor(1));
        AddLogger(ConsoleLogger.Default);
        AddColumn(TargetMethodColumn.Method);
        AddColumnProvider(DefaultColumnProviders.Params);
        AddColumn(StatisticColumn.Median, StatisticColumn.Min, StatisticColumn.Max, BaselineRatioColumn.RatioMean);
        AddColumn([.. WorkColumn.All]);
        AddExporter(MarkdownExporter.GitHub, new CsvExporter(CsvSeparator.Comma, SummaryStyle.Default
            .WithCultureInfo(CultureInfo.InvariantCulture)
            .WithTimeUnit(Perfolizer.Horology.TimeUnit.Second)));
        SummaryStyle = SummaryStyle.Default.WithCultureInfo(CultureInfo.InvariantCulture).WithMaxParameterColumnWidth(60);
        ArtifactsPath = output;
        Options |= ConfigOptions.DisableLogFile;
        // TorchSharp's package holds an assembly that was built without optimisation; all its work is native.
        Options |= ConfigOptions.DisableOptimizationsValidator;
    }
}
