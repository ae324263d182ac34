using ActivationReplay.Verification.Terms;

namespace ActivationReplay.Verification.Equality;

/// <summary>Names of variables.</summary>
internal static class Variables
{
    /// <summary>
    /// The prediction with its variables renamed to those of the reference, by order of appearance, if there are as many.
    /// </summary>
    public static Term Matched(Term gold, Term pred)
    {
        string[] names = [.. Names(gold).Distinct()];
        string[] others = [.. Names(pred).Distinct()];
        if (names.Length != others.Length)
        {
            return pred;
        }

        var map = others.Zip(names).ToDictionary(p => p.First, p => p.Second);
        return Rename(pred);

        Term Rename(Term term) => term is Symbol s ? new Symbol(map[s.Name]) : term.Map(Rename);
    }

    private static IEnumerable<string> Names(Term term) => term is Symbol s ? [s.Name] : term.Parts().SelectMany(Names);
}
