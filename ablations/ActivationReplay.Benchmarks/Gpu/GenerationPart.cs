using System.Globalization;
using ActivationReplay.Benchmarks.Rates;
using ActivationReplay.Benchmarks.Workloads;

namespace ActivationReplay.Benchmarks.Gpu;

/// <summary>Vision, prefill, decoding at several numbers of sequences, and samples of one question in one batch.</summary>
internal static class GenerationPart
{
    private const int Tokens = 65;
    private const int Samples = 8;
    private static readonly int[] s_sequences = [1, 8, 64];

    public static IEnumerable<GpuMeasure> Measure(MeasureOptions options, GpuWork work)
    {
        using var models = new RandomModels(options);
        var model = models.Make(isBase: false);
        using var generation = new GenerationMeasure(model, work.VisualTokens);
        using var rates = new MachineRates(options.Type, model.Device);
        var copy = rates.CopyRate();
        yield return new GpuMeasure("copy rate", copy, "bytes/s", "read and written");
        yield return new GpuMeasure("vision", Timed(() => generation.Encode()), "seconds", Text($"{work.VisualTokens} visual tokens"));
        yield return new GpuMeasure("prefill", Timed(() => generation.Generate(1, 1)), "seconds", "to the first token, without vision");
        foreach (var sequences in s_sequences)
        {
            var step = Medians.Interleave(options.Rounds, () => generation.SecondsPerStep(sequences, Tokens))[0];
            var bytes = generation.DecodeWork(sequences, Tokens).Bytes;
            yield return new GpuMeasure(Text($"decode step, {sequences}"), Medians.Of(step), "seconds", Text($"{bytes / 1e6:0} MB of weights and cache"));
            yield return new GpuMeasure(Text($"decode bandwidth, {sequences}"), bytes / Medians.Of(step), "bytes/s");
        }

        var runs = Medians.Interleave(
            Math.Min(options.Rounds, 3),
            () => Once(() => Answer(Samples)),
            () => Once(() =>
            {
                for (var sample = 0; sample < Samples; sample++)
                {
                    Answer(1);
                }
            }));
        yield return new GpuMeasure("8 samples at once", Medians.Of(runs[0]), "seconds", Text($"vision, prefill, {Tokens} tokens each"));
        yield return new GpuMeasure("8 samples one by one", Medians.Of(runs[1]), "seconds");

        double Timed(Action part) => Medians.Of(Medians.Interleave(options.Rounds, () => Once(part))[0]);

        double Once(Action part) => DeviceClock.Seconds(model.Device, part);

        void Answer(int samples)
        {
            generation.Encode();
            generation.Generate(samples, Tokens, temperature: 1);
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
