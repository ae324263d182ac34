using ActivationReplay.Checkpoints;
using ActivationReplay.Inputs;
using ActivationReplay.Replay.Recordings;
using ActivationReplay.Training;
using static TorchSharp.torch;

namespace ActivationReplay.Ablations.Parity;

/// <summary>Compares loss and weight gradients of one given answer with the training recording of a case.</summary>
internal static class TrainingParity
{
    /// <summary>The rows of the comparison; none if the case has no training recording.</summary>
    public static IReadOnlyList<ParityRow> Run(string folder, ReplayPair pair, CaseFile file, string? dump)
    {
        var path = Path.Combine(folder, "training.json");
        if (!File.Exists(path))
        {
            return [];
        }

        using var scope = NewDisposeScope();
        var (name, settings) = (Path.GetFileName(folder), ParityJson.Read<TrainingFile>(path));
        var role = settings.Model == "base" ? ModelRole.Base : ModelRole.Rlvr;
        using var recorded = SafetensorsFile.Open(Path.Combine(folder, "training.safetensors"));
        using var inputs = pair.Processor.Prepare(file.Conversation(folder), new PixelLimits(file.MinPixels, file.MaxPixels));
        using var computed = AnswerGradients.Compute(pair.Model(role), pair.Processor, inputs, settings.Answer);
        var norm = Math.Sqrt(computed.Gradients.Values.Sum(g => g.mul(g).sum().item<float>()));
        if (dump is not null)
        {
            Write(Path.Combine(dump, name), settings, computed, norm);
        }

        return
        [
            ParityRow.Exact(name, "training.input_ids", Differences(computed.Ids, recorded.Read("input_ids")), inputs.Length),
            ParityRow.Exact(name, "training.labels", Differences(computed.Labels, recorded.Read("labels")), inputs.Length),
            ParityRow.Of(name, "training.loss", Relative(computed.Loss, settings.Loss), ParityLimits.Gradient),
            ParityRow.Of(name, "training.gradient_norm", Relative(norm, settings.GradientNorm), ParityLimits.Gradient),
            Gradients(name, computed, recorded),
        ];
    }

    // One row for all weights: the largest relative error, and whose it is.
    private static ParityRow Gradients(string name, AnswerGradients computed, SafetensorsFile recorded)
    {
        var (worst, largest) = ("", 0.0);
        foreach (var key in recorded.Entries.Keys.Where(k => k is not ("input_ids" or "labels")))
        {
            var error = computed.Gradients.TryGetValue(key, out var gradient)
                ? TensorErrors.Relative(gradient, recorded.Read(key))
                : double.PositiveInfinity;
            if (!(error <= largest))
            {
                (worst, largest) = (key, error);
            }
        }

        return ParityRow.Of(name, "training.gradients", largest, ParityLimits.Gradient, worst);
    }

    private static void Write(string target, TrainingFile settings, AnswerGradients computed, double norm)
    {
        ParityJson.Write(Path.Combine(target, "training.json"), settings with { Loss = computed.Loss, GradientNorm = norm });
        var tensors = new Dictionary<string, Tensor>(computed.Gradients) { ["input_ids"] = computed.Ids, ["labels"] = computed.Labels };
        SafetensorsWriter.Write(Path.Combine(target, "training.safetensors"), tensors);
    }

    private static double Relative(double computed, double recorded) => Math.Abs(computed - recorded) / Math.Abs(recorded);

    private static int Differences(Tensor computed, Tensor recorded) => TensorErrors.Mismatches(
        computed.data<long>().ToArray(), recorded.data<long>().ToArray()).Mismatches;
}

/// <summary>A <c>training.json</c>.</summary>
internal sealed record TrainingFile
{
    public required string Model { get; init; }

    public required string Answer { get; init; }

    public double Loss { get; init; }

    public double GradientNorm { get; init; }
}
