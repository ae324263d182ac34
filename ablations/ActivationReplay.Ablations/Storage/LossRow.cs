using CsvHelper.Configuration.Attributes;

namespace ActivationReplay.Ablations.Storage;

/// <summary>The loss before one step of one cell's loop on one question: a line of losses.csv.</summary>
public sealed record LossRow(
    [property: Name("cell")] string Cell,
    [property: Name("sample")] string Sample,
    [property: Name("step")] int Step,
    [property: Name("loss")] double Loss);
