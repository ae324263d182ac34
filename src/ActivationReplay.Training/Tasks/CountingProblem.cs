using System.Globalization;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Vision;

namespace ActivationReplay.Training.Tasks;

/// <summary>A scene with one question. Seed, split and index decide it on every platform.</summary>
/// <param name="Split">Its part of the seed's problems.</param>
/// <param name="Index">Its index in the split; families alternate.</param>
/// <param name="Scene">The scene.</param>
/// <param name="Question">The question.</param>
public sealed record CountingProblem(ProblemSplit Split, int Index, Scene Scene, Question Question)
{
    private static readonly QuestionFamily[] s_families = Enum.GetValues<QuestionFamily>();

    /// <summary>Makes problem <paramref name="index"/> of a split.</summary>
    public static CountingProblem Create(SceneSettings settings, ulong seed, ProblemSplit split, int index)
    {
        var stream = split.StreamOf(index);
        var scene = Scene.Create(settings, seed, stream);
        var draws = new Draws(seed, DrawPurpose.Question, stream);
        return new CountingProblem(
            split, index, scene, Question.Create(scene, s_families[index % s_families.Length], draws));
    }

    /// <summary>Its id in data sets.</summary>
    public string Id => Index.ToString("0000", CultureInfo.InvariantCulture);

    /// <summary>The family's name in data sets.</summary>
    public string Family => Question.Family switch
    {
        QuestionFamily.Count2 => "count2",
        QuestionFamily.Count1 => "count1",
        QuestionFamily.Diff => "diff",
        QuestionFamily.Dsum => "dsum",
        QuestionFamily.Dall => "dall",
        _ => "mix",
    };

    /// <summary>The right answer.</summary>
    public string Answer => Question.Answer(Scene).ToString(CultureInfo.InvariantCulture);

    /// <summary>The picture as PNG.</summary>
    public byte[] Png() => PngEncoder.Encode(ScenePainter.Paint(Scene));

    /// <summary>The problem as evaluation takes it, its picture in memory.</summary>
    public Sample ToSample() =>
        new(Id, Question.Text, [MediaFile.FromBytes($"{Split} {Id} of seed {Scene.Seed}", Png())], Answer, Family);
}
