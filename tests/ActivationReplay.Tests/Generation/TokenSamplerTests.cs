using ActivationReplay.Generation;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Generation;

public sealed class TokenSamplerTests
{
    // Probabilities 0.1, 0.2, 0.3, 0.4.
    private static readonly float[] LogProbabilities = [.. new[] { 0.1, 0.2, 0.3, 0.4 }.Select(p => (float)Math.Log(p))];

    [Test]
    public void Choose_AtTemperatureOne_DrawsByProbability()
    {
        Shares(new GenerationSettings { Temperature = 1 }).Should().BeEquivalentTo(
            [0.1, 0.2, 0.3, 0.4], options => options.WithStrictOrdering().Using<double>(Near).WhenTypeIs<double>());
    }

    [Test]
    public void Choose_WithTopK_DrawsFromTheMostLikelyAlone()
    {
        Shares(new GenerationSettings { Temperature = 1, TopK = 2 }).Should().BeEquivalentTo(
            [0, 0, 3 / 7.0, 4 / 7.0], options => options.WithStrictOrdering().Using<double>(Near).WhenTypeIs<double>());
    }

    [Test]
    public void Choose_WithTopP_DrawsFromTheSmallestSetThatReachesIt()
    {
        // 0.4 + 0.3 reach 0.6; 0.2 is not needed.
        Shares(new GenerationSettings { Temperature = 1, TopP = 0.6 }).Should().BeEquivalentTo(
            [0, 0, 3 / 7.0, 4 / 7.0], options => options.WithStrictOrdering().Using<double>(Near).WhenTypeIs<double>());
    }

    [Test]
    public void Choose_AtTemperatureZero_IsArgmax()
    {
        using var scope = NewDisposeScope();
        TokenSampler.Choose(tensor(LogProbabilities).unsqueeze(0), new GenerationSettings(), null).item<long>().Should().Be(3);
    }

    private static void Near(FluentAssertions.Equivalency.IAssertionContext<double> context) =>
        // Stratified uniforms: shares are exact to one stratum.
        context.Subject.Should().BeApproximately(context.Expectation, 2e-3);

    private static double[] Shares(GenerationSettings settings)
    {
        const int Draws = 1000;
        using var scope = NewDisposeScope();
        double[] uniforms = [.. Enumerable.Range(0, Draws).Select(i => (i + 0.5) / Draws)];
        var chosen = TokenSampler.Choose(tensor(LogProbabilities).unsqueeze(0).expand(Draws, -1), settings, tensor(uniforms)).data<long>().ToArray();
        return [.. Enumerable.Range(0, 4).Select(id => chosen.Count(c => c == id) / (double)Draws)];
    }
}
