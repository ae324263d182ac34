using ActivationReplay.Models;
using ActivationReplay.Replay.Objective;
using ActivationReplay.Replay.Recordings;
using static TorchSharp.torch;

namespace ActivationReplay.Replay.Methods;

/// <summary>Loops over the same variants of several prompts in one batch.</summary>
internal static class JointLoop
{
    /// <summary>Prepares the prompts that have something to see; of the others nothing is changed.</summary>
    /// <param name="contexts">The prompts.</param>
    /// <param name="answerer">The model that answers.</param>
    /// <param name="variants">The number of variants of each.</param>
    /// <param name="prepare">Prepares at least one prompt: a list a prompt, of a preparation a variant.</param>
    public static IReadOnlyList<IReadOnlyList<Preparation>> OfSeeing(
        IReadOnlyList<ReplayContext> contexts,
        ModelRole answerer,
        int variants,
        Func<IReadOnlyList<ReplayContext>, IReadOnlyList<IReadOnlyList<Preparation>>> prepare)
    {
        ReplayContext[] seeing = [.. contexts.Where(c => c.Inputs.VisualPositions.Count > 0)];
        var made = seeing.Length == 0 ? [] : prepare(seeing);
        return [.. contexts.Select(c => Array.IndexOf(seeing, c) is >= 0 and var place
            ? made[place]
            : [.. Enumerable.Range(0, variants).Select(_ => new Preparation(answerer, Intervention.None))])];
    }

    /// <summary>Minimises the losses of all paths of all prompts, those of the first prompt first.</summary>
    /// <inheritdoc cref="OffsetOptimiser.MinimisePaths"/>
    /// <exception cref="OperationCanceledException">One of the prompts was given up.</exception>
    public static IReadOnlyList<IReadOnlyList<(Tensor LearnableTokens, OptimisationTrace Trace)>> Minimise(
        IReadOnlyList<ReplayContext> contexts,
        QwenVlModel model,
        IReadOnlyList<OffsetPath> paths,
        Func<IReadOnlyList<Tensor>, int, (Tensor Losses, IReadOnlyList<Tensor> Gradients)> evaluate,
        Action<IReadOnlyList<bool>>? onRunning = null)
    {
        return OffsetOptimiser.MinimisePaths(Step, paths, model.Config.Text.HiddenSize, model.Device, Tell, onRunning);

        (Tensor Losses, IReadOnlyList<Tensor> Gradients) Step(IReadOnlyList<Tensor> tokens, int step)
        {
            foreach (var context in contexts)
            {
                context.Cancel.ThrowIfCancellationRequested();
            }

            return evaluate(tokens, step);
        }

        // Of each prompt its first path's.
        void Tell(int step, IReadOnlyList<Tensor> gradients)
        {
            foreach (var (prompt, context) in contexts.Index())
            {
                context.OnGradient?.Invoke(step, gradients[prompt * (paths.Count / contexts.Count)]);
            }
        }
    }
}
