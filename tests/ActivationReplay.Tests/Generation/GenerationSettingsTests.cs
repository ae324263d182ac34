using ActivationReplay.Generation;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Generation;

public sealed class GenerationSettingsTests
{
    private static readonly GenerationSettings s_settings = new() { Seed = 7, Samples = 3, Temperature = 0.5, MaxNewTokens = 9 };

    [Test]
    public void For_HasASeedOfTheQuestionsOwn_AndNothingElseOfItsOwn()
    {
        var own = s_settings.For("a");

        (own with { Seed = 7 }).Should().Be(s_settings);
        ulong[] seeds = [7, own.Seed, s_settings.For("b").Seed, s_settings.For("").Seed, (s_settings with { Seed = 8 }).For("a").Seed];
        seeds.Should().OnlyHaveUniqueItems();
    }

    // SHA-256 of seven as eight bytes, the lowest first, and of the id in UTF-8: rows of a run must be the same next year.
    [TestCase("a", 3492493151887723448UL)]
    [TestCase("Größe 1", 14558251837951328986UL)]
    public void For_FollowsFromSeedAndId(string id, ulong seed) => s_settings.For(id).Seed.Should().Be(seed);

    // The k-th draws of many questions, each against the next one's: 0 where they are independent, 1 where they are shared.
    [Test]
    public void For_GivesQuestionsIndependentDraws()
    {
        double[] draws = [.. Enumerable.Range(0, 100_001).Select(q => CounterRandom.Uniform(s_settings.For($"{q}").Seed, 0, 0) - 0.5)];

        // The standard error of this correlation is 0.003.
        (draws.Zip(draws.Skip(1), (a, b) => a * b).Average() * 12).Should().BeApproximately(0, 0.015);
        draws.Average().Should().BeApproximately(0, 0.005);
    }

    [Test]
    public void Settings_OutOfRange_NameTheKeyAndWhatIsAllowed()
    {
        FluentActions.Invoking(() => new GenerationSettings { TopP = 1.5 })
            .Should().Throw<ArgumentOutOfRangeException>().WithMessage("*TopP is 1.5*above 0 and at most 1*");
    }
}
