namespace ActivationReplay.Text;

/// <summary>A token that is found in the text before any splitting, such as <c>&lt;|im_start|&gt;</c>.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">The text that it stands for.</param>
/// <param name="Special">Whether it is left out of decoded text if special tokens are skipped.</param>
/// <param name="Normalized">Whether it is looked for in the normalised text instead of the raw text.</param>
internal sealed record AddedToken(int Id, string Content, bool Special, bool Normalized);
