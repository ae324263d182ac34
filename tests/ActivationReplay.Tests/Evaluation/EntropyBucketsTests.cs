using ActivationReplay.Evaluation.Shifts;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Evaluation;

public sealed class EntropyBucketsTests
{
    [Test]
    public void Assign_GivesLowEntropiesLowBuckets() =>
        EntropyBuckets.Assign([0.9f, 0.1f, 0.5f, 0.3f], 2).Should().Equal(1, 0, 1, 0);

    [TestCase(10)]
    [TestCase(36)]
    [TestCase(101)]
    public void Assign_FillsBucketsEqually_ToWithinOne(int positions)
    {
        var random = new Random(positions);
        float[] entropies = [.. Enumerable.Range(0, positions).Select(_ => random.NextSingle())];

        var assigned = EntropyBuckets.Assign(entropies, 10);

        assigned.CountBy(b => b).Should().HaveCount(10).And.OnlyContain(b => b.Value == positions / 10 || b.Value == (positions / 10) + 1);
        for (var b = 1; b < 10; b++)
        {
            Of(b - 1).Max().Should().BeLessThanOrEqualTo(Of(b).Min());
        }

        IEnumerable<float> Of(int bucket) => entropies.Where((_, i) => assigned[i] == bucket);
    }

    [Test]
    public void Assign_OfFewerPositionsThanBuckets_SaysSo() =>
        FluentActions.Invoking(() => EntropyBuckets.Assign([1f, 2f], 10))
            .Should().Throw<ArgumentException>().WithMessage("*2 positions cannot fill 10*");
}
