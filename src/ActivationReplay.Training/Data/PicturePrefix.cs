using ActivationReplay.Inputs;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Data;

/// <summary>A prompt up to the end of its first picture, the same for every picture of a size.</summary>
internal sealed class PicturePrefix : IDisposable
{
    private readonly long textStart;

    /// <summary>Cuts it from a prompt.</summary>
    public PicturePrefix(ModelInputs prompt)
    {
        Length = prompt.Spans[0].End;
        Ids = [.. prompt.Ids.Take(Length)];
        FirstVisual = prompt.Spans[0].Start;
        textStart = prompt.Positions[0][Length];
        using var scope = NewDisposeScope();
        var axes = prompt.Positions.Select(axis => tensor(axis[..Length])).ToArray();
        Positions = stack(axes).unsqueeze(1).DetachFromDisposeScope();
    }

    /// <summary>Tp, its tokens.</summary>
    public int Length { get; }

    /// <summary>Tokens up to the last visual one, [Tp].</summary>
    public IReadOnlyList<int> Ids { get; }

    /// <summary>Position of the first visual token; the others follow it.</summary>
    public int FirstVisual { get; }

    /// <summary>Rotary positions, [3, 1, Tp].</summary>
    public Tensor Positions { get; }

    /// <summary>Rotary positions of <paramref name="count"/> tokens of text after the picture, [3, 1, count].</summary>
    public Tensor TextPositions(long count) => arange(Scalars.Of(textStart), Scalars.Of(textStart + count), Scalars.One).view(1, 1, count).expand(3, -1, -1);

    /// <inheritdoc/>
    public void Dispose() => Positions.Dispose();
}
