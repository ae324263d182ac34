using System.Globalization;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Vision;

namespace ActivationReplay.Training.Tasks.Zooming;

/// <summary>A scene with a question about the digit on one of its shapes. Seed, split and index decide it on every platform.</summary>
/// <param name="Split">Its part of the seed's problems.</param>
/// <param name="Index">Its index in the split.</param>
/// <param name="Scene">The scene.</param>
/// <param name="Asked">The object that is asked for.</param>
public sealed record ZoomProblem(ProblemSplit Split, int Index, ZoomScene Scene, ZoomObject Asked)
{
    /// <summary>Makes problem <paramref name="index"/> of a split.</summary>
    public static ZoomProblem Create(ZoomSettings settings, ulong seed, ProblemSplit split, int index)
    {
        var stream = split.StreamOf(index);
        var scene = ZoomScene.Create(settings, seed, stream);
        return new ZoomProblem(split, index, scene, new Draws(seed, DrawPurpose.Question, stream).Pick(scene.Objects));
    }

    /// <summary>Its id in data sets.</summary>
    public string Id => Index.ToString("0000", CultureInfo.InvariantCulture);

    /// <summary>The family's name in data sets: among how many objects the one that is asked for must be found.</summary>
    public string Family => string.Create(CultureInfo.InvariantCulture, $"{Scene.Objects.Count} object{(Scene.Objects.Count == 1 ? "" : "s")}");

    /// <summary>The right answer.</summary>
    public string Answer => Asked.Digit.ToString(CultureInfo.InvariantCulture);

    /// <summary>The question about an object.</summary>
    internal static string QuestionOf(ZoomObject asked) => $"Which digit is on the {asked.Colour.Name()} {asked.Shape.Name()}?";

    /// <summary>The problem as evaluation takes it, its picture in memory.</summary>
    public Sample ToSample() =>
        new(Id, QuestionOf(Asked), [MediaFile.FromPixels($"{Split} {Id} of seed {Scene.Seed}", ZoomPainter.Paint(Scene))], Answer, Family);
}
