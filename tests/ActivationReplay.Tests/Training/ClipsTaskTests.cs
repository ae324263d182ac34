using ActivationReplay.Checkpoints;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Inputs;
using ActivationReplay.Training;
using ActivationReplay.Training.Tasks;
using ActivationReplay.Training.Tasks.Clips;
using ActivationReplay.Verification;
using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Training;

public sealed class ClipsTaskTests
{
    // Of seed 7, written down once.
    private static readonly string[] s_known =
    [
        "Which way does it move? C",
        "How many times does it appear? 2",
        "Which digits appear, in order? 5 6 8 5",
        "How many pixels does it move? 14",
        "What happens? green square moves left, then stays",
        "Which way does it move? C",
        "How many times does it appear? 2",
        "Which digits appear, in order? 3 6 9 8",
        "How many pixels does it move? 14",
        "What happens? blue circle appears, then vanishes",
    ];

    private static readonly ClipRates s_careful = new() { Hasty = 0, Slip = 0 };

    private static IEnumerable<ClipProblem> Problems(int count) =>
        Enumerable.Range(0, count).Select(i => ClipProblem.Create(7, ProblemSplit.Test, i));

    [Test]
    public void Problem_OfOneSeedAndIndex_IsTheSameEachTime()
    {
        Problems(20).Select(Describe).Should().Equal(Problems(20).Select(Describe));
        foreach (var (one, other) in ClipPainter.Paint(Problems(1).First().Clip).Zip(ClipPainter.Paint(Problems(1).First().Clip)))
        {
            one.Pixels.SequenceEqual(other.Pixels).Should().BeTrue();
        }
    }

    [Test]
    public void Problem_OfAKnownSeed_IsThatOfEveryPlatform() => Problems(10).Select(p => $"{p.Question} {p.Answer}").Should().Equal(s_known);

    [Test]
    public void Splits_OfOneSeed_ShareNoClip() =>
        Enum.GetValues<ProblemSplit>().SelectMany(split => Enumerable.Range(0, 50).Select(i => Describe(ClipProblem.Create(7, split, i))))
            .Should().OnlyHaveUniqueItems();

    [Test]
    public void Families_TakeTurns_AndAreOfAllTypes() =>
        Problems(5).Select(p => p.ToSample().Kind).Should().Equal(
            AnswerKind.MultipleChoice, AnswerKind.Numerical, AnswerKind.Transcript, AnswerKind.Regression, AnswerKind.FreeForm);

    [Test]
    public void Object_IsInsideEveryFrameThatShowsIt()
    {
        foreach (var problem in Problems(500))
        {
            foreach (var frame in problem.Clip.Frames.Where(f => f.IsVisible))
            {
                Math.Min(frame.X, frame.Y).Should().BeGreaterThanOrEqualTo(problem.Clip.Radius);
                Math.Max(frame.X, frame.Y).Should().BeLessThanOrEqualTo(Clip.Pixels - problem.Clip.Radius);
            }
        }
    }

    // What the frames show, looked at from outside: pixels that are far from the ground.
    [Test]
    public void Answer_IsWhatTheFramesShow()
    {
        foreach (var problem in Problems(250))
        {
            var places = ClipPainter.Paint(problem.Clip).Select(MiddleOfInk).ToArray();
            var shown = places.Select(p => p is not null).ToArray();
            switch (problem.Clip.Family)
            {
                case ClipFamily.Times:
                    shown.Zip(shown.Skip(1), (before, after) => !before && after).Count(a => a).ToString().Should().Be(problem.Answer);
                    break;
                case ClipFamily.Distance:
                    var moved = Math.Abs(places[^1]!.Value.X - places[0]!.Value.X) + Math.Abs(places[^1]!.Value.Y - places[0]!.Value.Y);
                    moved.Should().BeApproximately(int.Parse(problem.Answer), 1.5); // borders of a shape fall between pixels
                    break;
                case ClipFamily.Direction:
                    var (dx, dy) = (places[^1]!.Value.X - places[0]!.Value.X, places[^1]!.Value.Y - places[0]!.Value.Y);
                    var way = Math.Abs(dx) > Math.Abs(dy) ? (dx > 0 ? "right" : "left") : dy > 0 ? "down" : "up";
                    problem.Choices![problem.Answer].Should().Be(way);
                    break;
                case ClipFamily.Digits:
                    problem.Answer.Split(' ').Should().HaveCount(shown.Count(s => s) / 2);
                    break;
            }
        }
    }

    // The best that one frame of a clip can do: whoever sees it whole, and knows how the clips of the family are made, answers what scores
    // most on average over the clips that have such a frame (places in thirds of the frame). Of shapes that say what happens, colour and
    // shape are a third of the words, and "then" is in all of them.
    [TestCase(ClipFamily.Direction, 0.4)]
    [TestCase(ClipFamily.Times, 0.5)]
    [TestCase(ClipFamily.Digits, 0.45)]
    [TestCase(ClipFamily.Distance, 0.55)]
    [TestCase(ClipFamily.Story, 0.75)]
    public void OneFrame_DoesNotAnswer(ClipFamily family, double most)
    {
        var clips = Enumerable.Range(0, 1200).Select(i => Clip.Create(family, 7, (ulong)i)).ToList();
        var options = ClipProblem.OptionsOf(clips[0], new Draws(7, DrawPurpose.Question, 0));
        var seen = clips.Select((clip, i) => (Look: LookOf(clip, i % Clip.FrameCount), Answer: ClipProblem.AnswerOf(clip, options)));
        var kind = new ClipProblem(ProblemSplit.Test, 0, clips[0], options).ToSample().Kind;
        var best = seen.GroupBy(s => s.Look).Sum(same =>
        {
            var counts = same.CountBy(s => s.Answer).ToList();
            return counts.Max(guess => counts.Sum(c => c.Value * AnswerVerifier.Verify(new AnswerReference(c.Key, kind, options), $"<answer>{guess.Key}</answer>").Score));
        }) / clips.Count;
        TestContext.Out.WriteLine($"{family}: {best:0.000}");
        best.Should().BeLessThan(most);
    }

    [Test]
    public void Controls_HoldTheClipsFrames_InAnotherOrderAndOneOfThem()
    {
        foreach (var problem in Problems(10))
        {
            var own = FramesOf(problem, FrameOrder.Own);
            var shuffled = FramesOf(problem, FrameOrder.Shuffled);
            shuffled.Should().BeEquivalentTo(own).And.NotEqual(own);
            var single = FramesOf(problem, FrameOrder.OneFrame);
            single.Should().HaveCount(Clip.FrameCount).And.OnlyContain(f => f == single[0]);
            own.Should().Contain(single[0]);
        }

        static List<string> FramesOf(ClipProblem problem, FrameOrder order) =>
            [.. ((FrameList)problem.ToSample(order).Videos[0]).Frames.Select(f => Convert.ToBase64String(f.Read().Span))];
    }

    [Test]
    public void WrittenAnswer_WithoutPoorOnes_LooksStepByStepAndIsRight()
    {
        foreach (var problem in Problems(200))
        {
            var text = new ClipWriter(problem, s_careful, new Draws(1, DrawPurpose.Answer, 0)).Write();
            text.Should().StartWith("Steps: ");
            text.Split('\n')[0].Split(' ').Should().HaveCount(1 + Clip.Steps);
            AnswerVerifier.Verify(problem.ToSample().Reference, text).Score.Should().Be(1, text);
        }
    }

    [Test]
    public void HastyAnswer_HasNoSteps_AndIsAGuess()
    {
        var problems = Problems(300).ToList();
        var scores = problems.Select(p =>
        {
            var text = new ClipWriter(p, new ClipRates { Hasty = 1 }, new Draws(1, DrawPurpose.Answer, (ulong)p.Index)).Write();
            text.Should().StartWith("<answer>");
            return AnswerVerifier.Verify(p.ToSample().Reference, text).Score;
        }).ToList();
        scores.Average().Should().BeInRange(0.1, 0.6);
    }

    // Each word of questions and answers is a token of its own, or a phrase is: few tokens make the pair fast.
    [Test]
    public void Prompt_TakesFewTokens()
    {
        var processor = LoadProcessor();
        foreach (var problem in Problems(5))
        {
            using var inputs = processor.Prepare(problem.ToSample().Conversation());
            inputs.VisualPositions.Should().HaveCount(Clip.Steps * Clip.Side * Clip.Side);
            (inputs.Length - inputs.VisualPositions.Count).Should().BeLessThanOrEqualTo(24);
            // A step of the model is one position: two frames are half a second, of which there are two positions a second.
            inputs.VisualPositions.Select(v => inputs.Positions[0][v] - inputs.Positions[0][inputs.VisualPositions[0]]).Distinct().Should().Equal(0, 1, 2, 3);
            processor.Tokenizer.Encode(new ClipWriter(problem, s_careful, new Draws(1, DrawPurpose.Answer, 0)).Write()).Count.Should().BeLessThan(24);
        }
    }

    // From problem to file to prompt: what the model gets is the same, bit for bit, as of frames that never were in a file.
    [Test]
    public void Files_GiveTheModelWhatTheClipsInMemoryGive()
    {
        Assume.That(new VideoReader().IsAvailable, "ffmpeg and ffprobe are not installed.");
        var output = Directory.CreateTempSubdirectory("clips-").FullName;
        try
        {
            ClipFiles.Write(output, Problems(5));
            var processor = LoadProcessor();
            var rows = Dataset.Open(Path.Combine(output, "samples.jsonl"));
            foreach (var (row, problem) in rows.Zip(Problems(5)))
            {
                var (read, made) = (row.Sample!, problem.ToSample());
                (read.Id, read.Prompt, read.Answer, read.Kind, read.Family).Should().Be((made.Id, made.Prompt, made.Answer, made.Kind, made.Family));
                using var fromFile = processor.Prepare(read.Conversation());
                using var fromMemory = processor.Prepare(made.Conversation());
                fromFile.Ids.Should().Equal(fromMemory.Ids);
                fromFile.Positions.Should().BeEquivalentTo(fromMemory.Positions);
                fromFile.Pixels!.equal(fromMemory.Pixels!).all().item<bool>().Should().BeTrue();
            }

            rows.Should().HaveCount(5);
        }
        finally
        {
            Directory.Delete(output, recursive: true);
        }
    }

    [Test]
    public void TrainingConfig_OfClips_IsValid()
    {
        var config = TrainingConfig.Load(Path.Combine(Goldens.Repository, "ablations", "configs", "train-clips.json"));
        config.Task.Should().Be(TrainedTask.Clips);
        config.Supervised.PhaseAt(0).Clips.Should().Be(s_careful);
        config.Supervised.PhaseAt(config.Supervised.Steps - 1).Clips.Hasty.Should().BeGreaterThan(0);
    }

    [Test]
    public void Rates_OutOfRange_AreRefused() =>
        FluentActions.Invoking(() => new ClipRates { Hasty = 1.5 }).Should().Throw<ArgumentOutOfRangeException>().WithMessage("Hasty is 1.5; allowed: 0 to 1.*");

    private static Processor LoadProcessor()
    {
        var folder = Path.Combine(Goldens.Repository, "ablations", "configs", "clips-model");
        return Processor.Load(folder, ModelConfig.Load(folder));
    }

    private static string Describe(ClipProblem problem) =>
        $"{problem.Question} {problem.Answer} {problem.Clip.Colour} {problem.Clip.Shape} {string.Join(';', problem.Clip.Frames)}";

    private static string LookOf(Clip clip, int number)
    {
        var frame = clip.Frames[number];
        var place = $"{(int)(frame.X / ScenePainter.CellSide)} {(int)(frame.Y / ScenePainter.CellSide)}";
        var look = frame.Digit > 0 ? $"{frame.Digit}" : $"{clip.Colour} {clip.Shape}";
        return clip.Family == ClipFamily.Times ? $"{frame.IsVisible}" // where it is says nothing about how often
            : clip.Family == ClipFamily.Story ? $"{frame.IsVisible} {look}" : frame.IsVisible ? frame.Digit > 0 ? look : place : "";
    }

    private static (double X, double Y)? MiddleOfInk(RgbImage frame)
    {
        var (left, right, top, bottom) = (int.MaxValue, -1, int.MaxValue, -1);
        for (var y = 0; y < frame.Height; y++)
        {
            var row = frame.Row(y);
            for (var x = 0; x < frame.Width; x++)
            {
                // The ground is 236, 236, 230, and noise at most 12.
                if (row[x * 3] < 156 || row[(x * 3) + 1] < 156 || row[(x * 3) + 2] < 150)
                {
                    (left, right, top, bottom) = (Math.Min(left, x), Math.Max(right, x), Math.Min(top, y), Math.Max(bottom, y));
                }
            }
        }

        return right < 0 ? null : ((left + right) / 2.0, (top + bottom) / 2.0);
    }
}
