namespace ActivationReplay.Verification.Latex;

/// <summary>Splits a normalised formula into tokens.</summary>
internal static class Lexer
{
    /// <summary>The tokens, followed by an end token; null if the text holds something that is not part of formulas.</summary>
    public static IReadOnlyList<Token>? Run(string text)
    {
        var tokens = new List<Token>();
        var space = false;
        for (var i = 0; i < text.Length;)
        {
            var c = text[i];
            if (char.IsWhiteSpace(c) || c == '~')
            {
                space = true;
                i++;
                continue;
            }

            var (token, length) = c switch
            {
                '\\' => Command(text, i),
                >= '0' and <= '9' => Number(text, i),
                '.' => Point(text, i),
                >= 'a' and <= 'z' or >= 'A' and <= 'Z' => Word(text, i),
                '!' when At(text, i + 1) == '=' => (new Token(TokenKind.Command, "ne"), 2),
                '<' when At(text, i + 1) == '=' => (new Token(TokenKind.Command, "le"), 2),
                '>' when At(text, i + 1) == '=' => (new Token(TokenKind.Command, "ge"), 2),
                '=' when At(text, i + 1) == '=' => (new Token(TokenKind.Character, "="), 2),
                '*' when At(text, i + 1) == '*' => (new Token(TokenKind.Character, "^"), 2),
                '+' or '-' or '*' or '/' or '^' or '_' or '(' or ')' or '[' or ']' or '{' or '}' or '|' or '=' or '<' or '>' or '!'
                    or ',' or ';' or ':' or '%' or '&' => (new Token(TokenKind.Character, c.ToString()), 1),
                _ => char.IsLetter(c) ? (new Token(TokenKind.Letter, c.ToString()), 1) : (default, 0),
            };
            if (length == 0)
            {
                return null;
            }

            i += length;
            if (token.Kind == TokenKind.End || (token.Kind == TokenKind.Command && Vocabulary.Skipped.Contains(token.Text)))
            {
                space = true;
                i += token.Kind != TokenKind.End && token.Text is "left" or "right" or "middle" && At(text, i) == '.' ? 1 : 0;
                continue;
            }

            tokens.Add(token with { FollowsSpace = space });
            space = false;
        }

        tokens.Add(new Token(TokenKind.End, ""));
        return tokens;
    }

    private static char At(string text, int index) => index < text.Length ? text[index] : '\0';

    private static (Token Token, int Length) Number(string text, int start)
    {
        var end = Digits(text, start);
        if (At(text, end) == '.' && char.IsAsciiDigit(At(text, end + 1)))
        {
            end = Digits(text, end + 1);
        }
        else if (At(text, end) == '.' && At(text, end + 1) != '.')
        {
            // "5." of programming languages.
            return (new Token(TokenKind.Number, text[start..(end + 1)]), end + 1 - start);
        }

        return (new Token(TokenKind.Number, text[start..WithExponent(text, end)]), WithExponent(text, end) - start);
    }

    private static int WithExponent(string text, int end)
    {
        if (At(text, end) is not ('e' or 'E'))
        {
            return end;
        }

        var digits = end + (At(text, end + 1) is '+' or '-' ? 2 : 1);
        var last = Digits(text, digits);
        return last > digits && !char.IsLetter(At(text, last)) && At(text, last) is not ('^' or '_') ? last : end;
    }

    private static (Token Token, int Length) Point(string text, int start)
    {
        if (char.IsAsciiDigit(At(text, start + 1)))
        {
            var end = Digits(text, start + 1);
            return (new Token(TokenKind.Number, "0" + text[start..WithExponent(text, end)]), WithExponent(text, end) - start);
        }

        var dots = start;
        while (At(text, dots) == '.')
        {
            dots++;
        }

        return dots - start > 1 ? (new Token(TokenKind.Command, "ldots"), dots - start) : (default, 0);
    }

    private static (Token Token, int Length) Word(string text, int start)
    {
        foreach (var word in Vocabulary.PlainWords)
        {
            if (text.AsSpan(start).StartsWith(word, StringComparison.Ordinal))
            {
                return (new Token(TokenKind.Command, word), word.Length);
            }
        }

        return (new Token(TokenKind.Letter, text[start].ToString()), 1);
    }

    private static (Token Token, int Length) Command(string text, int start)
    {
        var end = start + 1;
        while (char.IsAsciiLetter(At(text, end)))
        {
            end++;
        }

        if (end == start + 1)
        {
            return At(text, end) switch
            {
                '\\' => (new Token(TokenKind.Command, "\\"), 2),
                '{' or '}' or '|' or '%' or ',' or ';' or ':' or '!' or '>' or '&' or '_' or '#' => (new Token(TokenKind.Command, text[end].ToString()), 2),
                '(' or ')' or '[' or ']' => (new Token(TokenKind.Character, text[end].ToString()), 2),
                '$' or ' ' => (default, 2),
                _ => (default, 0),
            };
        }

        if (Vocabulary.KnownStart(text.AsSpan(start + 1, end - start - 1)) is not { } name)
        {
            return (default, 0);
        }

        end = start + 1 + name.Length;
        return name is "text" or "operatorname" or "mathbb" or "begin" or "end" ? WithArgument(text, start, end, name) : (new Token(TokenKind.Command, name), end - start);
    }

    // \text{…}, \operatorname{…}, \mathbb{…}, \begin{…} and \end{…}: one token with what is in the braces.
    private static (Token Token, int Length) WithArgument(string text, int start, int end, string name)
    {
        while (char.IsWhiteSpace(At(text, end)) || At(text, end) == '*')
        {
            end++;
        }

        if (At(text, end) != '{')
        {
            return name == "mathbb" && char.IsAsciiLetter(At(text, end))
                ? (new Token(TokenKind.Command, "mathbb " + text[end]), end + 1 - start)
                : (default, 0);
        }

        var close = Matching(text, end);
        if (close < 0)
        {
            return (default, 0);
        }

        var content = text[(end + 1)..close].Trim();
        return name switch
        {
            "text" => (new Token(TokenKind.Text, content), close + 1 - start),
            "operatorname" when Vocabulary.Functions.Contains(content) => (new Token(TokenKind.Command, content), close + 1 - start),
            "operatorname" => (new Token(TokenKind.Text, content), close + 1 - start),
            _ => (new Token(TokenKind.Command, name + " " + content), close + 1 - start),
        };
    }

    private static int Matching(string text, int open)
    {
        var depth = 0;
        for (var i = open; i < text.Length; i++)
        {
            depth += text[i] switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth == 0)
            {
                return i;
            }
        }

        return -1;
    }

    private static int Digits(string text, int start)
    {
        while (char.IsAsciiDigit(At(text, start)))
        {
            start++;
        }

        return start;
    }
}
