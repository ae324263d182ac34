using ActivationReplay.Ablations.Execution;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Generation;
using ActivationReplay.Replay.Recordings;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Execution;

/// <summary>What the draws of sampled answers depend on.</summary>
public sealed class SampleRunnerDrawsTests() : CountingRunnerTests(
    "dataset.path=counting:test:2", "generation.max-new-tokens=8", "generation.temperature=1", "generation.samples=4",
    "replay.iterations=1", "replay.threshold=quantile:0.5")
{
    [Test]
    public void Run_DrawsEachQuestionOnItsOwn_AndItsCellsAlike()
    {
        var seen = new Seen(Pair);

        Run(Config, answerer: seen);

        // Each question's requests, one a cell, have one seed, that of its id.
        seen.Seeds.Should().HaveCount(Questions.Count * Config.Cells.Count);
        seen.Seeds.Distinct().Should().BeEquivalentTo(Questions.Select(q => Config.Generation.For(q.Row.Id).Seed));
    }

    [Test]
    public void Run_OfOneQuestionUnderTwoIds_AnswersThemDifferently()
    {
        var row = Questions[0].Row;
        DatasetRow[] twice = [row, new DatasetRow("again", row.Sample! with { Id = "again" }, null)];

        var entries = Run(Config, questions: [.. twice.Index()]);

        Outputs(row.Id).Should().NotEqual(Outputs("again"));
        Outputs(row.Id).Should().Equal(Expected.Where(e => e.Row.Sample == row.Id).Select(e => e.Row.Output), "the draws depend on nothing beside");

        IEnumerable<string?> Outputs(string id) => entries.Where(e => e.Row.Sample == id)
            .OrderBy(e => Config.Cells.ToList().FindIndex(c => c.Id == e.Row.Cell)).ThenBy(e => e.Row.Repetition).Select(e => e.Row.Output);
    }

    private sealed class Seen(ReplayPair pair) : IAnswerer
    {
        private readonly PairAnswerer inner = new(pair);

        public List<ulong> Seeds { get; } = [];

        public (IReadOnlyList<IReadOnlyList<GeneratedSequence>> Answers, (double Prefill, double Decode) Seconds) Answer(
            ModelRole role, IReadOnlyList<GenerationRequest> requests, CancellationToken cancel)
        {
            lock (Seeds)
            {
                Seeds.AddRange(requests.Select(r => r.Settings.Seed));
            }

            return inner.Answer(role, requests, cancel);
        }
    }
}
