using ActivationReplay.Checkpoints;
using ActivationReplay.Inputs;
using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Lens;

/// <summary>A model's hidden states at some positions of a prompt, at every layer. The model need not stay.</summary>
public sealed class LensStates : IDisposable
{
    private const string Name = "states";

    private LensStates(IReadOnlyList<int> positions, int layers, Tensor states) => (Positions, Layers, States) = (positions, layers, states);

    /// <summary>The n prompt positions.</summary>
    public IReadOnlyList<int> Positions { get; }

    /// <summary>L+1, the number of layers' states.</summary>
    public int Layers { get; }

    /// <summary>The states, [(L+1)·n, D], layer by layer: those entering layers 0 to L−1, and those leaving the last.</summary>
    public Tensor States { get; }

    /// <summary>Runs a model over a prompt.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputs">The prompt.</param>
    /// <param name="positions">Any n prompt positions.</param>
    /// <exception cref="ArgumentOutOfRangeException">A position is outside the prompt.</exception>
    public static LensStates Of(QwenVlModel model, ModelInputs inputs, IReadOnlyList<int> positions)
    {
        using var prompt = EncodedPrompt.Encode(model, inputs);
        return Of(prompt, positions);
    }

    /// <summary>Reads the states that <see cref="Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <param name="positions">Their positions, one or more.</param>
    /// <param name="device">Where the states are put.</param>
    /// <exception cref="CheckpointException">The file is damaged or not there.</exception>
    public static LensStates Load(string path, IReadOnlyList<int> positions, Device device)
    {
        using var file = SafetensorsFile.Open(path);
        using var scope = NewDisposeScope();
        var states = file.Read(Name).clone().to(device).DetachFromDisposeScope();
        return new LensStates(positions, (int)states.shape[0] / positions.Count, states);
    }

    /// <summary>Writes the states as safetensors.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(path, new Dictionary<string, Tensor> { [Name] = States.cpu() }, new Dictionary<string, string>());
    }

    internal static LensStates Of(EncodedPrompt prompt, IReadOnlyList<int> positions)
    {
        foreach (var position in positions)
        {
            if (position < 0 || position >= prompt.Inputs.Length)
            {
                throw new ArgumentOutOfRangeException(nameof(positions), position, $"the prompt has positions 0 to {prompt.Inputs.Length - 1}");
            }
        }

        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var index = tensor(positions.Select(p => (long)p).ToArray(), ScalarType.Int64, prompt.Model.Device);
        var states = ForwardPass.HiddenStates(prompt.Model, prompt.Embedded, prompt.Inputs).index_select(1, index); // [L+1, n, D]
        return new LensStates([.. positions], prompt.Model.Layers + 1, states.view(-1, states.shape[2]).DetachFromDisposeScope());
    }

    /// <inheritdoc/>
    public void Dispose() => States.Dispose();
}
