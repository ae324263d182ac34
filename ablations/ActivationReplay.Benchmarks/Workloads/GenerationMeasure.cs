using ActivationReplay.Benchmarks.Counting;
using ActivationReplay.Generation;
using ActivationReplay.Inputs;
using ActivationReplay.Models;

namespace ActivationReplay.Benchmarks.Workloads;

/// <summary>A prompt that a model answers with a set number of tokens: nothing ends an answer early.</summary>
internal sealed class GenerationMeasure : IDisposable
{
    private readonly QwenVlModel model;
    private readonly ModelInputs inputs;
    private readonly EncodedPrompt prompt;
    private readonly TextGenerator generator;

    public GenerationMeasure(QwenVlModel model, int visualTokens)
    {
        this.model = model;
        inputs = ShapedPrompt.Of(model.Config, visualTokens);
        prompt = EncodedPrompt.Encode(model, inputs);
        generator = new TextGenerator(model, []);
    }

    /// <summary>The work of the vision tower.</summary>
    public Work VisionWork => new(FlopCount.Vision(model.Config, inputs.Grids), 0, WeightCount.Vision(model.Config) * ElementSize);

    /// <summary>The work of all layers over the prompt, and of the head at its last position.</summary>
    public Work PrefillWork
    {
        get
        {
            var text = model.Config.Text;
            return new Work(
                FlopCount.Decoder(text, text.Layers, inputs.Length) + FlopCount.Head(text, 1, text.VocabularySize),
                0,
                WeightCount.Decode(text) * ElementSize);
        }
    }

    /// <summary>The work of a decoding step of some sequences, half-way through <paramref name="tokens"/> new tokens.</summary>
    public Work DecodeWork(int sequences, int tokens)
    {
        var text = model.Config.Text;
        var held = inputs.Length + ((tokens - 1) / 2.0);
        var cache = 2.0 * text.Layers * text.KvHeads * text.HeadSize * held;
        return new Work(
            sequences * (FlopCount.DecodeStep(text, held) + FlopCount.Head(text, 1, text.VocabularySize)),
            0,
            (WeightCount.Decode(text) + (sequences * cache)) * ElementSize);
    }

    /// <summary>Runs the vision tower and puts the prompt together.</summary>
    /// <returns>The number of embedded values.</returns>
    public long Encode()
    {
        using var encoded = EncodedPrompt.Encode(model, inputs);
        return encoded.Embedded.numel();
    }

    /// <summary>Generates.</summary>
    /// <returns>The last token of the last answer.</returns>
    public int Generate(int samples, int tokens, double temperature = 0)
    {
        var answers = generator.Generate(new GenerationRequest(
            prompt,
            Intervention.None,
            new GenerationSettings { Samples = samples, MaxNewTokens = tokens, Temperature = temperature, Seed = 1 }));
        return answers[^1].Ids[^1];
    }

    /// <summary>Seconds of one decode step of <paramref name="samples"/> sequences, the prefill not counted.</summary>
    public double SecondsPerStep(int samples, int tokens)
    {
        _ = Generate(samples, tokens, temperature: samples > 1 ? 1 : 0);
        return generator.Seconds.Decode / (tokens - 1);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        prompt.Dispose();
        inputs.Dispose();
    }

    private long ElementSize => model.HeadWeight.element_size();
}
