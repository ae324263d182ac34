using ActivationReplay.Lens;
using ActivationReplay.Replay.Recordings;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Pairs;

/// <summary>What the engine's face says of every layer.</summary>
public sealed class PairLensTests : ShippedPairTest
{
    [Test]
    public void Lens_ReadsWhatTheComparisonHolds()
    {
        using var lens = Pair.Lens(Asked, allPositions: true);

        using var inputs = Pair.Processor.Prepare(Asked.Messages);
        using var context = Pair.Context(inputs);
        using var expected = LensComparison.Compare(
            context.Encoded(ModelRole.Base), context.Encoded(ModelRole.Rlvr), [.. Enumerable.Range(0, inputs.Length)]);
        lens.Layers.Should().Be(9);
        lens.Positions.Should().Equal(Enumerable.Range(0, inputs.Length));
        string.Concat(lens.Tokens).Should().Be(Pair.Processor.Tokenizer.Decode(inputs.Ids, skipSpecialTokens: false));
        foreach (var (layer, index) in new[] { (0, 0), (3, 20), (8, inputs.Length - 1) })
        {
            var point = lens.At(layer, index);
            point.Kl.Should().Be(expected.Kl[layer, index].item<float>());
            point.TopKl.Should().Be(expected.TopKl[layer, index].item<float>());
            point.BaseEntropy.Should().Be(expected.BaseEntropy[layer, index].item<float>());
            point.RlvrEntropy.Should().Be(expected.RlvrEntropy[layer, index].item<float>());
            point.Base.Should().HaveCount(3).And.BeInDescendingOrder(t => t.Probability);
            point.Rlvr[0].Text.Should().Be(
                Pair.Processor.Tokenizer.Decode([(int)expected.RlvrTokens.Ids[layer, index, 0].item<long>()], skipSpecialTokens: false));
        }
    }

    [Test]
    public void Lens_OfNoPicture_SaysWhatToAskFor()
    {
        var text = Question.Of("How many?");

        FluentActions.Invoking(() => Pair.Lens(text)).Should().Throw<ArgumentException>().WithMessage("*no picture or video*all positions*");
        using var lens = Pair.Lens(text, allPositions: true);
        lens.Positions.Should().NotBeEmpty();
    }
}
