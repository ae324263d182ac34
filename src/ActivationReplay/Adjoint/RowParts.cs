using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>
/// States held as rows, [C·T, D], by libtorch's operations: for GPUs, and for types other than fp32. Rows, because libtorch's fused
/// norm, attention and product with a bias take them as they are. A test counts what a GPU has to launch.
/// </summary>
/// <param name="backend">The model's backend.</param>
/// <param name="variants">C.</param>
/// <param name="positions">The T positions of each variant, and the m whose output is computed.</param>
/// <param name="prefix">Keys and values of the P positions before, [2, 1, Hkv, P, d]; null where P is 0.</param>
internal sealed class RowParts(Backend backend, long variants, RowPositions positions, Tensor? prefix) : ILayerParts
{
    public bool IsSome => positions.Index is not null;

    public INormPass Norm(RmsNorm norm, Tensor x) => new RowNormPass(norm, backend, x);

    public IModulePass Attend(Attention module, Tensor x) => new RowAttentionPass(module, x, variants, positions, prefix);

    public IModulePass Gate(FeedForward module, Tensor x) => new RowFeedForwardPass(module, x);

    public Tensor Of(Tensor states) => positions.Of(states, variants);

    public void Add(Tensor some, Tensor sum) => positions.Add(some, sum, variants);
}
