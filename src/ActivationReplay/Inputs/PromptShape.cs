namespace ActivationReplay.Inputs;

/// <summary>The numbers of a prompt that decide what it takes of memory and time.</summary>
/// <param name="Length">T, all tokens.</param>
/// <param name="Visual">N, visual tokens.</param>
/// <param name="Patches">Patches of all media.</param>
/// <param name="First">Tokens before the first visual one.</param>
/// <param name="End">The position after the last visual one; 0 without media.</param>
public readonly record struct PromptShape(int Length, int Visual, int Patches, int First, int End)
{
    /// <summary>The positions from the first to the last visual one, text between pictures included.</summary>
    public int Columns => End - First;

    /// <summary>The shape of a prompt.</summary>
    public static PromptShape Of(ModelInputs inputs) => Of(inputs.Length, inputs.Grids.Sum(g => g.Count), inputs.Spans);

    /// <summary>The largest in each number: no prompt of these takes more.</summary>
    public static PromptShape Largest(IReadOnlyCollection<PromptShape> shapes) => new(
        shapes.Max(s => s.Length), shapes.Max(s => s.Visual), shapes.Max(s => s.Patches), shapes.Min(s => s.First), shapes.Max(s => s.End));

    internal static PromptShape Of(int length, int patches, IReadOnlyList<VisualSpan> spans) =>
        new(length, spans.Sum(s => s.Count), patches, spans.Count > 0 ? spans[0].Start : 0, spans.Count > 0 ? spans[^1].End : 0);
}
