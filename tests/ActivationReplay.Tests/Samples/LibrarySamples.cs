// sample
using ActivationReplay;                // ReplayPair, Question and what they give
using ActivationReplay.Generation;     // how tokens are chosen
using ActivationReplay.Inputs;         // limits of pictures
using ActivationReplay.Replay;         // settings of the methods
using ActivationReplay.Replay.Methods; // the methods by name
using ActivationReplay.Text;           // conversations
using ActivationReplay.Vision;         // pictures and videos
using static TorchSharp.torch;
// end

namespace Researcher; // outside of the project's own, as those who use it are

/// <summary>
/// The samples of the docs, between their markers; <see cref="ActivationReplay.Tests.Samples.DocSamplesTests"/> runs every method and holds the docs to them.
/// </summary>
internal static class LibrarySamples
{
    public static void First(SampleWorld world)
    {
        _ = world;
        // sample
        using var pair = ReplayPair.Open("ablations/pairs/counting"); // holds base/ and rlvr/
        var question = Question.Of("How many red triangles are there?", "ablations/datasets/counting/images/0000.png");
        // The entropies of this small pair lie close together: the lower half takes part, not what is below 0.4 of the largest.
        var settings = pair.Settings with { Threshold = new EntropyThreshold(ThresholdRule.Quantile, 0.5) };
        var answer = pair.Answer(question, "replay", settings);
        Console.WriteLine(answer.Text);
        Console.WriteLine($"loss {answer.Losses[0]:0.000000} to {answer.Losses[^1]:0.000000}, {answer.Times.Total:0.0} s");
        // end
    }

    public static void Open(SampleWorld world)
    {
        _ = world;
        // sample
        var options = new PairOptions { Type = ScalarType.BFloat16, Device = "cpu" };
        using var pair = ReplayPair.Open("ablations/pairs/counting/base", "ablations/pairs/counting/rlvr", options);
        foreach (var note in pair.Notes)
        {
            Console.WriteLine(note); // what to know before the numbers are trusted
        }
        // end

        Console.WriteLine(pair.Layers);
    }

    public static void Questions(SampleWorld world)
    {
        // sample
        Question[] questions =
        [
            Question.Of("Which has more shapes?", "left.png", "right.png"),
            Question.Of(VideoPart.FromFile("clip.mp4"), new TextPart("What happens?")),
            Question.Of("How many?", "picture.png").WithSystem("Answer with a number."),
            Question.Of("How many?", "picture.png") with { Limits = new PixelLimits(MinPixels: 3136, MaxPixels: 501760) },
            Question.Of("How many?", "picture.png") with { Id = "0001" },
        ];
        // end

        foreach (var question in questions)
        {
            Console.WriteLine(world.Pair.Processor.Template.Render(question.Messages));
        }
    }

    public static void Answer(SampleWorld world)
    {
        var (pair, question, cancel) = (world.Pair, world.Question, CancellationToken.None);
        // sample
        var settings = MidLayerSettings.For(pair.Layers) with { Iterations = 10, Threshold = new EntropyThreshold(ThresholdRule.Quantile, 0.5) };
        var generation = new GenerationSettings { Samples = 4, Temperature = 1, Seed = 7, MaxNewTokens = 64 };
        var answer = pair.Answer(question, "mid-layer", settings, generation, cancel: cancel);
        foreach (var one in answer.Answers)
        {
            Console.WriteLine($"{one.Ids.Count} tokens, {(one.Finished ? "finished" : "cut off")}: {one.Text}");
        }

        Console.WriteLine($"{answer.Answerer} answered; {answer.VisualTokens} of {answer.PromptTokens} tokens are the picture's");
        // end
    }

    public static void Compare(SampleWorld world)
    {
        var (pair, question) = (world.Pair, world.Question);
        // sample
        var compared = pair.Compare(question);
        Console.WriteLine($"base:   {compared.Base.Text}");
        Console.WriteLine($"RLVR:   {compared.Rlvr.Text}");
        Console.WriteLine($"replay: {compared.Replay.Text}");

        // Any methods; they share the vision passes, the recordings and the batch that is decoded.
        foreach (var answer in pair.Answers(question, ["reverse", "cross-model", "local-smooth"]))
        {
            Console.WriteLine($"{answer.Method}: {answer.Text}");
        }
        // end
    }

    public static void Lens(SampleWorld world)
    {
        var (pair, question) = (world.Pair, world.Question);
        // sample
        using var lens = pair.Lens(question);
        for (var layer = 0; layer < lens.Layers; layer++)
        {
            var furthest = Enumerable.Range(0, lens.Positions.Count).Select(i => lens.At(layer, i)).MaxBy(point => point.Kl)!;
            Console.WriteLine(
                $"layer {layer}: {furthest.Kl:0.000} nats apart at position {furthest.Position}, "
                + $"base says '{furthest.Base[0].Text}', RLVR '{furthest.Rlvr[0].Text}'");
        }
        // end
    }

    public static void Stream(SampleWorld world)
    {
        var (pair, question) = (world.Pair, world.Question);
        // sample
        pair.Answer(question, onToken: token => Console.Write(token.IsLast ? token.Text + "\n" : token.Text));
        // end
    }

    public static void Register(SampleWorld world)
    {
        var (pair, question) = (world.Pair, world.Question);
        // sample
        ReplayMethods.Register(new MostShifted());
        Console.WriteLine(pair.Answer(question, "most-shifted").Text);
        // end
    }

    public static void Video(SampleWorld world)
    {
        var pair = world.Pair;
        // sample
        // Two frames a second of the first minute, at most 64.
        var clip = VideoPart.FromFile("clip.mp4", new VideoSampling { FramesPerSecond = 2, MaxFrames = 64, End = 60 });
        var answer = pair.Answer(Question.Of(clip, new TextPart("What happens?")));
        // end

        Console.WriteLine(answer.VisualTokens);
    }
}

/// <summary>What samples go on from.</summary>
internal sealed record SampleWorld(ReplayPair Pair, Question Question);
