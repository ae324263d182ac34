using ActivationReplay.Training.Tasks;
using ActivationReplay.Vision;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Stages;

/// <summary>A question that visual tokens answer while the tower learns, as a choice among classes.</summary>
/// <param name="Name">Names its accuracy in the curve.</param>
/// <param name="Weights">Names its weights, and so decides their first values.</param>
/// <param name="Factors">
/// For each factor, the row of weights of each class: the logit of a class is the sum of its rows', so that features represent
/// the factors separately.
/// </param>
internal sealed record VisionQuestion(string Name, string Weights, IReadOnlyList<IReadOnlyList<long>> Factors)
{
    /// <summary>A question whose classes have nothing in common.</summary>
    public static VisionQuestion Plain(string name, int classes) =>
        new(name, $"classifier.{name}", [[.. Enumerable.Range(0, classes).Select(c => (long)c)]]);

    /// <summary>What stands in a cell (<see cref="SceneObject.Class"/>); the logit of "red 7" is the sum of those of "red" and "7".</summary>
    public static VisionQuestion Look(string name)
    {
        const int Colours = 5; // none, then four
        return new VisionQuestion(name, "classifier.weight",
        [
            [.. Enumerable.Range(0, SceneObject.Classes).Select(c => c == 0 ? 0L : c < 13 ? 1 + ((c - 1) / 3) : 1 + ((c - 13) / 9))],
            [.. Enumerable.Range(0, SceneObject.Classes).Select(c => Colours + (c == 0 ? 0L : c < 13 ? 1 + ((c - 1) % 3) : 4 + ((c - 13) % 9)))],
        ]);
    }

    /// <summary>Rows of weights.</summary>
    public long Rows => Factors.Max(f => f.Max()) + 1;
}

/// <summary>The right answers to a question in a batch.</summary>
/// <param name="Tokens">Which of the batch's visual tokens are asked; null is all.</param>
/// <param name="Classes">The class of each.</param>
internal sealed record VisionAnswers(IReadOnlyList<long>? Tokens, IReadOnlyList<long> Classes);

/// <summary>New pictures with the answers to each question.</summary>
/// <param name="Pixels">Their patches.</param>
/// <param name="Grids">Their grids.</param>
/// <param name="Answers">For each question, in their order.</param>
internal sealed record VisionBatch(Tensor Pixels, IReadOnlyList<PatchGrid> Grids, IReadOnlyList<VisionAnswers> Answers);
