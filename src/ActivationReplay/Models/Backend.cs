using ActivationReplay.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>
/// The implementation of operations that exist twice: libtorch's, and the C# kernels of <see cref="Kernels"/>. It is chosen once
/// per model by device and type, so that no caller inspects tensors: states have the device and type of the model's weights.
/// </summary>
internal abstract class Backend : IDisposable
{
    /// <summary>The backend that uses libtorch for everything.</summary>
    public static Backend Libtorch { get; } = new LibtorchBackend();

    /// <summary>The backend of GPUs: libtorch, with as few launches as it can. It computes the same on the CPU, for tests.</summary>
    public static Backend Gpu { get; } = new GpuBackend();

    /// <summary>
    /// The backend for a device and type: <see cref="Kernels"/> on the CPU in fp32, libtorch otherwise, for few launches on a GPU.
    /// </summary>
    public static Backend For(Device device, ScalarType type) =>
        device.type != DeviceType.CPU ? Gpu : type == ScalarType.Float32 ? new HostBackend() : Libtorch;

    /// <summary>Whether states and weights are fp32 on the CPU, as <see cref="Kernels"/> require.</summary>
    public abstract bool HasKernels { get; }

    /// <summary>The most rows of a product without gradients that <see cref="ThinProduct"/> computes; 0 if it never does.</summary>
    public abstract long ThinRows { get; }

    /// <summary>
    /// Whether maps of the same input are one product (<see cref="JoinedLinear"/>): fewer launches for weights that are copied to a
    /// device anyway. Weights that are mapped from a file stay where they are.
    /// </summary>
    public virtual bool JoinsProducts => false;

    /// <summary>
    /// The most elements of a chunk of gathered rows of the head, or of logits: 8 MB in fp32, so that they are still cached when
    /// the gradient is computed; on a GPU 256 MB in bf16, so that a chunk is worth its launches.
    /// </summary>
    public virtual long ChunkElements => 1 << 21;

    /// <summary>
    /// How many times K the rows of the head in a union may be, for one product with the union to be faster than n products with K
    /// rows each: about the ratio of a product's operations to a copy's bytes, which is far larger on a GPU.
    /// </summary>
    public virtual long SharedIdsFactor => 8;

    /// <summary>RMSNorm of the last axis of x [..., D]: w ⊙ x / √(mean(x²) + ε), the mean taken in fp32; differentiable.</summary>
    /// <param name="x">The states, [..., D].</param>
    /// <param name="weight">w, [D].</param>
    /// <param name="epsilon">ε.</param>
    public virtual Tensor Norm(Tensor x, Tensor weight, double epsilon) => RmsNorm.ByEuclideanNorm(x, weight, epsilon);

    /// <summary>x Wᵀ + b, [..., out].</summary>
    /// <param name="x">x, [..., in].</param>
    /// <param name="weight">W, [out, in].</param>
    /// <param name="bias">b, [out]; null is none.</param>
    public abstract Tensor Product(Tensor x, Tensor weight, Tensor? bias);

    /// <summary>
    /// Causal attention softmax(q kᵀ / √d) v, [B, T, H·d]. The queries are the last T of the S positions: query t attends to keys 0
    /// to S−T+t.
    /// </summary>
    /// <param name="q">The rotated queries, [B, T, H, d].</param>
    /// <param name="k">The rotated keys, [B, Hkv, S, d].</param>
    /// <param name="v">The values, [B, Hkv, S, d].</param>
    public abstract Tensor CausalAttention(Tensor q, Tensor k, Tensor v);

    /// <summary>Frees the tensors that are cached between calls.</summary>
    public virtual void Dispose()
    {
        // Most backends cache nothing.
    }

    private class LibtorchBackend : Backend
    {
        public override bool HasKernels => false;

        public override long ThinRows => 0;

        public override Tensor Product(Tensor x, Tensor weight, Tensor? bias) => nn.functional.linear(x, weight, bias);

        public override Tensor CausalAttention(Tensor q, Tensor k, Tensor v) => FusedAttention.Causal(q, k, v);

        public override Tensor Norm(Tensor x, Tensor weight, double epsilon) => FusedOperations.RmsNorm(x, weight, epsilon);
    }

    private sealed class GpuBackend : LibtorchBackend
    {
        public override bool JoinsProducts => true;

        public override long ChunkElements => 1 << 27;

        public override long SharedIdsFactor => 128;
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
