using ActivationReplay.Training.Data;
using ActivationReplay.Training.Tasks;

namespace ActivationReplay.Training.Stages;

/// <summary>A supervised stage's batches; seed and step decide each, so that a resumed run sees the same ones.</summary>
/// <param name="settings">The stage's settings.</param>
/// <param name="seed">The run's seed.</param>
/// <param name="first">Steps of the stages before, whose batches these are not.</param>
/// <param name="scenes">The bank's scenes.</param>
/// <param name="format">Turns answers into rows.</param>
internal sealed class SupervisedBatches(
    SupervisedSettings settings, ulong seed, int first, IReadOnlyList<Scene> scenes, PromptFormat format)
{
    private static readonly QuestionFamily[] s_families = Enum.GetValues<QuestionFamily>();

    /// <summary>The pictures of a step, as indices into the bank, and its rows.</summary>
    public (long[] Pictures, IReadOnlyList<TrainingRow> Rows) At(int step)
    {
        var draws = new Draws(seed, DrawPurpose.Batch, (ulong)(first + step));
        var phase = settings.PhaseAt(step);
        var pictures = new long[settings.Pictures];
        var rows = new List<TrainingRow>();
        for (var p = 0; p < pictures.Length; p++)
        {
            pictures[p] = draws.Below(scenes.Count);
            var scene = scenes[(int)pictures[p]];
            for (var q = 0; q < settings.QuestionsPerPicture; q++)
            {
                var question = Tasks.Question.Create(scene, Family(draws), draws);
                var style = Style(phase, draws.Uniform());
                rows.Add(format.Row(p, question.Text, new AnswerWriter(scene, question, phase.Slips, draws).Write(style)));
            }
        }

        return (pictures, rows);
    }

    private static AnswerStyle Style(AnswerPhase phase, double draw) =>
        draw < phase.Direct ? AnswerStyle.Direct
        : draw < phase.Direct + phase.Brief ? AnswerStyle.Brief
        : AnswerStyle.Full;

    private QuestionFamily Family(Draws draws)
    {
        var draw = draws.Uniform() * s_families.Sum(Weight);
        foreach (var family in s_families)
        {
            draw -= Weight(family);
            if (draw < 0)
            {
                return family;
            }
        }

        return s_families[^1];
    }

    private double Weight(QuestionFamily family) => settings.Families.TryGetValue(family, out var weight) ? weight : 1;
}
