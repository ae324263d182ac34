namespace ActivationReplay.Evaluation.Agents;

/// <summary>Why a call was not carried out; the model gets the reason as the tool's answer, and the conversation goes on.</summary>
public enum CallRefusal
{
    /// <summary>The call has no end.</summary>
    NotClosed,

    /// <summary>The call is longer than <see cref="CallParser.MaxLength"/> characters.</summary>
    TooLong,

    /// <summary>It is no strict JSON: malformed, too deep, or a key stands there twice.</summary>
    NotJson,

    /// <summary>It is JSON of another form than a name and arguments.</summary>
    NotACall,

    /// <summary>There is no tool of that name.</summary>
    OtherTool,

    /// <summary>The arguments are not those of the tool's schema.</summary>
    BadArguments,

    /// <summary>A number is beyond what a number can be.</summary>
    NotFinite,

    /// <summary>The box has no pixel in it: a side is zero, negative, or rounds to nothing.</summary>
    EmptyBox,

    /// <summary>The box lies outside the picture.</summary>
    OutsideBox,

    /// <summary>The box is so long and thin that models take no such picture.</summary>
    ThinBox,
}
