using ActivationReplay.Adjoint;
using ActivationReplay.Kernels;
using ActivationReplay.Models;
using ActivationReplay.Tests.Models;
using NUnit.Framework;
using static ActivationReplay.Tests.Conformance.Exact;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Conformance;

/// <summary>Every causal attention and its derivative against autograd of softmax(q kᵀ / √d + mask) v.</summary>
public sealed class AttentionConformanceTests
{
    private const int Size = 8;

    // A position alone, one block of queries and a little more; no keys before, some, and more than a block.
    [Test]
    public void Rows_EqualTheFormula(
        [Values(ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float64)] ScalarType type,
        [Values(1, 64, 65)] int length, [Values(0, 3, 70)] int before, [Values(2, 6)] int heads)
    {
        using var scope = NewDisposeScope();
        using var backend = Backend.For(CPU, type);
        manual_seed(length + before);
        var (q, exactQ) = Random(type, 2, length, heads, Size);
        var (k, exactK) = Random(type, 2, 2, before + length, Size);
        var (v, exactV) = Random(type, 2, 2, before + length, Size);
        var (g, exactG) = Random(type, 2, length, heads * Size);
        var mask = FusedAttention.CausalMask(length, before + length, type, CPU);
        var expected = Formula(exactQ, exactK, exactV, mask);
        var pulled = autograd.grad([expected], [exactQ, exactK, exactV], [exactG]);
        Tensor[] leaves = [q.requires_grad_(), k.requires_grad_(), v.requires_grad_()];

        foreach (var (name, computed) in new[]
        {
            ("the backend's", backend.CausalAttention(q, k, v)),
            ("fused", FusedAttention.Causal(q, k, v)),
            ("masked", FusedAttention.Masked(q, k, v, mask)),
        })
        {
            ShouldAgree(computed, expected, type, name);
            foreach (var (gradient, right) in autograd.grad([computed], leaves, [g]).Zip(pulled))
            {
                ShouldAgree(gradient, right, type, $"{name}, backward");
            }
        }
    }

    // Over columns, of positions that all attend and of some that do, for one variant and two.
    [Test]
    public void Columns_EqualTheFormula(
        [Values(1, 64, 65)] int length, [Values(0, 3, 70)] int before, [Values] bool lastAlone, [Values(1, 2)] int variants)
    {
        const ScalarType type = ScalarType.Float32;
        using var scope = NewDisposeScope();
        using var model = Tiny.Model(3);
        var module = model.DecoderLayers[0].Attention;
        manual_seed(length + before + variants);
        int[] indices = lastAlone ? [length - 1] : [.. Enumerable.Range(0, length)];
        var (q, exactQ) = Random(type, 32, variants * indices.Length);
        var (k, exactK) = Random(type, 16, variants * length);
        var (v, exactV) = Random(type, 16, variants * length);
        var (g, exactG) = Random(type, 32, variants * indices.Length);
        var (early, exactEarly) = Random(type, 2, 1, 2, before, Size);
        var table = model.RotaryAt(arange(length, ScalarType.Int64).view(1, 1, -1).expand(3, -1, -1));
        var wide = new Rotary(table.Cos.to_type(ScalarType.Float64), table.Sin.to_type(ScalarType.Float64));
        var expected = Expected();
        var pulled = autograd.grad([expected], [exactQ, exactK, exactV], [exactG]);
        using var quiet = no_grad();
        LoopPrompt[] prompts = [new LoopPrompt(table, before, variants, lastAlone ? indices : null)];
        var keys = LoopPrompt.Joined(prompts);
        var positions = new ColumnPositions(new BatchPositions(prompts, keys, isLast: true), new ColumnRotary(keys));
        var output = empty_like(q);

        using var room = new HostMatrices();
        var turned = before == 0 ? null : new HostMatrix(early.transpose(3, 4).contiguous());
        var core = new BlockedCore(
            module, (new HostMatrix(q), new HostMatrix(k), new HostMatrix(v)), positions, 0, turned, new HostMatrix(output), room);

        ShouldAgree(output, expected, type, "output");
        var (atQ, atK, atV) = (empty_like(q), empty_like(k), empty_like(v));
        core.Backward(new HostMatrix(g), (new HostMatrix(atQ), new HostMatrix(atK), new HostMatrix(atV)));
        ShouldAgree(atQ, pulled[0], type, "at queries");
        ShouldAgree(atK, pulled[1], type, "at keys");
        ShouldAgree(atV, pulled[2], type, "at values");

        Tensor Expected()
        {
            var index = tensor(indices.Select(p => (long)p).ToArray());
            var queries = wide.At(index).Rotate(Rows(exactQ, 4));
            var keys = wide.Rotate(Rows(exactK, 2)).transpose(1, 2);
            var values = Rows(exactV, 2).transpose(1, 2);
            keys = cat([exactEarly[0].expand(variants, -1, -1, -1), keys], 2);
            values = cat([exactEarly[1].expand(variants, -1, -1, -1), values], 2);
            var mask = FusedAttention.CausalMask(length, before + length, ScalarType.Float64, CPU).index_select(0, index);
            return Formula(queries, keys, values, mask).view(-1, 32).t();
        }

        // [H·d, C·n] → [C, n, H, d]
        Tensor Rows(Tensor columns, int heads) => columns.view(heads, Size, variants, -1).permute(2, 3, 0, 1);
    }

    // q [B, T, H, d], k and v [B, Hkv, S, d] → [B, T, H·d]
    private static Tensor Formula(Tensor q, Tensor k, Tensor v, Tensor mask)
    {
        var group = q.shape[2] / k.shape[1];
        var scores = matmul(q.transpose(1, 2), k.repeat_interleave(group, 1).transpose(2, 3)) / Math.Sqrt(q.shape[3]);
        var weights = (scores + mask.to_type(ScalarType.Float64)).softmax(-1);
        return matmul(weights, v.repeat_interleave(group, 1)).transpose(1, 2).flatten(2);
    }
}
