using ActivationReplay.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>
/// Who computes where there is a choice: libtorch, or <see cref="Kernels"/>. A model's device and type decide it once, so that
/// nobody asks what a tensor is: the states that go through a model are where its weights are and of their type.
/// </summary>
internal abstract class Backend : IDisposable
{
    /// <summary>libtorch alone.</summary>
    public static Backend Libtorch { get; } = new LibtorchBackend();

    /// <summary>The backend of a model; <see cref="Kernels"/> compute in fp32 in the processor's memory.</summary>
    public static Backend For(Device device, ScalarType type) =>
        device.type == DeviceType.CPU && type == ScalarType.Float32 ? new HostBackend() : Libtorch;

    /// <summary>Whether states and weights are what <see cref="Kernels"/> read and write.</summary>
    public abstract bool HasKernels { get; }

    /// <summary>Rows up to which a product without gradients is a <see cref="ThinProduct"/>; 0 where none is.</summary>
    public abstract long ThinRows { get; }

    /// <summary>x Wᵀ + b, [..., out].</summary>
    /// <param name="x">[..., in].</param>
    /// <param name="weight">W, [out, in].</param>
    /// <param name="bias">b, [out]; null is none.</param>
    public abstract Tensor Product(Tensor x, Tensor weight, Tensor? bias);

    /// <summary>softmax(q kᵀ / √d) v, [B, T, H·d]; the queries are the last of the keys' positions: t sees keys 0 to S−T+t.</summary>
    /// <param name="q">[B, T, H, d].</param>
    /// <param name="k">[B, Hkv, S, d].</param>
    /// <param name="v">[B, Hkv, S, d].</param>
    public abstract Tensor CausalAttention(Tensor q, Tensor k, Tensor v);

    /// <summary>Frees what is kept between calls.</summary>
    public virtual void Dispose()
    {
        // Most keep nothing.
    }

    private sealed class LibtorchBackend : Backend
    {
        public override bool HasKernels => false;

        public override long ThinRows => 0;

        public override Tensor Product(Tensor x, Tensor weight, Tensor? bias) => nn.functional.linear(x, weight, bias);

        public override Tensor CausalAttention(Tensor q, Tensor k, Tensor v) => FusedAttention.Causal(q, k, v);
    }

    private sealed class HostBackend : Backend
    {
        private readonly BlockedAttention attention = new();

        public override bool HasKernels => true;

        public override long ThinRows => ThinProduct.MostRows;

        public override Tensor Product(Tensor x, Tensor weight, Tensor? bias) =>
            x.numel() <= ThinRows * weight.shape[1] && !(is_grad_enabled() && (x.requires_grad || weight.requires_grad))
                ? ThinProduct.Of(x, weight, bias)
                : nn.functional.linear(x, weight, bias);

        public override Tensor CausalAttention(Tensor q, Tensor k, Tensor v) => attention.Causal(q, k, v);

        public override void Dispose()
        {
            attention.Dispose();
            base.Dispose();
        }
    }
}
