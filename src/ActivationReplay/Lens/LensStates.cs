using ActivationReplay.Checkpoints;
using ActivationReplay.Inputs;
using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Lens;

/// <summary>
/// A model's hidden states at some positions of a prompt, at every layer, and the lens that reads them. With norm and head kept
/// beside them the model itself need not stay.
/// </summary>
public sealed class LensStates : IDisposable
{
    private const string Name = "states";
    private readonly OutputHead? owned;

    private LensStates(IReadOnlyList<int> positions, int layers, Tensor states, LogitLens lens, OutputHead? owned) =>
        (Positions, Layers, States, Lens, this.owned) = (positions, layers, states, lens, owned);

    /// <summary>Prompt positions, [n].</summary>
    public IReadOnlyList<int> Positions { get; }

    /// <summary>L.</summary>
    public int Layers { get; }

    /// <summary>The states, [(L+1)·n, D], layer by layer.</summary>
    public Tensor States { get; }

    /// <summary>The model's lens.</summary>
    public LogitLens Lens { get; }

    /// <summary>Runs a model over a prompt.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputs">The prompt.</param>
    /// <param name="positions">Any prompt positions, [n].</param>
    /// <param name="keepHead">Keeps norm and head, V · D weights, so that the model may be freed.</param>
    /// <exception cref="ArgumentOutOfRangeException">A position is outside the prompt.</exception>
    public static LensStates Of(QwenVlModel model, ModelInputs inputs, IReadOnlyList<int> positions, bool keepHead = false)
    {
        using var prompt = EncodedPrompt.Encode(model, inputs);
        return Of(prompt, positions, keepHead ? new OutputHead(model) : null);
    }

    /// <summary>Reads the states that <see cref="Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <param name="positions">Its positions, [n].</param>
    /// <param name="head">Norm and head of the model that it is of. Not owned.</param>
    /// <param name="device">Where the states are put.</param>
    /// <exception cref="CheckpointException">The file is damaged or not there.</exception>
    public static LensStates Load(string path, IReadOnlyList<int> positions, OutputHead head, Device device)
    {
        using var file = SafetensorsFile.Open(path);
        using var scope = NewDisposeScope();
        var states = file.Read(Name).clone().to(device).DetachFromDisposeScope();
        return new LensStates(positions, (int)(states.shape[0] / positions.Count) - 1, states, new LogitLens(head), owned: null);
    }

    /// <summary>Writes the states as safetensors.</summary>
    public void Save(string path)
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(path, new Dictionary<string, Tensor> { [Name] = States.cpu() }, new Dictionary<string, string>());
    }

    internal static LensStates Of(EncodedPrompt prompt, IReadOnlyList<int> positions, OutputHead? head = null)
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
        return new LensStates(
            [.. positions],
            prompt.Model.Layers,
            states.view(-1, states.shape[2]).DetachFromDisposeScope(),
            head is null ? new LogitLens(prompt.Model) : new LogitLens(head),
            head);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        States.Dispose();
        owned?.Dispose();
    }
}
