using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Execution;
using ActivationReplay.Generation;
using ActivationReplay.Replay.Recordings;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Execution;

/// <summary>Memory runs out amid a batch: generation has room for some answers, a loop for some questions or variants.</summary>
public sealed class SampleRunnerMemoryTests() : CountingRunnerTests(
    "dataset.path=counting:test:3", "generation.max-new-tokens=8", "generation.temperature=1", "generation.samples=2",
    "replay.iterations=2", "replay.selection=[low, high, all]", "replay.threshold=quantile:0.5")
{
    private const int Samples = 2;

    [Test]
    public void Run_WithRoomForOneQuestionsAnswers_ComputesOneQuestionAtATime_AndEveryRowSaysSo()
    {
        // RLVR answers four cells of a question.
        var entries = Run(Config, answerer: new Limited(Pair, 4 * Samples));

        ShouldBeExpected(entries);
        entries.Should().OnlyContain(e => e.Row.Note == "memory ran out: 1 question at a time");
    }

    [Test]
    public void Run_WithRoomForOneAnswer_DecodesThemOneByOne()
    {
        var entries = Run(Config, answerer: new Limited(Pair, 1));

        ShouldBeExpected(entries);
        entries.Should().OnlyContain(e => e.Row.Note == "memory ran out: 1 question at a time; memory ran out: 1 answer at a time");
    }

    [Test]
    public void Run_WithRoomForOneVariantOfALoop_RunsThemOneByOne()
    {
        var entries = Run(WithLoopsOf(1));

        ShouldBeExpected(entries);
        foreach (var entry in entries)
        {
            entry.Row.Note.Should().Be("memory ran out: 1 question at a time" + (entry.Row.Cell.StartsWith("replay", StringComparison.Ordinal) ? "; memory ran out: 1 variant at a time" : ""));
        }
    }

    [TestCase(2, "memory ran out: 2 loops at a time")]
    [TestCase(1, "memory ran out: 1 loop at a time")]
    public void Run_WithRoomForSomeLoops_HalvesThem_AndTheirRowsSaySo(int room, string note)
    {
        var run = With(m => m.Id == "replay" ? new Checked(m, (contexts, _) => Room.For(contexts.Count, room)) : m);

        var entries = Run(run, WorkSizes.Whole with { Loops = 4 });

        ShouldBeExpected(entries);
        foreach (var entry in entries)
        {
            // The first of three questions is half of them.
            var isAlone = entry.Row.Sample == Questions[0].Row.Id;
            entry.Row.Note.Should().Be(!entry.Row.Cell.StartsWith("replay", StringComparison.Ordinal) ? null : isAlone ? "memory ran out: 1 loop at a time" : note);
        }
    }

    [Test]
    public void Run_WithoutRoomForALoop_HasErrorRowsOfItsCells_ThatSayWhatWouldHelp_AndTheRowsOfTheOthers()
    {
        var entries = Run(WithLoopsOf(0));

        var failed = entries.Where(e => e.Row.Error is not null).ToList();
        failed.Select(e => e.Row.Cell).Distinct().Should().HaveCount(3).And.OnlyContain(cell => cell.StartsWith("replay", StringComparison.Ordinal));
        failed.Should().OnlyContain(e => e.Row.Error!.Contains("--models one") && e.Row.Error.Contains("prompt.max-pixels") && e.Row.Error.Contains("CUDA out of memory"));
        entries.Except(failed).Should().HaveCount(3 * 2 * Samples);
    }

    [Test]
    public void Run_WithoutRoomForAnyAnswer_HasAnErrorRowForEach()
    {
        var entries = Run(Config, answerer: new Limited(Pair, 0));

        entries.Should().HaveCount(Expected.Count).And.OnlyContain(e => e.Row.Error != null);
        entries.Select(e => e.Key).Should().BeEquivalentTo(Expected.Select(e => e.Key));
    }

    [Test]
    public void Run_InSizesThatWereChosen_HasTheSameRows_WithoutNotes()
    {
        var entries = Run(Config, new WorkSizes(2, 2, 2, 40, 2), new Limited(Pair, 2));

        ShouldBeExpected(entries);
        entries.Should().OnlyContain(e => e.Row.Note == null);
    }

    private RunConfig WithLoopsOf(int variants) => With(m => m.Id == "replay" ? new Checked(m, (_, count) => Room.For(count, variants)) : m);

    /// <summary>The pair, on a device that holds so many sequences.</summary>
    private sealed class Limited(ReplayPair pair, int room) : IAnswerer
    {
        private readonly PairAnswerer answerer = new(pair);

        public (IReadOnlyList<IReadOnlyList<GeneratedSequence>> Answers, (double Prefill, double Decode) Seconds) Answer(
            ModelRole role, IReadOnlyList<GenerationRequest> requests, CancellationToken cancel)
        {
            Room.For(requests.Sum(r => r.Settings.Samples), room);
            return answerer.Answer(role, requests, cancel);
        }
    }
}
