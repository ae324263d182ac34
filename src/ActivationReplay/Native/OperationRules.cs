using System.Collections.Frozen;

namespace ActivationReplay.Native;

/// <summary>What a GPU has to do for one of libtorch's operations.</summary>
internal enum OperationRule
{
    /// <summary>Unknown: one launch, or those of the operations that it is made of.</summary>
    Other,

    /// <summary>Another view of the same memory, or memory alone: nothing to launch.</summary>
    Free,

    /// <summary>Made of other operations, which are counted.</summary>
    Composite,

    /// <summary>One kernel, whatever it is made of elsewhere: the conversions that a CPU makes before a product of two types.</summary>
    Kernel,

    /// <summary>Two kernels.</summary>
    TwoKernels,

    /// <summary>The host waits for the device.</summary>
    Waits,
}

/// <summary>The rules by name, and a coarser kind for reports.</summary>
internal static class OperationRules
{
    private static readonly FrozenSet<string> s_free = Set(
        "view as_strided t transpose transpose_ permute slice select narrow expand expand_as unsqueeze unsqueeze_ squeeze squeeze_ detach detach_ alias "
        + "empty empty_like empty_strided new_empty new_empty_strided resize_ set_ unbind split split_with_sizes chunk _unsafe_view _reshape_alias "
        + "resolve_conj resolve_neg result_type lift_fresh view_as numpy_T _fused_sdp_choice _has_compatible_shallow_copy_type is_pinned requires_grad_");

    private static readonly FrozenSet<string> s_composite = Set(
        "to _to_copy type_as contiguous clone reshape flatten linear matmul zeros zeros_like ones ones_like full full_like new_zeros arange "
        + "softmax log_softmax norm linalg_norm repeat_interleave scaled_dot_product_attention _scaled_dot_product_attention_math square triu");

    private static readonly FrozenSet<string> s_kernel = Set(
        "mm addmm addmm_ bmm baddbmm baddbmm_ mv addmv dot "
        + "add add_ sub sub_ rsub mul mul_ div div_ addcmul addcmul_ addcdiv addcdiv_ lerp lerp_ pow pow_ sqrt sqrt_ rsqrt rsqrt_ exp exp_ log log_ neg neg_ "
        + "sigmoid sigmoid_ silu silu_ silu_backward gelu clamp clamp_ clamp_min clamp_min_ clamp_max clamp_max_ masked_fill masked_fill_ where cos sin roll "
        + "eq ne lt le gt ge sum mean linalg_vector_norm _softmax _log_softmax cumsum argmax amax max rms_norm native_layer_norm triu_ tril_ "
        + "copy_ fill_ zero_ cat stack index_select index_add index_add_ index_copy index_copy_ gather scatter scatter_ "
        + "_scaled_dot_product_flash_attention_for_cpu _scaled_dot_product_flash_attention _scaled_dot_product_efficient_attention _scaled_dot_product_cudnn_attention");

    private static readonly FrozenSet<string> s_two = Set(
        "_scaled_dot_product_flash_attention_for_cpu_backward _scaled_dot_product_flash_attention_backward "
        + "_scaled_dot_product_efficient_attention_backward _scaled_dot_product_cudnn_attention_backward topk sort");

    private static readonly FrozenSet<string> s_waits = Set("_local_scalar_dense nonzero _unique2 unique_dim unique_consecutive masked_select equal");

    private static readonly (string Kind, FrozenSet<string> Names)[] s_kinds =
    [
        ("products", Set("mm addmm addmm_ bmm baddbmm baddbmm_ mv addmv dot")),
        ("norms", Set("rms_norm rms_norm_backward native_layer_norm")),
        ("sums and softmax", Set("sum mean linalg_vector_norm _softmax _log_softmax cumsum argmax amax max topk sort")),
        ("rows by index", Set("index_select index_add index_add_ index_copy index_copy_ gather scatter scatter_")),
        ("copies and fills", Set("copy_ fill_ zero_ cat stack roll")),
        ("waiting for the device", s_waits),
    ];

    /// <summary>The rule of an operation, such as <c>aten::mul</c>.</summary>
    public static OperationRule Of(string name)
    {
        var plain = Plain(name);
        return s_free.Contains(plain) ? OperationRule.Free
            : s_composite.Contains(plain) || name.StartsWith("autograd::", StringComparison.Ordinal) ? OperationRule.Composite
            : s_kernel.Contains(plain) ? OperationRule.Kernel
            : s_two.Contains(plain) ? OperationRule.TwoKernels
            : s_waits.Contains(plain) ? OperationRule.Waits
            : OperationRule.Other;
    }

    /// <summary>The kind of an operation, for reports.</summary>
    public static string Kind(string name)
    {
        var plain = Plain(name);
        return plain.Contains("scaled_dot_product", StringComparison.Ordinal) ? "attention"
            : s_kinds.FirstOrDefault(k => k.Names.Contains(plain)).Kind ?? "elementwise and other";
    }

    private static string Plain(string name) => name.StartsWith("aten::", StringComparison.Ordinal) ? name["aten::".Length..] : name;

    private static FrozenSet<string> Set(string names) => names.Split(' ').ToFrozenSet(StringComparer.Ordinal);
}
