namespace ActivationReplay.Training.Tasks.Zooming;

/// <summary>The proportions of written conversations; the rest make one right call and answer by what it shows.</summary>
public sealed record ConversationRates
{
    /// <summary>Guesses without a call.</summary>
    public double Direct { get; init => field = Rate(nameof(Direct), value); } = 0.2;

    /// <summary>A call beside the object: off by half a cell or a whole one.</summary>
    public double Clumsy { get; init => field = Rate(nameof(Clumsy), value); } = 0.3;

    /// <summary>A right call and a needless one after it.</summary>
    public double Needless { get; init => field = Rate(nameof(Needless), value); } = 0.08;

    /// <summary>Of clumsy calls after which the digit is not to be seen whole, those that are followed by a right one; else a guess follows.</summary>
    public double Again { get; init => field = Rate(nameof(Again), value); } = 0.3;

    /// <summary>Rows that ask where everything is, instead of a conversation: many places a row, to learn where to look.</summary>
    public double Listing { get; init => field = Rate(nameof(Listing), value); }

    /// <summary>Conversations in which the model says what it looks for before it calls.</summary>
    public double Named { get; init => field = Rate(nameof(Named), value); } = 1;

    /// <summary>Digits that are read wrong.</summary>
    public double Slip { get; init => field = Rate(nameof(Slip), value); } = 0.1;

    /// <summary>Batches in which there is no tool: the question is asked without one, and the answer guessed.</summary>
    public double Toolless { get; init => field = Rate(nameof(Toolless), value); } = 0.08;

    private static double Rate(string name, double value) => value is >= 0 and <= 1
        ? value
        : throw new ArgumentOutOfRangeException(name, value, FormattableString.Invariant($"{name} is {value}; allowed: 0 to 1."));
}
