namespace ActivationReplay.Training.Tasks;

/// <summary>The parts that one seed's problems are divided into; their scenes never meet.</summary>
public enum ProblemSplit
{
    /// <summary>Scenes of the supervised stage.</summary>
    Supervised,

    /// <summary>Scenes of the vision stage.</summary>
    Vision,

    /// <summary>Prompts of the reinforcement stage.</summary>
    Reinforcement,

    /// <summary>Problems that choose the stopping point.</summary>
    Validation,

    /// <summary>Problems that no choice has seen.</summary>
    Test,
}

/// <summary>Where a split's problems lie among all of a seed.</summary>
internal static class ProblemSplits
{
    /// <summary>The index of a problem's scene among all scenes of a seed.</summary>
    public static ulong StreamOf(this ProblemSplit split, int index) => ((ulong)split << 40) + (ulong)index;
}
