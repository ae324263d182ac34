using static TorchSharp.torch;

namespace ActivationReplay.Checkpoints;

/// <summary>Where a tensor lies in a safetensors file.</summary>
/// <param name="Name">Its name as stored.</param>
/// <param name="Type">Its type as stored.</param>
/// <param name="Shape">Its sizes; empty for a single number.</param>
/// <param name="Begin">Offset of its first byte from the start of the file.</param>
/// <param name="End">Offset of the byte after its last.</param>
public sealed record TensorEntry(string Name, ScalarType Type, IReadOnlyList<long> Shape, long Begin, long End);
