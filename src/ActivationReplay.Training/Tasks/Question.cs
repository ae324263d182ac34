namespace ActivationReplay.Training.Tasks;

/// <summary>The kinds of questions. Their names are those of the data set's column <c>family</c>.</summary>
public enum QuestionFamily
{
    /// <summary>Count a coloured shape.</summary>
    Count2,

    /// <summary>Count a shape or a colour.</summary>
    Count1,

    /// <summary>How many more of one shape than of another; may be negative.</summary>
    Diff,

    /// <summary>Sum of the digits of a colour.</summary>
    Dsum,

    /// <summary>Sum of all digits.</summary>
    Dall,

    /// <summary>Largest digit plus or minus the count of a shape.</summary>
    Mix,
}

/// <summary>A question about a scene with its answer.</summary>
/// <param name="Family">Its kind.</param>
/// <param name="Shape">The shape it asks for, where it does.</param>
/// <param name="Other">The shape that <see cref="QuestionFamily.Diff"/> subtracts.</param>
/// <param name="Colour">The colour it asks for, where it does.</param>
/// <param name="Minus">Whether <see cref="QuestionFamily.Mix"/> subtracts the count.</param>
public sealed record Question(
    QuestionFamily Family, ObjectShape? Shape, ObjectShape? Other, ObjectColour? Colour, bool Minus)
{
    /// <summary>The question of an index about a scene.</summary>
    internal static Question Create(Scene scene, QuestionFamily family, Draws draws)
    {
        var shape = draws.Pick(ObjectNames.Shapes);
        var colour = draws.Pick(ObjectNames.Colours);
        switch (family)
        {
            case QuestionFamily.Count2:
                return new Question(family, shape, null, colour, false);
            case QuestionFamily.Count1:
                return draws.Chance(0.5) ? new Question(family, shape, null, null, false) : new Question(family, null, null, colour, false);
            case QuestionFamily.Diff:
                var other = (ObjectShape)(((int)shape + draws.From(1, 2)) % ObjectNames.Shapes.Count);
                return new Question(family, shape, other, null, false);
            case QuestionFamily.Dsum:
                var present = ObjectNames.Colours.Where(c => scene.Digits(c).Count > 0).ToList();
                return new Question(family, null, null, draws.Pick(present), false);
            case QuestionFamily.Dall:
                return new Question(family, null, null, null, false);
            default:
                return new Question(family, shape, null, null, draws.Chance(0.5));
        }
    }

    /// <summary>The text.</summary>
    public string Text => Family switch
    {
        QuestionFamily.Count2 => $"How many {Colour!.Value.Name()} {Shape!.Value.Plural()} are there?",
        QuestionFamily.Count1 when Shape is { } shape => $"How many {shape.Plural()} are there?",
        QuestionFamily.Count1 => $"How many {Colour!.Value.Name()} shapes are there?",
        QuestionFamily.Diff => $"How many more {Shape!.Value.Plural()} than {Other!.Value.Plural()} are there?",
        QuestionFamily.Dsum => $"What is the sum of the {Colour!.Value.Name()} digits?",
        QuestionFamily.Dall => "What is the sum of all digits?",
        _ => $"What is the largest digit {(Minus ? "minus" : "plus")} the number of {Shape!.Value.Plural()}?",
    };

    /// <summary>The right answer.</summary>
    public int Answer(Scene scene)
    {
        ArgumentNullException.ThrowIfNull(scene);
        return Family switch
        {
            QuestionFamily.Count2 or QuestionFamily.Count1 => scene.Count(Shape, Colour),
            QuestionFamily.Diff => scene.Count(Shape, null) - scene.Count(Other, null),
            QuestionFamily.Dsum or QuestionFamily.Dall => scene.Digits(Colour).Sum(),
            _ => scene.Digits(null)[^1] + ((Minus ? -1 : 1) * scene.Count(Shape, null)),
        };
    }
}
