namespace ActivationReplay.Checkpoints;

/// <summary>The architectures that the engine runs.</summary>
public enum ModelFamily
{
    /// <summary><c>qwen2_vl</c>: LayerNorm and quick-GELU vision tower with full attention.</summary>
    Qwen2Vl,

    /// <summary><c>qwen2_5_vl</c>: RMSNorm and SwiGLU vision tower with window attention.</summary>
    Qwen25Vl,
}
