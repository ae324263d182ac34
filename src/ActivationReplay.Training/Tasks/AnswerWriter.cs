using System.Globalization;
using System.Text;

namespace ActivationReplay.Training.Tasks;

/// <summary>Writes the answers that the supervised stage learns, careless slips included.</summary>
internal sealed class AnswerWriter(Scene scene, Question question, SlipRates slips, Draws draws)
{
    private readonly StringBuilder text = new();

    /// <summary>The answer in a style, ending with its box.</summary>
    public string Write(AnswerStyle style)
    {
        text.Clear();
        var answer = style switch
        {
            AnswerStyle.Direct => Slip(question.Answer(scene), slips.Direct, int.MinValue),
            AnswerStyle.Brief => Brief(),
            _ => Full(),
        };
        return text.Append(CultureInfo.InvariantCulture, $"\\boxed{{{answer}}}").ToString();
    }

    private int Brief()
    {
        switch (question.Family)
        {
            case QuestionFamily.Count2 or QuestionFamily.Count1:
                var count = Slip(scene.Count(question.Shape, question.Colour), slips.Brief, 0);
                var colour = question.Colour is { } c ? $"{c.Name()} " : "";
                text.Append(CultureInfo.InvariantCulture, $"I see {count} {colour}{question.Shape?.Plural() ?? "shapes"}. ");
                return count;
            case QuestionFamily.Diff:
                return Combine(Slip(scene.Count(question.Shape, null), slips.Brief, 0), scene.Count(question.Other, null), minus: true);
            case QuestionFamily.Mix:
                var shapes = Slip(scene.Count(question.Shape, null), slips.Brief, 0);
                return Combine(scene.Digits(null)[^1], shapes, question.Minus);
            default:
                var digits = scene.Digits(question.Colour);
                text.AppendJoin(", ", digits).Append(". ");
                return Slip(digits.Sum(), slips.Brief, 1);
        }
    }

    private int Full()
    {
        switch (question.Family)
        {
            case QuestionFamily.Count2:
                return OfColour(question.Colour!.Value, question.Shape!.Value);
            case QuestionFamily.Count1:
                var total = question.Shape is { } shape ? RunningByColour(shape) : RunningByShape(question.Colour!.Value);
                text.Append(". ");
                return total;
            case QuestionFamily.Diff:
                text.Append(question.Shape!.Value.Plural()).Append(": ");
                var first = RunningByColour(question.Shape.Value);
                text.Append("; ").Append(question.Other!.Value.Plural()).Append(": ");
                var second = RunningByColour(question.Other.Value);
                text.Append(". ");
                return Combine(first, second, minus: true);
            case QuestionFamily.Mix:
                var largest = Slip(scene.Digits(null)[^1], slips.Step, 1, 9);
                text.Append(CultureInfo.InvariantCulture, $"largest {largest}; ").Append(question.Shape!.Value.Plural()).Append(": ");
                var count = RunningByColour(question.Shape.Value);
                text.Append(". ");
                return Combine(largest, count, question.Minus);
            default:
                return DigitSum();
        }
    }

    // "blue: circles2 squares1 triangles0. " The asked shape's number goes to the box.
    private int OfColour(ObjectColour colour, ObjectShape asked)
    {
        var answer = 0;
        text.Append(colour.Name()).Append(": ");
        foreach (var shape in ObjectNames.Shapes)
        {
            var count = Slip(scene.Count(shape, colour), slips.Step, 0);
            answer = shape == asked ? count : answer;
            text.Append(shape == 0 ? "" : " ").Append(CultureInfo.InvariantCulture, $"{shape.Plural()}{count}");
        }

        text.Append(". ");
        return answer;
    }

    // "red1 green1 blue4 yellow6": totals so far.
    private int RunningByColour(ObjectShape shape) =>
        Running(ObjectNames.Colours.Select(c => (c.Name(), scene.Count(shape, c))));

    // "circles2 squares2 triangles5": totals so far.
    private int RunningByShape(ObjectColour colour) =>
        Running(ObjectNames.Shapes.Select(s => (s.Plural(), scene.Count(s, colour))));

    private int Running(IEnumerable<(string Name, int Count)> parts)
    {
        var (total, separator) = (0, "");
        foreach (var (name, count) in parts)
        {
            total += Slip(count, slips.Step, 0);
            text.Append(CultureInfo.InvariantCulture, $"{separator}{name}{total}");
            separator = " ";
        }

        return total;
    }

    // "2+5=7+9=16. ": ascending, the sum so far after each equals sign.
    private int DigitSum()
    {
        var total = 0;
        foreach (var (i, digit) in scene.Digits(question.Colour).Index())
        {
            var listed = Slip(digit, slips.Step, 1, 9);
            text.Append(i == 0 ? "" : "+").Append(listed);
            total = i == 0 ? listed : Slip(total + listed, slips.Sum, 1);
            if (i > 0)
            {
                text.Append('=').Append(total);
            }
        }

        text.Append(". ");
        return total;
    }

    // "8-3=5. "
    private int Combine(int left, int right, bool minus)
    {
        var result = Slip(minus ? left - right : left + right, slips.Sum, int.MinValue);
        text.Append(CultureInfo.InvariantCulture, $"{left}{(minus ? '-' : '+')}{right}={result}. ");
        return result;
    }

    private int Slip(int value, double rate, int least, int most = int.MaxValue)
    {
        if (!draws.Chance(rate))
        {
            return value;
        }

        var slipped = value + (draws.Chance(0.5) ? 1 : -1);
        return slipped < least ? value + 1 : slipped > most ? value - 1 : slipped;
    }
}
