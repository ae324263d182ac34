using ActivationReplay.Ablations.Configuration;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Execution;

/// <summary>Loops of several questions in one batch, of every method.</summary>
public sealed class SampleRunnerLoopsTests() : CountingRunnerTests(
    "dataset.path=counting:test:5", "generation.batch=5", "generation.max-new-tokens=8",
    "methods=[base, none, replay, mid-layer, reverse, local-smooth, global-smooth, cross-model]",
    "replay.iterations=2", "replay.selection=[low, high]", "replay.threshold=quantile:0.5", "replay.cross-layers=4", "replay.cross-thresholds=2")
{
    [TestCase(2)]
    [TestCase(4)]
    [TestCase(5)]
    public void Run_OfSeveralAtATime_HasTheRowsOfOneByOne(int loops)
    {
        var seen = new List<int>();
        var run = With(m => m.Id is "base" or "none" ? m : new Checked(m, (contexts, _) =>
        {
            lock (seen)
            {
                seen.Add(contexts.Count);
            }
        }));

        var entries = Run(run, WorkSizes.Whole with { Loops = loops });

        entries.Should().HaveCount(Expected.Count);
        ShouldBeExpected(entries);
        seen.Distinct().Order().Should().Equal(new[] { 5 % loops, loops }.Where(count => count > 0).Distinct().Order());
    }

    [Test]
    public void Run_WhereAQuestionsLoopFails_HasItsErrorRows_AndTheRowsOfTheOthers()
    {
        var bad = Questions[2].Row;
        var calls = 0;
        // What tells the questions apart here is their order.
        var run = With(m => m.Id == "mid-layer" ? new Checked(m, (contexts, _) =>
        {
            Interlocked.Increment(ref calls);
            if (contexts.Any(c => IsOf(c.Inputs.Ids, 2)))
            {
                throw new InvalidOperationException("no loop for this one");
            }
        }) : m);

        var entries = Run(run, WorkSizes.Whole with { Loops = 5 });

        ShouldBeExpected(entries, e => e.Row.Sample != bad.Id);
        var failed = entries.Where(e => e.Row.Sample == bad.Id).ToList();
        failed.Should().HaveCount(Config.Cells.Count).And.OnlyContain(e => e.Row.Error!.Contains("no loop for this one"));
        calls.Should().Be(6, "once together, then each alone");
    }

    [Test]
    public void Run_Cancelled_IsGivenUp()
    {
        using var cancel = new CancellationTokenSource();
        var run = With(m => m.Id == "replay" ? new Checked(m, (_, _) => cancel.Cancel()) : m);

        FluentActions.Invoking(() => Run(run, WorkSizes.Whole with { Loops = 5 }, cancel: cancel.Token)).Should().Throw<OperationCanceledException>();
    }

    private bool IsOf(IReadOnlyList<int> ids, int question)
    {
        var sample = Questions[question].Row.Sample!;
        return Pair.Processor.Tokenizer.Decode(ids).Contains(sample.Question, StringComparison.Ordinal);
    }
}
