using System.Globalization;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Verification;
using ActivationReplay.Vision;

namespace ActivationReplay.Training.Tasks.Clips;

/// <summary>A clip with a question. Seed, split and index decide it on every platform.</summary>
/// <param name="Split">Its part of the seed's problems.</param>
/// <param name="Index">Its index in the split; families alternate.</param>
/// <param name="Clip">The clip.</param>
/// <param name="Choices">The options by letter where it is a multiple choice; else null.</param>
public sealed record ClipProblem(ProblemSplit Split, int Index, Clip Clip, IReadOnlyDictionary<string, string>? Choices)
{
    private static readonly ClipFamily[] s_families = Enum.GetValues<ClipFamily>();

    /// <summary>Makes problem <paramref name="index"/> of a split.</summary>
    public static ClipProblem Create(ulong seed, ProblemSplit split, int index)
    {
        var stream = split.StreamOf(index);
        var clip = Clip.Create(s_families[index % s_families.Length], seed, stream);
        return new ClipProblem(split, index, clip, OptionsOf(clip, new Draws(seed, DrawPurpose.Question, stream)));
    }

    /// <summary>Its id in data sets.</summary>
    public string Id => Index.ToString("0000", CultureInfo.InvariantCulture);

    /// <summary>The family's name in data sets.</summary>
    public string Family => Clip.Family.ToString().ToLowerInvariant();

    /// <summary>The question, without options.</summary>
    public string Question => Clip.Family switch
    {
        ClipFamily.Direction => "Which way does it move?",
        ClipFamily.Times => "How many times does it appear?",
        ClipFamily.Digits => "Which digits appear, in order?",
        ClipFamily.Distance => "How many pixels does it move?",
        _ => "What happens?",
    };

    /// <summary>The type of the question as Video-R1 calls it.</summary>
    public string ProblemType => Clip.Family switch
    {
        ClipFamily.Direction => "multiple choice",
        ClipFamily.Times => "numerical",
        ClipFamily.Digits => "OCR",
        ClipFamily.Distance => "regression",
        _ => "free-form",
    };

    /// <summary>The text of the prompt after the clip.</summary>
    internal string Prompt => ToSample(new FrameList([], Clip.FramesPerSecond)).Prompt;

    /// <summary>The right answer.</summary>
    public string Answer => AnswerOf(Clip, Choices);

    /// <summary>What is answered of a clip.</summary>
    internal static string AnswerOf(Clip clip, IReadOnlyDictionary<string, string>? choices)
    {
        switch (clip.Family)
        {
            case ClipFamily.Direction:
                var way = clip.EventAt(0).Name();
                return choices!.First(c => c.Value == way).Key;
            case ClipFamily.Times:
                return Enumerable.Range(0, Clip.Steps).Count(s => clip.EventAt(s) == ClipEvent.Appears).ToString(CultureInfo.InvariantCulture);
            case ClipFamily.Digits:
                return string.Join(' ', Enumerable.Range(0, Clip.Steps).Select(clip.DigitAt).Where(d => d > 0));
            case ClipFamily.Distance:
                return ((Clip.FrameCount - 1) * clip.Speed).ToString(CultureInfo.InvariantCulture);
            default:
                return $"{clip.Colour.Name()} {clip.Shape.Name()} {clip.EventAt(0).Verb()}, then {clip.EventAt(Clip.Steps / 2).Verb()}";
        }
    }

    /// <summary>The options of a question about a clip in a drawn order; null where it has none.</summary>
    internal static IReadOnlyDictionary<string, string>? OptionsOf(Clip clip, Draws draws) => clip.Family != ClipFamily.Direction
        ? null
        : draws.Choose(ClipEvents.Ways.Count, ClipEvents.Ways.Count).Index()
            .ToDictionary(o => ((char)('A' + o.Index)).ToString(), o => ClipEvents.Ways[o.Item].Name());

    /// <summary>The problem as evaluation takes it, its frames in memory.</summary>
    /// <param name="order">Which of its frames stand where; others than the clip's own are controls.</param>
    public Sample ToSample(FrameOrder order = FrameOrder.Own) => ToSample(new FrameList(
        [.. order.Of(ClipPainter.Paint(Clip), Clip).Select((frame, f) => MediaFile.FromPixels($"frame {f} of {Split} {Id} of seed {Clip.Seed}", frame))],
        Clip.FramesPerSecond));

    /// <summary>The problem with a video of one's own.</summary>
    internal Sample ToSample(VideoSource video) => new(Id, Question, [], Answer, Family) { Choices = Choices, Kind = AnswerKinds.OfProblem(ProblemType)!.Value, Videos = [video] };
}
