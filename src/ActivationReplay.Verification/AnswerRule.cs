namespace ActivationReplay.Verification;

/// <summary>The rule by which an answer was found in an output, in the order in which rules are tried.</summary>
public enum AnswerRule
{
    /// <summary>None: the output states no answer, or more than one.</summary>
    Unparsed,

    /// <summary>In the last <c>\boxed{…}</c>.</summary>
    Boxed,

    /// <summary>In the last <c>&lt;answer&gt;…&lt;/answer&gt;</c>.</summary>
    AnswerTag,

    /// <summary>After "the answer is", "Answer:" and the like.</summary>
    AnswerPhrase,

    /// <summary>An option's letter.</summary>
    OptionLetter,

    /// <summary>An option's text.</summary>
    OptionText,

    /// <summary>The last formula.</summary>
    Formula,

    /// <summary>The last number, or expression of numbers.</summary>
    Number,

    /// <summary>The whole output.</summary>
    WholeText,
}

/// <summary>Names of <see cref="AnswerRule"/>s.</summary>
public static class AnswerRules
{
    /// <summary>The rule's name in files, such as <c>answer-phrase</c>.</summary>
    public static string Name(this AnswerRule rule) => rule switch
    {
        AnswerRule.Boxed => "boxed",
        AnswerRule.AnswerTag => "answer-tag",
        AnswerRule.AnswerPhrase => "answer-phrase",
        AnswerRule.OptionLetter => "option-letter",
        AnswerRule.OptionText => "option-text",
        AnswerRule.Formula => "formula",
        AnswerRule.Number => "number",
        AnswerRule.WholeText => "whole-text",
        _ => "unparsed",
    };
}
