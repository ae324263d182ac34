using System.Globalization;
using ActivationReplay.Checkpoints;
using ActivationReplay.Training.Weights;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Stages;

/// <summary>Saves and restores the state of a stage: weights in fp32, and the optimiser's running means.</summary>
internal static class StageState
{
    private const string Step = "step";
    private const string Config = "config";

    /// <summary>Writes the state after <paramref name="step"/> steps; the file is whole or absent.</summary>
    public static void Save(string path, FlatWeights weights, AdamW optimiser, int step, string config) => SafetensorsWriter.Write(
        path,
        new Dictionary<string, Tensor>
        {
            ["tower"] = weights.Tower.Values,
            ["language"] = weights.Language.Values,
            ["first"] = optimiser.First,
            ["second"] = optimiser.Second,
        },
        new Dictionary<string, string>
        {
            [Step] = step.ToString(CultureInfo.InvariantCulture),
            ["optimiserSteps"] = optimiser.Steps.ToString(CultureInfo.InvariantCulture),
            [Config] = config,
        });

    /// <summary>Restores a state.</summary>
    /// <returns>Steps done.</returns>
    /// <exception cref="CheckpointException">The state is damaged or of another configuration.</exception>
    public static int Load(string path, FlatWeights weights, AdamW optimiser, string config)
    {
        using var file = SafetensorsFile.Open(path);
        if (!file.Metadata.TryGetValue(Config, out var written) || written != config)
        {
            throw new CheckpointException(path, "was written by another configuration; resume with that one, or choose a new --out");
        }

        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        weights.Tower.Values.copy_(file.Read("tower"));
        weights.Language.Values.copy_(file.Read("language"));
        optimiser.First.copy_(file.Read("first"));
        optimiser.Second.copy_(file.Read("second"));
        optimiser.Steps = int.Parse(file.Metadata["optimiserSteps"], CultureInfo.InvariantCulture);
        return int.Parse(file.Metadata[Step], CultureInfo.InvariantCulture);
    }
}
