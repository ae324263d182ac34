using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Execution;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Generation;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Recordings;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Execution;

/// <summary>Memory runs out amid a batch: generation has room for some answers, a loop for some variants.</summary>
public sealed class SampleRunnerMemoryTests
{
    private const int Samples = 2;
    private static readonly string s_quick = RepositoryPaths.Find("ablations", "configs", "quick.yaml");
    private RunConfig config = null!;
    private ReplayPair pair = null!;
    private IReadOnlyList<(int Index, DatasetRow Row)> questions = null!;
    private IReadOnlyList<JournalEntry> expected = null!;

    [OneTimeSetUp]
    public void Compute()
    {
        config = RunConfigReader.Read(s_quick,
        [
            "dataset.path=counting:test:3", "generation.max-new-tokens=8", "generation.temperature=1", $"generation.samples={Samples}",
            "replay.iterations=2", "replay.selection=[low, high, all]", "replay.threshold=quantile:0.5",
        ]);
        pair = ModelOptions.Load(config.Pair);
        questions = [.. QuestionFile.Read(config).Index()];
        expected = Run(config, new Limited(pair, int.MaxValue));
        expected.Should().HaveCount(3 * 5 * Samples).And.OnlyContain(e => e.Row.Error == null && e.Row.Note == null);
    }

    [OneTimeTearDown]
    public void Close() => pair.Dispose();

    [Test]
    public void Run_WithRoomForOneQuestionsAnswers_ComputesOneQuestionAtATime_AndEveryRowSaysSo()
    {
        // RLVR answers four cells of a question.
        var entries = Run(config, new Limited(pair, 4 * Samples));

        ShouldBeThoseOfEnoughMemory(entries);
        entries.Should().OnlyContain(e => e.Row.Note == "memory ran out: 1 question at a time");
    }

    [Test]
    public void Run_WithRoomForOneAnswer_DecodesThemOneByOne()
    {
        var entries = Run(config, new Limited(pair, 1));

        ShouldBeThoseOfEnoughMemory(entries);
        entries.Should().OnlyContain(e => e.Row.Note == "memory ran out: 1 question at a time; memory ran out: 1 answer at a time");
    }

    [Test]
    public void Run_WithRoomForOneVariantOfALoop_RunsThemOneByOne()
    {
        var entries = Run(WithLoopsOf(1), new Limited(pair, int.MaxValue));

        ShouldBeThoseOfEnoughMemory(entries);
        foreach (var entry in entries)
        {
            entry.Row.Note.Should().Be("memory ran out: 1 question at a time" + (entry.Row.Cell.StartsWith("replay", StringComparison.Ordinal) ? "; memory ran out: 1 variant at a time" : ""));
        }
    }

    [Test]
    public void Run_WithoutRoomForALoop_HasErrorRowsOfItsCells_ThatSayWhatWouldHelp_AndTheRowsOfTheOthers()
    {
        var entries = Run(WithLoopsOf(0), new Limited(pair, int.MaxValue));

        var failed = entries.Where(e => e.Row.Error is not null).ToList();
        failed.Select(e => e.Row.Cell).Distinct().Should().HaveCount(3).And.OnlyContain(cell => cell.StartsWith("replay", StringComparison.Ordinal));
        failed.Should().OnlyContain(e => e.Row.Error!.Contains("--models one") && e.Row.Error.Contains("prompt.max-pixels") && e.Row.Error.Contains("CUDA out of memory"));
        entries.Except(failed).Should().HaveCount(3 * 2 * Samples);
    }

    [Test]
    public void Run_WithoutRoomForAnyAnswer_HasAnErrorRowForEach()
    {
        var entries = Run(config, new Limited(pair, 0));

        entries.Should().HaveCount(expected.Count).And.OnlyContain(e => e.Row.Error != null);
        entries.Select(e => e.Key).Should().BeEquivalentTo(expected.Select(e => e.Key));
    }

    [Test]
    public void Run_InSizesThatWereChosen_HasTheSameRows_WithoutNotes()
    {
        var entries = Run(config, new Limited(pair, 2), new WorkSizes(2, 2, 2, 40));

        ShouldBeThoseOfEnoughMemory(entries);
        entries.Should().OnlyContain(e => e.Row.Note == null);
    }

    private RunConfig WithLoopsOf(int variants) => config with
    {
        Cells = [.. config.Cells.Select(c => c.Method.Id == "replay" ? c with { Method = new SmallLoops(c.Method, variants) } : c)],
    };

    private IReadOnlyList<JournalEntry> Run(RunConfig run, IAnswerer answerer, WorkSizes? sizes = null) =>
        new SampleRunner(pair, run, new JournalKeys(run, "pair"), PairPhase.Both, shelf: null, sizes ?? WorkSizes.Whole, answerer).Run(questions, CancellationToken.None);

    private void ShouldBeThoseOfEnoughMemory(IReadOnlyList<JournalEntry> entries)
    {
        var byKey = entries.ToDictionary(e => e.Key);
        byKey.Should().HaveCount(expected.Count);
        foreach (var one in expected)
        {
            var (row, same) = (byKey[one.Key].Row, one.Row);
            (row.Cell, row.Sample, row.Repetition, row.Output, row.NewTokens)
                .Should().Be((same.Cell, same.Sample, same.Repetition, same.Output, same.NewTokens));
            // Products over fewer columns add up in another order: fp32 of some hundred terms.
            byKey[one.Key].Losses.Should().Equal(one.Losses, (a, b) => Math.Abs(a - b) <= 1e-5 * Math.Abs(b));
        }
    }

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

    /// <summary>A method on a device that holds so many variants of its loop.</summary>
    private sealed class SmallLoops(IReplayMethod method, int room) : IReplayMethod
    {
        public string Id => method.Id;

        public ModelRole Answerer => method.Answerer;

        public MethodSettings Defaults(int modelLayers) => method.Defaults(modelLayers);

        public void Check(MethodSettings settings, int modelLayers) => method.Check(settings, modelLayers);

        public IEnumerable<RecordingNeed> Needs(MethodSettings settings) => method.Needs(settings);

        public Preparation Prepare(ReplayContext context, MethodSettings settings) => PrepareAll(context, [settings])[0];

        public IReadOnlyList<Preparation> PrepareAll(ReplayContext context, IReadOnlyList<MethodSettings> variants)
        {
            Room.For(variants.Count, room);
            return method.PrepareAll(context, variants);
        }

        public override bool Equals(object? obj) => obj is SmallLoops other && other.Id == Id;

        public override int GetHashCode() => Id.GetHashCode(StringComparison.Ordinal);
    }
}
