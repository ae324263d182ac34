using System.Collections.Frozen;
using ActivationReplay.Verification.Terms;

namespace ActivationReplay.Verification.Latex;

/// <summary>The commands that formulas are made of.</summary>
internal static class Vocabulary
{
    public static readonly FrozenSet<string> Skipped = Set(
        "left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr mleft mright quad qquad displaystyle textstyle scriptstyle "
        + "limits nolimits thinspace medspace thickspace negthinspace enspace hspace , ; : ! > phantom boldsymbol bm rm bf it cal mathstrut");

    public static readonly FrozenSet<string> Functions = Set(
        "sin cos tan cot sec csc arcsin arccos arctan arccot arcsec arccsc sinh cosh tanh coth arsinh arcosh artanh arcsinh arccosh arctanh "
        + "ln log lg exp gcd lcm max min det floor ceil arg Re Im deg dim ker tr rank sgn sign");

    public static readonly FrozenSet<string> Greek = Set(
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron rho sigma tau upsilon phi chi psi omega "
        + "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega");

    public static readonly FrozenDictionary<string, string> Variants = new Dictionary<string, string>
    {
        ["varphi"] = "phi",
        ["varepsilon"] = "epsilon",
        ["vartheta"] = "theta",
        ["varrho"] = "rho",
        ["varsigma"] = "sigma",
        ["varpi"] = "pi",
        ["ell"] = "l",
        ["hbar"] = "hbar",
        ["angle"] = "angle",
        ["triangle"] = "triangle",
        ["nabla"] = "nabla",
        ["partial"] = "partial",
        ["square"] = "square",
        ["star"] = "star",
        ["checkmark"] = "checkmark",
        ["aleph"] = "aleph",
        ["wp"] = "wp",
        ["heartsuit"] = "heart",
        ["spadesuit"] = "spade",
        ["clubsuit"] = "club",
        ["diamondsuit"] = "diamond",
        ["prime"] = "prime",
        ["ldots"] = "…",
        ["dots"] = "…",
        ["cdots"] = "…",
        ["dotsc"] = "…",
        ["dotsb"] = "…",
        ["dotsm"] = "…",
        ["vdots"] = "…",
        ["parallel"] = "parallel",
        ["perp"] = "perp",
        ["sim"] = "sim",
        ["cong"] = "cong",
        ["top"] = "top",
        ["bot"] = "bot",
        ["circ"] = "circ",
        ["forall"] = "forall",
        ["exists"] = "exists",
        ["neg"] = "neg",
        ["pmod"] = "pmod",
        ["imath"] = "i",
        ["jmath"] = "j",
        ["Box"] = "square",
        ["rightarrow"] = "to",
        ["to"] = "to",
        ["mapsto"] = "mapsto",
        ["uparrow"] = "up",
        ["downarrow"] = "down",
        ["odot"] = "odot",
        ["oplus"] = "oplus",
    }.ToFrozenDictionary();

    /// <summary>Commands with one argument that make a symbol of another kind.</summary>
    public static readonly FrozenDictionary<string, string> Accents = new Dictionary<string, string>
    {
        ["bar"] = "bar",
        ["overline"] = "bar",
        ["vec"] = "vec",
        ["overrightarrow"] = "vec",
        ["hat"] = "hat",
        ["widehat"] = "hat",
        ["tilde"] = "tilde",
        ["widetilde"] = "tilde",
        ["dot"] = "dot",
        ["ddot"] = "ddot",
        ["underline"] = "",
        ["mathbf"] = "",
        ["mathcal"] = "cal",
        ["mathfrak"] = "frak",
        ["mathscr"] = "scr",
        ["mathit"] = "",
        ["mathsf"] = "",
        ["operatorname*"] = "",
        ["overset"] = "",
        ["widecheck"] = "check",
        ["check"] = "check",
        ["overparen"] = "arc",
        ["overarc"] = "arc",
        ["wideparen"] = "arc",
    }.ToFrozenDictionary();

    public static readonly FrozenDictionary<string, RelationSign> Relations = new Dictionary<string, RelationSign>
    {
        ["="] = RelationSign.Equal,
        ["equiv"] = RelationSign.Equal,
        ["coloneqq"] = RelationSign.Equal,
        ["doteq"] = RelationSign.Equal,
        ["ne"] = RelationSign.Unequal,
        ["neq"] = RelationSign.Unequal,
        ["<"] = RelationSign.Less,
        ["lt"] = RelationSign.Less,
        [">"] = RelationSign.Greater,
        ["gt"] = RelationSign.Greater,
        ["le"] = RelationSign.LessOrEqual,
        ["leq"] = RelationSign.LessOrEqual,
        ["leqslant"] = RelationSign.LessOrEqual,
        ["leqq"] = RelationSign.LessOrEqual,
        ["ge"] = RelationSign.GreaterOrEqual,
        ["geq"] = RelationSign.GreaterOrEqual,
        ["geqslant"] = RelationSign.GreaterOrEqual,
        ["geqq"] = RelationSign.GreaterOrEqual,
    }.ToFrozenDictionary();

    /// <summary>Words without a backslash that are functions or constants.</summary>
    public static readonly IReadOnlyList<string> PlainWords =
        ["arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "sqrt", "sin", "cos", "tan", "cot", "sec", "csc", "log", "exp", "gcd", "lcm", "ln", "pi"];

    private static readonly FrozenSet<string> s_others = Set(
        "frac sqrt binom dbinom tbinom choose over pi infty times cdot div ast bmod mod pm mp cup cap setminus backslash emptyset varnothing "
        + "in notin ni mathbb text begin end sum prod int lim iint oint lfloor rfloor lceil rceil lvert rvert vert lVert rVert Vert langle rangle "
        + "lbrace rbrace lbrack rbrack lgroup rgroup mid approx simeq Rightarrow implies iff Leftrightarrow Longrightarrow therefore operatorname not "
        + "{ } % | _ & # subset subseteq supset supseteq exponentialE degree");

    /// <summary>Whether a command is known.</summary>
    public static bool Knows(string command) =>
        s_others.Contains(command) || Skipped.Contains(command) || Functions.Contains(command) || Greek.Contains(command)
        || Variants.ContainsKey(command) || Accents.ContainsKey(command) || Relations.ContainsKey(command);

    /// <summary>The longest known command that a run of letters begins with, as <c>\quadx</c> does; null where there is none.</summary>
    public static string? KnownStart(ReadOnlySpan<char> letters)
    {
        for (var length = Math.Min(letters.Length, 20); length > 1; length--)
        {
            var start = letters[..length].ToString();
            if (Knows(start))
            {
                return start;
            }
        }

        return null;
    }

    private static FrozenSet<string> Set(string names) => names.Split(' ').ToFrozenSet();
}
