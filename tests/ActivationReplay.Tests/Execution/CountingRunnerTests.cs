using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Execution;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Recordings;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Execution;

/// <summary>Tests of what runs a batch of questions of the counting pair, beside its rows as they should be.</summary>
/// <param name="settings">Of the run, beside those of the quick one.</param>
public abstract class CountingRunnerTests(params string[] settings)
{
    private static readonly string s_quick = RepositoryPaths.Find("ablations", "configs", "quick.yaml");
    private IReadOnlyList<JournalEntry> expected = null!;

    private protected RunConfig Config { get; private set; } = null!;

    private protected ReplayPair Pair { get; private set; } = null!;

    private protected IReadOnlyList<(int Index, DatasetRow Row)> Questions { get; private set; } = null!;

    private protected IReadOnlyList<JournalEntry> Expected => expected;

    [OneTimeSetUp]
    public void Compute()
    {
        Config = RunConfigReader.Read(s_quick, settings);
        Pair = ModelOptions.Load(Config.Pair);
        Questions = [.. QuestionFile.Read(Config).Index()];
        expected = Run(Config);
        expected.Should().HaveCount((int)Config.Answers(Questions.Count)).And.OnlyContain(e => e.Row.Error == null && e.Row.Note == null);
    }

    [OneTimeTearDown]
    public void Close() => Pair.Dispose();

    private protected IReadOnlyList<JournalEntry> Run(
        RunConfig run,
        WorkSizes? sizes = null,
        IAnswerer? answerer = null,
        IReadOnlyList<(int Index, DatasetRow Row)>? questions = null,
        CancellationToken cancel = default) =>
        new SampleRunner(Pair, run, new JournalKeys(run, "pair"), PairPhase.Both, shelf: null, sizes ?? WorkSizes.Whole, answerer ?? new PairAnswerer(Pair))
            .Run(questions ?? Questions, cancel);

    private protected RunConfig With(Func<IReplayMethod, IReplayMethod> change) =>
        Config with { Cells = [.. Config.Cells.Select(c => c with { Method = change(c.Method) })] };

    private protected void ShouldBeExpected(IReadOnlyList<JournalEntry> entries, Func<JournalEntry, bool>? which = null)
    {
        var byKey = entries.ToDictionary(e => e.Key);
        foreach (var one in expected.Where(which ?? (_ => true)))
        {
            var (row, same) = (byKey[one.Key].Row, one.Row);
            (row.Error, row.Cell, row.Sample, row.Repetition, row.Output, row.NewTokens)
                .Should().Be((null, same.Cell, same.Sample, same.Repetition, same.Output, same.NewTokens));
            // Products over another number of columns add up in another order, 1e-7 of logits and so of logarithms, whose
            // differences the losses are: 2e-4 nats here.
            byKey[one.Key].Losses.Should().Equal(one.Losses, (a, b) => Math.Abs(a - b) <= 1e-4 * Math.Abs(b));
        }
    }

    /// <summary>A method with something in its way; one of its kind that equals it groups cells as the method does.</summary>
    /// <param name="method">The method.</param>
    /// <param name="check">Sees the prompts and the variants of a loop before they are prepared.</param>
    private protected sealed class Checked(IReplayMethod method, Action<IReadOnlyList<ReplayContext>, int> check) : IReplayMethod
    {
        public string Id => method.Id;

        public ModelRole Answerer => method.Answerer;

        public MethodSettings Defaults(int modelLayers) => method.Defaults(modelLayers);

        public void Check(MethodSettings settings, int modelLayers) => method.Check(settings, modelLayers);

        public IEnumerable<RecordingNeed> Needs(MethodSettings settings) => method.Needs(settings);

        public Preparation Prepare(ReplayContext context, MethodSettings settings) => PrepareAll(context, [settings])[0];

        public IReadOnlyList<Preparation> PrepareAll(ReplayContext context, IReadOnlyList<MethodSettings> variants) => PrepareAll([context], variants)[0];

        public IReadOnlyList<IReadOnlyList<Preparation>> PrepareAll(IReadOnlyList<ReplayContext> contexts, IReadOnlyList<MethodSettings> variants)
        {
            check(contexts, variants.Count);
            return method.PrepareAll(contexts, variants);
        }

        public override bool Equals(object? obj) => obj is Checked other && other.Id == Id;

        public override int GetHashCode() => Id.GetHashCode(StringComparison.Ordinal);
    }
}
