using ActivationReplay.Benchmarks.Benchmarks;
using ActivationReplay.Benchmarks.Columns;
using ActivationReplay.Benchmarks.Configs;
using ActivationReplay.Benchmarks.Workloads;
using BenchmarkDotNet.Running;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Benchmarks;

/// <summary>The classes that BenchmarkDotNet runs, called as it calls them.</summary>
[NonParallelizable]
public sealed class BenchmarkClassTests
{
    private MeasureOptions options = null!;

    [OneTimeSetUp]
    public void UseThePairThatShips()
    {
        options = MeasureOptions.Current;
        MeasureOptions.Current = options with { Pair = RandomPair.Embedded, Threads = 1 };
    }

    [OneTimeTearDown]
    public void Restore() => MeasureOptions.Current = options;

    [Test]
    public void Loop_NotesItsWorkUnderTheKeyThatColumnsLookFor()
    {
        var loop = new OptimisationLoop { Case = new LoopCase(16, 7, 10, "float32", 2) };

        loop.SetUpEngine();
        loop.SetUpReference();
        loop.ReferenceShaped().Should().BeGreaterThan(0);
        loop.CleanUp();

        var work = Entry(nameof(OptimisationLoop.Engine))!.Work;
        work.Forward.Should().BeGreaterThan(0);
        work.Backward.Should().BeGreaterThan(work.Forward);
        Entry(nameof(OptimisationLoop.ReferenceShaped))!.Work.Should().Be(work);

        // The key as a column makes it of BenchmarkDotNet's own description.
        LedgerEntry? Entry(string method)
        {
            var descriptor = BenchmarkConverter.TypeToBenchmarks(typeof(OptimisationLoop), new MeasureConfig(TestContext.CurrentContext.WorkDirectory))
                .BenchmarksCases.First(c => c.Descriptor.WorkloadMethod.Name == method).Descriptor;
            return Ledger.Find(Ledger.Key(
                descriptor.Type.Name, descriptor.WorkloadMethod.Name, [(nameof(OptimisationLoop.Case), loop.Case)]));
        }
    }

    [Test]
    public void Preprocessing_ReadsTheShippedPicture()
    {
        var preprocessing = new Preprocessing { VisualTokens = 64 };

        preprocessing.SetUp();

        // The picture's tokens and those of the question and the template.
        preprocessing.Prepare().Should().BeInRange(50, 150);
    }

    [Test]
    public void EveryBenchmark_IsFoundAndHasNoCriticalError()
    {
        var types = typeof(MeasuredBenchmark).Assembly.GetTypes()
            .Where(t => t.IsSubclassOf(typeof(MeasuredBenchmark)) && !t.IsAbstract).ToList();

        types.Should().HaveCount(9);
        types.Should().OnlyContain(t =>
            BenchmarkConverter.TypeToBenchmarks(t, new MeasureConfig(TestContext.CurrentContext.WorkDirectory)).BenchmarksCases.Length > 0);
    }
}
