namespace ActivationReplay.Verification.Latex;

/// <summary>A piece of a formula.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Digits, a letter, a command without its backslash, the words of a text, or one character.</param>
/// <param name="FollowsSpace">Whether there is space before it.</param>
internal readonly record struct Token(TokenKind Kind, string Text, bool FollowsSpace = false)
{
    public bool Is(char character) => Kind == TokenKind.Character && Text[0] == character;

    public bool IsCommand(string name) => Kind == TokenKind.Command && Text == name;
}

internal enum TokenKind
{
    End,

    /// <summary>Digits with at most one point, and perhaps an exponent: <c>1.5e3</c>.</summary>
    Number,

    Letter,

    Command,

    /// <summary><c>\text{…}</c>.</summary>
    Text,

    Character,
}
