using static TorchSharp.torch;

namespace ActivationReplay.Lens;

/// <summary>Entropies and divergences of distributions along the last axis, in nats.</summary>
internal static class Divergence
{
    /// <summary>The entropy H(p) = −Σ p log p, [...], given log p [..., V]. Not differentiable: it works in place.</summary>
    public static Tensor Entropy(Tensor logP) => logP.exp().mul_(logP).sum(-1).neg_();

    /// <summary>KL(p ‖ q) = Σ p (log p − log q), [...].</summary>
    /// <param name="p">p, [..., V].</param>
    /// <param name="logP">log p, [..., V].</param>
    /// <param name="logQ">log q, [..., V].</param>
    public static Tensor Kl(Tensor p, Tensor logP, Tensor logQ) => (logP - logQ).mul_(p).sum(-1);
}
