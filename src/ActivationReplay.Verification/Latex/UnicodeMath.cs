using System.Text;

namespace ActivationReplay.Verification.Latex;

/// <summary>Mathematical characters of Unicode as LaTeX.</summary>
internal static class UnicodeMath
{
    private const string Superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ";
    private const string Subscripts = "₀₁₂₃₄₅₆₇₈₉₊₋ₙ";
    private const string Plain = "0123456789+-n";

    private static readonly Dictionary<char, string> s_latex = new()
    {
        ['−'] = "-",
        ['–'] = "-",
        ['‐'] = "-",
        ['‑'] = "-",
        ['×'] = @"\times ",
        ['÷'] = @"\div ",
        ['·'] = @"\cdot ",
        ['⋅'] = @"\cdot ",
        ['∙'] = @"\cdot ",
        ['∗'] = "*",
        ['∕'] = "/",
        ['⁄'] = "/",
        ['√'] = @"\sqrt ",
        ['π'] = @"\pi ",
        ['∞'] = @"\infty ",
        ['≤'] = @"\le ",
        ['≥'] = @"\ge ",
        ['≦'] = @"\le ",
        ['≧'] = @"\ge ",
        ['⩽'] = @"\le ",
        ['⩾'] = @"\ge ",
        ['≠'] = @"\ne ",
        ['≈'] = @"\approx ",
        ['≅'] = @"\approx ",
        ['≃'] = @"\approx ",
        ['≡'] = @"\equiv ",
        ['∪'] = @"\cup ",
        ['∩'] = @"\cap ",
        ['∖'] = @"\setminus ",
        ['∈'] = @"\in ",
        ['∉'] = @"\notin ",
        ['∅'] = @"\emptyset ",
        ['±'] = @"\pm ",
        ['∓'] = @"\mp ",
        ['°'] = @"^\circ ",
        ['º'] = @"^\circ ",
        ['%'] = "%",
        ['％'] = "%",
        ['½'] = @"\frac{1}{2}",
        ['¼'] = @"\frac{1}{4}",
        ['¾'] = @"\frac{3}{4}",
        ['⅓'] = @"\frac{1}{3}",
        ['⅔'] = @"\frac{2}{3}",
        ['⅛'] = @"\frac{1}{8}",
        ['⅕'] = @"\frac{1}{5}",
        ['（'] = "(",
        ['）'] = ")",
        ['，'] = ",",
        ['；'] = ";",
        ['：'] = ":",
        ['＝'] = "=",
        ['＋'] = "+",
        ['、'] = ",",
        ['．'] = ".",
        ['。'] = ".",
        ['\u00a0'] = " ",
        ['\u2009'] = " ",
        ['\u202f'] = " ",
        ['\u3000'] = " ",
        ['“'] = "\"",
        ['”'] = "\"",
        ['’'] = "'",
        ['‘'] = "'",
        ['→'] = @"\to ",
        ['⇒'] = @"\Rightarrow ",
        ['∠'] = @"\angle ",
        ['△'] = @"\triangle ",
        ['α'] = @"\alpha ",
        ['β'] = @"\beta ",
        ['γ'] = @"\gamma ",
        ['δ'] = @"\delta ",
        ['ε'] = @"\epsilon ",
        ['θ'] = @"\theta ",
        ['λ'] = @"\lambda ",
        ['μ'] = @"\mu ",
        ['ρ'] = @"\rho ",
        ['σ'] = @"\sigma ",
        ['τ'] = @"\tau ",
        ['φ'] = @"\phi ",
        ['ϕ'] = @"\phi ",
        ['ω'] = @"\omega ",
        ['Δ'] = @"\Delta ",
        ['Σ'] = @"\Sigma ",
        ['Ω'] = @"\Omega ",
        ['ℝ'] = @"\mathbb{R}",
        ['ℤ'] = @"\mathbb{Z}",
        ['ℕ'] = @"\mathbb{N}",
        ['ℚ'] = @"\mathbb{Q}",
        ['ℂ'] = @"\mathbb{C}",
        ['…'] = @"\ldots ",
        ['⌊'] = @"\lfloor ",
        ['⌋'] = @"\rfloor ",
        ['⌈'] = @"\lceil ",
        ['⌉'] = @"\rceil ",
        ['⟨'] = @"\langle ",
        ['⟩'] = @"\rangle ",
    };

    /// <summary>The text in ASCII as far as it is known.</summary>
    public static string ToLatex(string text)
    {
        if (!text.Any(c => c > '~'))
        {
            return text;
        }

        var result = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length; i++)
        {
            if (Script(text, i, Superscripts, '^', result) is var raised and > 0)
            {
                i += raised - 1;
            }
            else if (Script(text, i, Subscripts, '_', result) is var lowered and > 0)
            {
                i += lowered - 1;
            }
            else
            {
                _ = s_latex.TryGetValue(text[i], out var latex) ? result.Append(latex) : result.Append(text[i]);
            }
        }

        return result.ToString();
    }

    // A run of small digits as one group; its length.
    private static int Script(string text, int start, string small, char sign, StringBuilder result)
    {
        var end = start;
        while (end < text.Length && small.Contains(text[end], StringComparison.Ordinal))
        {
            end++;
        }

        if (end > start)
        {
            result.Append(sign).Append('{');
            for (var i = start; i < end; i++)
            {
                result.Append(Plain[small.IndexOf(text[i], StringComparison.Ordinal)]);
            }

            result.Append('}');
        }

        return end - start;
    }
}
