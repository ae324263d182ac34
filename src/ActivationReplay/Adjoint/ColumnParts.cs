using ActivationReplay.Kernels;
using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>
/// States held as columns, [D, n], on the CPU in fp32: W X is the product that libraries compute fastest there.
/// </summary>
/// <param name="positions">The n positions, and those whose output is computed.</param>
/// <param name="prefixes">Keys and values before each group, [2, 1 or C, Hkv, P, d]; null where P is 0.</param>
internal sealed class ColumnParts(ColumnPositions positions, IReadOnlyList<Tensor?> prefixes) : ILayerParts
{
    private Tensor? Index => positions.Batch.Index;

    public bool IsSome => Index is not null;

    public INormPass Norm(RmsNorm norm, Tensor x) => new NormPass(norm, x);

    public IModulePass Attend(Attention module, Tensor x) => new AttentionPass(module, x, positions, prefixes);

    public IModulePass Gate(FeedForward module, Tensor x) => new FeedForwardPass(module, x);

    public Tensor Of(Tensor states) => Index is null ? states : states.index_select(1, Index);

    public void Add(Tensor some, Tensor sum) => ColumnRows.AddColumns(some, Index!, sum);
}
