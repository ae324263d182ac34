using ActivationReplay.Benchmarks.Rates;
using ActivationReplay.Generation;
using ActivationReplay.Inputs;
using ActivationReplay.Models;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Recordings;

namespace ActivationReplay.Benchmarks.Workloads;

/// <summary>Wall-clock seconds of one sample, part by part.</summary>
/// <param name="RlvrVision">The vision tower of the answering model, and its embeddings.</param>
/// <param name="BaseVision">The same of the base model.</param>
/// <param name="Recording">The base model's states and lens entropies.</param>
/// <param name="SetUp">Selection, top tokens of the base, keys and values before the picture, rows of the head.</param>
/// <param name="Loop">All iterations.</param>
/// <param name="Prefill">The prompt to its first token.</param>
/// <param name="Decode">All further tokens.</param>
internal sealed record SampleCosts(
    double RlvrVision, double BaseVision, double Recording, double SetUp, double Loop, double Prefill, double Decode)
{
    /// <summary>New tokens of a sample.</summary>
    public const int Tokens = 64;

    /// <summary>Everything.</summary>
    public double Total => RlvrVision + BaseVision + Recording + SetUp + Loop + Prefill + Decode;

    /// <summary>The parts by name, in their order.</summary>
    public IReadOnlyList<(string Name, double Seconds)> Parts =>
    [
        ("vision tower, RLVR", RlvrVision),
        ("vision tower, base", BaseVision),
        ("recording of the base model", Recording),
        ("targets and set-up of the loop", SetUp),
        ("loop", Loop),
        ("prefill", Prefill),
        ("decoding", Decode),
    ];

    /// <summary>Answers a prompt from pixels to tokens, with RLVR alone or with replay.</summary>
    public static SampleCosts Measure(ReplayPair pair, ModelInputs inputs, bool replay, int iterations)
    {
        var model = pair.Model(ModelRole.Rlvr);
        using var context = new ReplayContext(inputs, pair.Model(ModelRole.Base), model);
        var rlvrVision = Timed(() => context.Encoded(ModelRole.Rlvr));
        var (baseVision, recording, setUp, loop) = (0.0, 0.0, 0.0, 0.0);
        var prepared = new Preparation(ModelRole.Rlvr, Intervention.None);
        if (replay)
        {
            var settings = Workloads.MeasuredLoop.Of(model.Layers, iterations);
            baseVision = Timed(() => context.Encoded(ModelRole.Base));
            recording = Timed(() => context.Recorded(
                ModelRole.Base, settings.Alignment.StatesNeeded(settings.Layers[^1])));
            var all = Timed(() => prepared = ReplayMethods.Get("replay").Prepare(context, settings));
            loop = prepared.Trace!.Seconds;
            setUp = all - loop;
        }

        using (prepared)
        {
            var generator = new TextGenerator(model, []);
            generator.Generate(new GenerationRequest(
                context.Encoded(ModelRole.Rlvr), prepared.Intervention, new GenerationSettings { MaxNewTokens = Tokens }));
            return new SampleCosts(
                rlvrVision, baseVision, recording, setUp, loop, generator.Seconds.Prefill, generator.Seconds.Decode);
        }

        double Timed(Action work) => DeviceClock.Seconds(model.Device, work);
    }

    /// <summary>The median of each part.</summary>
    public static SampleCosts Median(IReadOnlyList<SampleCosts> samples)
    {
        return new SampleCosts(
            Of(s => s.RlvrVision), Of(s => s.BaseVision), Of(s => s.Recording), Of(s => s.SetUp), Of(s => s.Loop), Of(s => s.Prefill), Of(s => s.Decode));

        double Of(Func<SampleCosts, double> part) => Medians.Of([.. samples.Select(part)]);
    }
}
