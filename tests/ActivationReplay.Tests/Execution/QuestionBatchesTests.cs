using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Execution;
using ActivationReplay.Evaluation.Datasets;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Execution;

public sealed class QuestionBatchesTests
{
    private static readonly IReadOnlyList<DatasetRow> s_rows =
        [.. Enumerable.Range(0, 21).Select(i => new DatasetRow(FormattableString.Invariant($"{i}"), null, "none"))];

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(9)]
    public void Batches_AreTheSameOnesWhateverTheShards(int shards)
    {
        var parts = Enumerable.Range(1, shards).SelectMany(i => QuestionBatches.Of(s_rows, 4, new Shard(i, shards)));

        var whole = QuestionBatches.Of(s_rows, 4, null);
        parts.OrderBy(b => b[0].Index).Select(Indices).Should().Equal(whole.Select(Indices));
        whole.SelectMany(b => b).Select(b => b.Index).Should().Equal(Enumerable.Range(0, 21));

        static string Indices(IReadOnlyList<(int Index, DatasetRow Row)> batch) => string.Join(' ', batch.Select(b => $"{b.Index}:{b.Row.Id}"));
    }

    [TestCase(3, 1, 4)]
    [TestCase(3, 32, 2)]
    [TestCase(24, 32, 1)]
    [TestCase(24, 1, 4)]
    public void Size_IsBoundedByRows(int cells, int samples, int size) => RunConfig.BatchOf(cells, samples).Should().Be(size);

    [TestCase("0/2")]
    [TestCase("3/2")]
    [TestCase("1")]
    [TestCase("a/b")]
    [TestCase("-1/2")]
    public void Shard_OfAnotherForm_SaysWhatIsAllowed(string text) =>
        FluentActions.Invoking(() => Shard.Parse(text)).Should().Throw<ArgumentException>().WithMessage("*I/N*");
}
