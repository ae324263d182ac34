using ActivationReplay.Inputs;
using ActivationReplay.Lens;
using ActivationReplay.Models;
using ActivationReplay.Tests.Models;
using FluentAssertions;
using NUnit.Framework;
using TorchSharp;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Lens;

public sealed class LensComparisonTests
{
    private const int Vocabulary = 96;
    private QwenVlModel baseModel = null!;
    private QwenVlModel rlvr = null!;
    private ModelInputs inputs = null!;
    private EncodedPrompt basePrompt = null!;
    private EncodedPrompt rlvrPrompt = null!;

    [SetUp]
    public void Load()
    {
        (baseModel, rlvr, inputs) = (Tiny.Model(1), Tiny.Neighbour(1), Tiny.Prompt());
        (basePrompt, rlvrPrompt) = (EncodedPrompt.Encode(baseModel, inputs), EncodedPrompt.Encode(rlvr, inputs));
    }

    [TearDown]
    public void Unload()
    {
        basePrompt.Dispose();
        rlvrPrompt.Dispose();
        inputs.Dispose();
        baseModel.Dispose();
        rlvr.Dispose();
    }

    [Test]
    public void Compare_IsTheLensOfEachModelAtEveryLayer()
    {
        using var scope = NewDisposeScope();
        using var comparison = LensComparison.Compare(basePrompt, rlvrPrompt, inputs.VisualPositions);
        var (first, count) = (inputs.VisualPositions[0], inputs.VisualPositions.Count);
        var p = ForwardPass.HiddenStates(baseModel, basePrompt.Embedded, inputs).narrow(1, first, count).flatten(0, 1);
        var q = ForwardPass.HiddenStates(rlvr, rlvrPrompt.Embedded, inputs).narrow(1, first, count).flatten(0, 1);
        var (lens, other) = (new LogitLens(baseModel), new LogitLens(rlvr));

        comparison.Kl.shape.Should().Equal(5, 6);
        Distance(comparison.BaseEntropy, lens.Entropy(p)).Should().BeLessThan(1e-6f);
        Distance(comparison.RlvrEntropy, other.Entropy(q)).Should().BeLessThan(1e-6f);
        Distance(comparison.Kl, lens.KlDivergence(p, other, q)).Should().BeLessThan(1e-6f);
        comparison.BaseTokens.Ids.flatten(0, 1).data<long>().ToArray().Should().Equal(lens.TopK(p, 3).Ids.data<long>().ToArray());
        comparison.RlvrTokens.Ids.flatten(0, 1).data<long>().ToArray().Should().Equal(other.TopK(q, 3).Ids.data<long>().ToArray());
    }

    [TestCase(0)]
    [TestCase(Vocabulary)]
    public void TopKl_OverEveryToken_IsKl(int tokens)
    {
        using var comparison = LensComparison.Compare(basePrompt, rlvrPrompt, inputs.VisualPositions, tokens);

        // Sums in another order: fp32.
        Distance(comparison.TopKl, comparison.Kl).Should().BeLessThan(1e-5f);
    }

    [TestCase(2)]
    [TestCase(10)]
    [TestCase(50)]
    public void TopKl_TimesTheProbabilityOfItsTokens_IsAtMostKl(int tokens)
    {
        using var scope = NewDisposeScope();
        using var comparison = LensComparison.Compare(basePrompt, rlvrPrompt, inputs.VisualPositions, tokens, topTokens: tokens);

        // The chain rule of KL: the rest, of the two events and of the other tokens, is not negative.
        var rest = comparison.Kl - (comparison.TopKl * comparison.BaseTokens.Probabilities.sum(-1));
        rest.min().item<float>().Should().BeGreaterThan(-1e-5f);
        comparison.TopKl.min().item<float>().Should().BeGreaterThanOrEqualTo(0);
    }

    [TestCase(1)]
    [TestCase(7)]
    public void Compare_InSmallChunks_GivesTheSame(int rows)
    {
        using var whole = LensComparison.Compare(basePrompt, rlvrPrompt, [0, 3, 8], 10, 3);
        using var chunks = LensComparison.Compare(basePrompt, rlvrPrompt, [0, 3, 8], 10, 3, chunkRows: rows);

        // Matrix products of other sizes sum in other orders.
        Distance(chunks.Kl, whole.Kl).Should().BeLessThan(1e-5f);
        Distance(chunks.TopKl, whole.TopKl).Should().BeLessThan(1e-5f);
        chunks.RlvrTokens.Ids.data<long>().ToArray().Should().Equal(whole.RlvrTokens.Ids.data<long>().ToArray());
    }

    [Test]
    public void Compare_OfOneModelWithItself_HasNoShift()
    {
        using var comparison = LensComparison.Compare(basePrompt, basePrompt, inputs.VisualPositions);

        comparison.Kl.abs().max().item<float>().Should().Be(0);
        comparison.TopKl.abs().max().item<float>().Should().Be(0);
    }

    [Test]
    public void Compare_OfNoPositions_IsEmpty()
    {
        using var comparison = LensComparison.Compare(basePrompt, rlvrPrompt, []);

        comparison.Kl.shape.Should().Equal(5, 0);
        comparison.BaseTokens.Ids.shape.Should().Equal(5, 0, 3);
    }

    [Test]
    public void Compare_OutsideThePromptOrTheVocabulary_IsRefused()
    {
        FluentActions.Invoking(() => LensComparison.Compare(basePrompt, rlvrPrompt, [inputs.Length]))
            .Should().Throw<ArgumentOutOfRangeException>().WithMessage($"*0 to {inputs.Length - 1}*");
        FluentActions.Invoking(() => LensComparison.Compare(basePrompt, rlvrPrompt, [0], Vocabulary + 1))
            .Should().Throw<ArgumentOutOfRangeException>();
    }

    [Test]
    public void Compare_OfTwoPrompts_IsRefused()
    {
        using var longer = Tiny.Prompt(after: 9);
        using var another = EncodedPrompt.Encode(rlvr, longer);

        FluentActions.Invoking(() => LensComparison.Compare(basePrompt, another, [0])).Should().Throw<ArgumentException>();
    }

    [Test]
    public void Compare_LeavesNoTensorsBehind()
    {
        LensComparison.Compare(basePrompt, rlvrPrompt, inputs.VisualPositions, 10, 3, chunkRows: 4).Dispose();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        LensComparison.Compare(basePrompt, rlvrPrompt, inputs.VisualPositions, 10, 3, chunkRows: 4).Dispose();

        DisposeScopeManager.Statistics.ThreadTotalLiveCount.Should().Be(before);
    }

    private static float Distance(Tensor one, Tensor other)
    {
        using var scope = NewDisposeScope();
        return (one.flatten() - other.flatten()).abs().max().item<float>();
    }
}
