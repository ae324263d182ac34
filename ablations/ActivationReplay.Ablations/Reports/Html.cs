using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace ActivationReplay.Ablations.Reports;

/// <summary>
/// HTML as a tree: text and attributes are escaped when it is written, so that what a model or a data set says can never
/// become markup.
/// </summary>
internal static class Html
{
    private static readonly HashSet<string> Void = ["br", "hr", "img", "meta", "source"];

    /// <summary>An element of a class; content as <see cref="XElement"/> takes it: text, elements, attributes, lists.</summary>
    public static XElement Tag(string name, string? style, params object?[] content) => new(
        name, style is null ? null : new XAttribute("class", style), content);

    /// <summary>An attribute.</summary>
    public static XAttribute Attribute(string name, object value) => new(name, value);

    /// <summary>A picture in the page itself.</summary>
    public static string DataUri(string type, byte[] bytes) => $"data:{type};base64,{Convert.ToBase64String(bytes)}";

    /// <summary>The markup.</summary>
    public static string Write(XElement root)
    {
        foreach (var element in root.DescendantsAndSelf())
        {
            // <div/> would stay open in HTML.
            if (element.IsEmpty && !Void.Contains(element.Name.LocalName))
            {
                element.Value = "";
            }

            foreach (var attribute in element.Attributes())
            {
                attribute.Value = Clean(attribute.Value);
            }
        }

        foreach (var text in root.DescendantNodes().OfType<XText>())
        {
            text.Value = Clean(text.Value);
        }

        return root.ToString(SaveOptions.DisableFormatting);
    }

    // Control characters and halves of pairs, which no markup can carry, become U+FFFD.
    private static string Clean(string text)
    {
        if (text.All(XmlConvert.IsXmlChar))
        {
            return text;
        }

        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            clean.Append(rune.Value > char.MaxValue || XmlConvert.IsXmlChar((char)rune.Value) ? rune.ToString() : "\uFFFD");
        }

        return clean.ToString();
    }
}
