using System.Reflection;
using NUnit.Framework;

namespace ActivationReplay.Verification.Tests.Choices;

/// <summary>
/// Tables of outputs with the verdict that a careful reader gives. A block begins with <c># name | A=text | B=text</c>, without options where they are
/// drawn in the picture. A line is the letter (letters as <c>A, C</c>, or <c>-</c> where the output decides for none), a tab, and the output with <c>\n</c> for
/// line ends. The reference is that letter, or what stands after <c>/ref=</c>.
/// </summary>
internal static class ChoiceTables
{
    public static IEnumerable<TestCaseData> All()
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.EndsWith(".txt", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            foreach (var data in Read(reader.ReadToEnd().Split('\n')))
            {
                yield return data;
            }
        }
    }

    private static IEnumerable<TestCaseData> Read(IEnumerable<string> lines)
    {
        Dictionary<string, string>? choices = null;
        var block = "";
        foreach (var line in lines.Select(l => l.TrimEnd('\r')))
        {
            if (line.StartsWith("# ", StringComparison.Ordinal))
            {
                var parts = line[2..].Split('|');
                block = parts[0].Trim();
                choices = parts.Length == 1 ? null : parts[1..].Select(p => p.Split('=', 2)).ToDictionary(p => p[0].Trim(), p => p[1].Trim());
            }
            else if (line.Split('\t', 2) is [var verdict, var output])
            {
                var letters = verdict.Split("/ref=")[0];
                var reference = verdict.Contains("/ref=", StringComparison.Ordinal) ? verdict.Split("/ref=")[1] : letters == "-" ? "A" : letters;
                yield return new TestCaseData(choices, reference, output.Replace("\\n", "\n", StringComparison.Ordinal), letters == "-" ? null : letters)
                    .SetArgDisplayNames(block, reference, output, letters);
            }
        }
    }
}
