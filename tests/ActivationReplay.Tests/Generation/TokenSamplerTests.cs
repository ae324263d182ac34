using ActivationReplay.Generation;
using ActivationReplay.Models;
using ActivationReplay.Tests.Models;
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

    // bf16 has many equal logits. Which of them come first may not depend on the device's sorting.
    [Test]
    public void Choose_OfEqualLogits_TakesLowIdsFirst([Values(1, 3)] int topK, [Values(ScalarType.BFloat16, ScalarType.Float32)] ScalarType type)
    {
        using var scope = NewDisposeScope();
        var logits = full([1, 5000], 17.25f).to_type(type);
        logits[0, 7] = -1;
        var settings = new GenerationSettings { Temperature = 0.7, TopK = topK };

        int[] chosen = [.. new[] { 0.1, 0.5, 0.9 }.Select(u => (int)TokenSampler.Choose(logits, settings, tensor(new[] { u })).item<long>())];

        chosen.Should().Equal(topK == 1 ? [0, 0, 0] : [0, 1, 2]);
        TokenSampler.Choose(logits, new GenerationSettings(), null).item<long>().Should().Be(0);
    }

    // Draws come from the host by seed, sample and step: a GPU's backend gets 64 steps of them at once, the kernels one by one.
    [Test]
    public void Uniforms_OfEveryBackend_AreTheSame()
    {
        using var scope = NewDisposeScope();
        using var host = Tiny.Model(1);
        using var gpu = Tiny.Model(1, isGpu: true);
        using var inputs = Tiny.Prompt();
        using var prompt = EncodedPrompt.Encode(host, inputs);
        var settings = new GenerationSettings { Temperature = 1, Seed = 9, Samples = 3 };
        var rows = Enumerable.Range(0, 3).Select(s => new GrowingAnswer(new GenerationRequest(prompt, Intervention.None, settings), 0, s, row: s, until: null)).ToList();
        using var one = new StepInputs(host, settings);
        using var other = new StepInputs(gpu, settings);

        foreach (var (step, count) in new[] { (0, 3), (1, 3), (2, 2), (63, 2), (64, 2), (65, 1) })
        {
            var left = rows.Take(count).ToList();
            var expected = left.Select((_, s) => CounterRandom.Uniform(9, (ulong)s, (ulong)step));
            one.Uniforms(left, step)!.data<double>().ToArray().Should().Equal(expected);
            other.Uniforms(left, step)!.data<double>().ToArray().Should().Equal(expected);
            (one.Rotary(left, step).Cos - other.Rotary(left, step).Cos).abs().max().item<float>().Should().Be(0);
        }
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
