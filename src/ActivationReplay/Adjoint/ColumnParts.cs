using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>
/// States held as columns, [D, C·T], on the CPU in fp32: W X is the product that libraries compute fastest there.
/// </summary>
/// <param name="positions">The positions of the columns: T of each of C variants.</param>
/// <param name="prefix">Keys and values of the P positions before the columns, [1, Hkv, P, d]; null where P is 0.</param>
/// <param name="queryPositions">The m positions of each variant whose output is computed.</param>
internal sealed class ColumnParts(ColumnPositions positions, (Tensor Keys, Tensor Values)? prefix, QueryPositions queryPositions) : ILayerParts
{
    public bool IsSome => queryPositions.Index is not null;

    public INormPass Norm(RmsNorm norm, Tensor x) => new NormPass(norm, x);

    public IModulePass Attend(Attention module, Tensor x) => new AttentionPass(module, x, positions, prefix, queryPositions);

    public IModulePass Gate(FeedForward module, Tensor x) => new FeedForwardPass(module, x);

    public Tensor Of(Tensor states) => queryPositions.Of(states, positions.Variants);

    public void Add(Tensor some, Tensor sum) => queryPositions.Add(some, sum, positions.Variants);
}
