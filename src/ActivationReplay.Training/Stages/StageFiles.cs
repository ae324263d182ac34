using ActivationReplay.Training.Weights;

namespace ActivationReplay.Training.Stages;

/// <summary>The files of one stage in a run's folder.</summary>
/// <param name="folder">The run's folder.</param>
/// <param name="stage">The stage's name.</param>
/// <param name="config">The configuration, compared on resuming.</param>
/// <param name="resume">Whether to go on from a saved state.</param>
internal sealed class StageFiles(string folder, string stage, string config, bool resume)
{
    /// <summary>The curve's CSV.</summary>
    public string Curve => Path.Combine(folder, $"{stage}.csv");

    /// <summary>The validations' CSV.</summary>
    public string Validation => Path.Combine(folder, $"{stage}-validation.csv");

    /// <summary>The state.</summary>
    public string State => Path.Combine(folder, "state", $"{stage}.safetensors");

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
