namespace ActivationReplay.Replay.Objective;

/// <summary>One optimisation of a number of learnable tokens, and where the variants that are taken from it end.</summary>
/// <param name="Count">Learnable tokens.</param>
/// <param name="Ends">The variants' settings, which differ in nothing but iterations and stopping loss.</param>
internal sealed record OffsetPath(int Count, IReadOnlyList<LoopSettings> Ends);
