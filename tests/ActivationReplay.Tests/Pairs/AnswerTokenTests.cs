using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Pairs;

/// <summary>Tokens as they are drawn.</summary>
public sealed class AnswerTokenTests : ShippedPairTest
{
    [Test]
    public void OnToken_GivesEveryTokenAndTextOfEverySequence()
    {
        var tokens = new List<AnswerToken>();

        var answer = Pair.Answer(
            Asked, settings: Quick, generation: new() { Samples = 3, Temperature = 1, MaxNewTokens = 24 }, onToken: tokens.Add);

        foreach (var (sequence, one) in answer.Answers.Index())
        {
            var own = tokens.Where(t => t.Sequence == sequence).ToList();
            own.Select(t => t.Id).Should().Equal(one.Ids);
            string.Concat(own.Select(t => t.Text)).Should().Be(one.Text);
            own.FindIndex(t => t.IsLast).Should().Be(own.Count - 1);
        }

        tokens.Should().OnlyContain(t => t.Method == "replay");
    }

    [Test]
    public void Answer_OfAQuestionWithAnId_DrawsForItOnItsOwn()
    {
        string[] texts = [Drawn(null), Drawn("a"), Drawn("b")];

        texts.Should().OnlyHaveUniqueItems();
        Drawn("b").Should().Be(texts[2]);

        string Drawn(string? id) => string.Join(" | ", Pair.Answer(
            Asked with { Id = id }, "none", generation: new() { Samples = 4, Temperature = 2, MaxNewTokens = 12 }).Answers.Select(a => a.Text));
    }

    [Test]
    public void OnToken_ThatThrows_EndsTheAnswerAndLeavesNothing()
    {
        var held = LiveTensors.Settled();

        FluentActions.Invoking(() => Pair.Answer(Asked, settings: Quick, onToken: _ => throw new TimeoutException()))
            .Should().Throw<TimeoutException>();

        LiveTensors.Settled().Should().Be(held);
        Pair.Answer(Asked, "base", generation: FewTokens).Text.Should().NotBeEmpty();
    }
}
