using ActivationReplay.Benchmarks.Counting;
using ActivationReplay.Checkpoints;
using ActivationReplay.Tests.Models;
using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Benchmarks;

/// <summary>
/// Counts by hand for the tiny model: 32 wide, 2 of 4 heads for keys, 48 inside, 96 words; tower 16 wide, 24 inside.
/// </summary>
public sealed class CountingTests
{
    private static readonly TextConfig Text = Tiny.Config().Text;

    [Test]
    public void CausalPairs_AreTheKeysThatEachQuerySees() => FlopCount.CausalPairs(before: 5, queries: 3).Should().Be(6 + 7 + 8);

    [Test]
    public void LayerProducts_OfTenRows()
    {
        const int QueryAndOutput = 2 * (2 * 10 * 32 * 32);
        const int KeyAndValue = 2 * (2 * 10 * 32 * 16);
        const int FeedForward = 3 * (2 * 10 * 32 * 48);

        FlopCount.LayerProducts(Text, 10, 10).Should().Be(QueryAndOutput + KeyAndValue + FeedForward);
        FlopCount.LayerProducts(Text, 10, 0).Should().Be(KeyAndValue);
    }

    [Test]
    public void Decoder_OfThreeTokens_IsItsDecodeSteps() =>
        FlopCount.Decoder(Text, Text.Layers, 3)
            .Should().Be(FlopCount.DecodeStep(Text, 0) + FlopCount.DecodeStep(Text, 1) + FlopCount.DecodeStep(Text, 2));

    [Test]
    public void Vision_OfFourTimesSixPatches()
    {
        const int Patches = 2 * 24 * 1176 * 16;
        const int Block = (2 * 24 * 16 * 48) + (2 * 24 * 16 * 16) + (3 * (2 * 24 * 16 * 24));
        // Windows of 16 and 8 patches in block 0, the whole picture in block 1.
        const int Attention = 4 * 16 * ((16 * 16) + (8 * 8) + (24 * 24));
        const int Merger = (2 * 6 * 64 * 64) + (2 * 6 * 64 * 32);

        FlopCount.Vision(Tiny.Config(), [new PatchGrid(1, 4, 6)]).Should().Be(Patches + (2 * Block) + Attention + Merger);
    }

    [Test]
    public void Vision_WithoutWindows_AttendsToTheWholePictureInEachBlock()
    {
        const int Patches = 2 * 24 * 1176 * 16;
        const int Block = (2 * 24 * 16 * 48) + (2 * 24 * 16 * 16) + (2 * (2 * 24 * 16 * 24));
        const int Attention = 4 * 16 * 2 * 24 * 24;
        const int Merger = (2 * 6 * 64 * 64) + (2 * 6 * 64 * 32);

        FlopCount.Vision(Tiny.Config(ModelFamily.Qwen2Vl), [new PatchGrid(1, 4, 6)])
            .Should().Be(Patches + (2 * Block) + Attention + Merger);
    }

    [TestCase(ModelFamily.Qwen25Vl)]
    [TestCase(ModelFamily.Qwen2Vl)]
    public void Weights_AreTheModels(ModelFamily family)
    {
        using var model = Tiny.Model(1, family);
        var text = model.Config.Text;
        var embedding = text.VocabularySize * text.HiddenSize;

        var counted = embedding + (text.Layers * WeightCount.Layer(text)) + WeightCount.Head(text) + WeightCount.Vision(model.Config);

        counted.Should().Be(model.parameters().Sum(p => p.numel()));
    }

    [Test]
    public void LoopIteration_ByHand()
    {
        // Visual positions 5 to 10; layer 0 selects 5 and 6, layer 2 selects 6 and 9.
        using var inputs = Tiny.Prompt(before: 5);

        var work = LoopWork.Iteration(Text, inputs, [0, 2], [[5, 6], [6, 9]], topK: 7, elementSize: 4);

        // Position 10 reaches no loss. Layer 0 gives outputs at 5 to 9, layer 1 at 6 and 9; both give keys at 5 to 9.
        const int KeyAndValue = 2 * (2 * 5 * 32 * 16);
        const int RowOfRest = (2 * (2 * 32 * 32)) + (3 * (2 * 32 * 48));
        const int Products = (2 * KeyAndValue) + ((5 + 2) * RowOfRest);
        const int Pairs = 6 + 7 + 8 + 9 + 10 + (7 + 10);
        const int PairsWithPrefix = (5 + 2) * 5;
        const int Head = 2 * 4 * 32 * 7;
        work.Forward.Should().Be(Products + (4 * 32 * Pairs) + Head);
        work.Backward.Should().Be(Products + (4 * 32 * (Pairs + (Pairs - PairsWithPrefix))) + Head);
        work.Bytes.Should().Be(2 * 4 * ((2 * WeightCount.Layer(Text)) + (4 * 7 * 32)));
    }

    [Test]
    public void LoopIteration_WithNothingSelected_NeedsNothing()
    {
        using var inputs = Tiny.Prompt();

        LoopWork.Iteration(Text, inputs, [0, 1], [[], []], topK: 7, elementSize: 4).Should().Be(default(Work));
    }
}
