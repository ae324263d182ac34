namespace ActivationReplay.Text;

/// <summary>A token that is found in the text before any splitting, such as <c>&lt;|im_start|&gt;</c>.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">The text that it stands for.</param>
/// <param name="Special">Left out of decoded text where special tokens are skipped.</param>
/// <param name="Normalized">Looked for in the normalised text rather than in the raw one.</param>
internal sealed record AddedToken(int Id, string Content, bool Special, bool Normalized);
