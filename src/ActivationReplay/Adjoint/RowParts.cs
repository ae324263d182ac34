using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>
/// States held as rows, [n, D], by libtorch's operations: for GPUs, and for types other than fp32. Rows, because libtorch's fused
/// norm, attention and product with a bias take them as they are. A test counts what a GPU has to launch.
/// </summary>
/// <param name="backend">The model's backend.</param>
/// <param name="positions">The n positions, and those whose output is computed.</param>
/// <param name="prefixes">Keys and values before each group, [2, 1 or C, Hkv, P, d]; null where P is 0.</param>
internal sealed class RowParts(Backend backend, RowPositions positions, IReadOnlyList<Tensor?> prefixes) : ILayerParts
{
    private Tensor? Index => positions.Batch.Index;

    public bool IsSome => Index is not null;

    public INormPass Norm(RmsNorm norm, Tensor x) => new RowNormPass(norm, backend, x);

    public IModulePass Attend(Attention module, Tensor x) => new RowAttentionPass(module, x, positions, prefixes);

    public IModulePass Gate(FeedForward module, Tensor x) => new RowFeedForwardPass(module, x);

    public Tensor Of(Tensor states) => Index is null ? states : states.index_select(0, Index);

    public void Add(Tensor some, Tensor sum) => sum.index_add_(0, Index!, some, Scalars.One);
}
