using ActivationReplay.Text;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Pairs;

/// <summary>A question and its turns.</summary>
public sealed class QuestionTests
{
    [Test]
    public void Question_HoldsItsTurns()
    {
        var one = (Question.Of("Which?", "a.png", "b.png") with { Id = "1", Limits = new(1, 2) }).WithSystem("Be brief.");

        one.Messages.Select(m => m.Role).Should().Equal("system", "user");
        one.Messages[1].Content.Select(c => c.GetType()).Should().Equal(typeof(ImagePart), typeof(ImagePart), typeof(TextPart));
        (one.Id, one.Limits.MaxPixels).Should().Be(("1", 2));
        FluentActions.Invoking(() => one.WithSystem("Again.")).Should().Throw<InvalidOperationException>();
        FluentActions.Invoking(() => Question.Of()).Should().Throw<ArgumentException>().WithMessage("*a text, a picture or a video*");
        FluentActions.Invoking(() => new Question([])).Should().Throw<ArgumentException>();
    }
}
