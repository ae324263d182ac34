using ActivationReplay.Checkpoints;
using ActivationReplay.Training.Weights;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Stages;

/// <summary>The files of one stage in a run's folder.</summary>
/// <param name="folder">The run's folder.</param>
/// <param name="stage">The stage's name.</param>
/// <param name="config">The configuration, compared on resuming.</param>
/// <param name="resume">Whether to go on from a saved state.</param>
internal sealed class StageFiles(string folder, string stage, string config, bool resume)
{
    private const string Language = "language";

    /// <summary>The curve's CSV.</summary>
    public string Curve => Path.Combine(folder, $"{stage}.csv");

    /// <summary>The validations' CSV.</summary>
    public string Validation => Path.Combine(folder, $"{stage}-validation.csv");

    /// <summary>The state.</summary>
    public string State => Path.Combine(folder, "state", $"{stage}.safetensors");

    private string Kept => Path.Combine(folder, "state", $"{stage}-kept.safetensors");

    /// <summary>Keeps the weights at hand as the stage's result; an earlier choice is replaced.</summary>
    public void Keep(FlatWeights weights)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Kept)!);
        SafetensorsWriter.Write(
            Kept, new Dictionary<string, Tensor> { [Language] = weights.Language.Values }, new Dictionary<string, string>());
    }

    /// <summary>Puts the kept weights back, where any were kept.</summary>
    public void TakeKept(FlatWeights weights)
    {
        if (!File.Exists(Kept))
        {
            return;
        }

        using var file = SafetensorsFile.Open(Kept);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        weights.Language.Values.copy_(file.Read(Language));
    }

    /// <summary>Restores the state where the run is resumed and has one.</summary>
    /// <returns>Steps done.</returns>
    public int Resume(FlatWeights weights, AdamW optimiser) =>
        resume && File.Exists(State) ? StageState.Load(State, weights, optimiser, config) : 0;

    /// <summary>Saves the state after <paramref name="step"/> steps.</summary>
    public void Save(FlatWeights weights, AdamW optimiser, int step)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(State)!);
        StageState.Save(State, weights, optimiser, step, config);
    }
}
