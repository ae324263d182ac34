using System.Globalization;
using ActivationReplay.Benchmarks.Rates;
using ActivationReplay.Benchmarks.Workloads;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Recordings;
using static TorchSharp.torch;

namespace ActivationReplay.Benchmarks.Goals;

/// <summary>The loops of several questions, of pictures of different sizes, in one batch against one by one.</summary>
internal static class QuestionGoals
{
    /// <summary>Measures them. Nothing is promised: the planner takes one way or the other by device.</summary>
    /// <param name="options">Rounds.</param>
    /// <param name="pair">The pair.</param>
    /// <param name="name">Of the pair.</param>
    /// <param name="visualTokens">Of each question's picture.</param>
    /// <param name="settings">Of the loops.</param>
    public static GoalResult Measure(MeasureOptions options, ReplayPair pair, string name, IReadOnlyList<int> visualTokens, ReplaySettings settings)
    {
        var (method, model) = (ReplayMethods.Get("replay"), pair.Model(ModelRole.Rlvr));
        var inputs = visualTokens.Select((tokens, i) => ShapedPrompt.Of(model.Config, tokens, seed: i)).ToList();
        ReplayContext[] contexts = [.. inputs.Select(i => new ReplayContext(i, pair.Model(ModelRole.Base), model))];
        try
        {
            var loops = Medians.Interleave(
                options.Rounds,
                () => DeviceClock.Seconds(model.Device, () => Discard(method.PrepareAll(contexts, [settings]))),
                () => DeviceClock.Seconds(model.Device, () => Discard([.. contexts.Select(c => method.PrepareAll(c, [settings]))])));
            return new GoalResult(
                new Goal($"{name}: loops of {contexts.Length} questions in one batch / one by one", null),
                Medians.Ratio(loops[0], loops[1]),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Medians.Of(loops[0]):0.000} s / {Medians.Of(loops[1]):0.000} s: {settings.Iterations} iterations, {visualTokens.Min()} to {visualTokens.Max()} visual tokens, {get_num_threads()} thread(s)"));
        }
        finally
        {
            Array.ForEach(contexts, c => c.Dispose());
            inputs.ForEach(i => i.Dispose());
        }
    }

    private static void Discard(IReadOnlyList<IReadOnlyList<Preparation>> prepared)
    {
        foreach (var one in prepared.SelectMany(p => p))
        {
            one.Dispose();
        }
    }
}
