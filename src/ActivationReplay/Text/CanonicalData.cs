using System.Globalization;

namespace ActivationReplay.Text;

/// <summary>The data of each character for normalisation form C, read once from <c>unicode-9-canonical.txt</c>.</summary>
internal static class CanonicalData
{
    private const string Resource = "ActivationReplay.Text.unicode-9-canonical.txt";
    private static readonly Dictionary<int, byte> s_classes = [];
    private static readonly Dictionary<int, int[]> s_decompositions = []; // one step
    private static readonly Dictionary<(int First, int Second), int> s_compositions = [];
    private static readonly HashSet<int> s_unstable = [];

    static CanonicalData()
    {
        using var stream = typeof(CanonicalData).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The resource {Resource} is missing from the assembly.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
            {
                Add(line.Split(' '));
            }
        }
    }

    /// <summary>The canonical combining class; 0 for starters.</summary>
    public static byte ClassOf(int value) => s_classes.GetValueOrDefault(value);

    /// <summary>True where a character that stands in a normalised text as it is may still change it, or change.</summary>
    public static bool IsUnstable(int value) => s_unstable.Contains(value) || s_classes.ContainsKey(value);

    /// <summary>The character that two others compose to, Hangul aside.</summary>
    public static bool TryCompose(int first, int second, out int joined) =>
        s_compositions.TryGetValue((first, second), out joined);

    /// <summary>Appends the full canonical decomposition, Hangul aside; the character itself where it has none.</summary>
    public static void Decompose(int value, List<int> parts)
    {
        if (!s_decompositions.TryGetValue(value, out var step))
        {
            parts.Add(value);
            return;
        }

        foreach (var part in step)
        {
            Decompose(part, parts);
        }
    }

    private static void Add(string[] fields)
    {
        if (fields[0] == "C")
        {
            var combiningClass = byte.Parse(fields[1], CultureInfo.InvariantCulture);
            for (var value = Hex(fields[2]); value <= Hex(fields[3]); value++)
            {
                s_classes[value] = combiningClass;
            }

            return;
        }

        var composed = Hex(fields[1]);
        int[] parts = [.. fields.Skip(2).Select(Hex)];
        s_decompositions[composed] = parts;
        if (fields[0] == "D")
        {
            s_compositions[(parts[0], parts[1])] = composed;
            s_unstable.Add(parts[1]);
        }
        else
        {
            s_unstable.Add(composed);
        }
    }

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
