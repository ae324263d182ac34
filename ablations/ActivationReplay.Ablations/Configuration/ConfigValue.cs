using System.Globalization;
using ActivationReplay.Checkpoints;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>Where a key stands.</summary>
/// <param name="File">The file, or <c>--set</c>.</param>
/// <param name="Line">The line, from 1; 0 on the command line.</param>
internal readonly record struct ConfigPlace(string File, long Line)
{
    public ConfigurationException Error(string problem) => new(File, Line, problem);
}

/// <summary>One scalar of a configuration, with where it stands.</summary>
/// <param name="File">The file, or <c>--set</c>.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Key">Dotted, as in <c>replay.layers</c>.</param>
/// <param name="Text">As written.</param>
internal sealed record ConfigValue(string File, long Line, string Key, string Text)
{
    /// <summary>Whether the key stands without a value.</summary>
    public bool IsEmpty { get; init; }

    // An option of its own names the key.
    private bool IsOption => IsOverride && File.StartsWith("--", StringComparison.Ordinal) && File != "--set";

    /// <summary>The value of an option of the command line.</summary>
    public static ConfigValue OfOption(string option, string key, string text) => new(option, 0, key, text) { IsEmpty = text.Length == 0 };

    /// <summary>Whether it was given on the command line.</summary>
    public bool IsOverride => Line == 0;

    public ConfigurationException Wrong(string allowed) =>
        new(File, Line, $"{(IsOption ? "" : $"{Key} is ")}'{Text}'; allowed: {allowed}");

    /// <summary>Whether another text means the same: 0.5 and 0.50 do.</summary>
    public bool Equals(string text) => Text == text || (Parse(Text) is { } own && own == Parse(text));

    private static double? Parse(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>As a path: of a file relative to its folder, of the command line to the working folder.</summary>
    public string Located() => IsOverride
        ? Path.GetFullPath(Text)
        : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(File))!, Text));

    /// <summary>
    /// As a checkpoint: the folder, located as a path, where one is there; else an id of the hub with its scheme, so that no folder
    /// elsewhere is taken for it; else the path.
    /// </summary>
    public string Checkpoint() => !Directory.Exists(Located()) && HubId.Parse(Text) is { } id ? id.ToString() : Located();

    /// <summary>The path of a file that is there, else the text.</summary>
    public string FileOrText() => System.IO.File.Exists(Located()) ? Located() : Text;

    public int Whole(int least, string? allowed = null) =>
        int.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least
            ? value
            : throw Wrong(allowed ?? string.Create(CultureInfo.InvariantCulture, $"a whole number from {least}"));

    public double Number(Func<double, bool> fits, string allowed) =>
        double.TryParse(Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) && fits(value)
            ? value
            : throw Wrong(allowed);

    public double Share() => Number(n => n is > 0 and <= 1, ValueKind.Share.Words);

    public ulong Seed() =>
        ulong.TryParse(Text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw Wrong("a whole number from 0");

    public T OneOf<T>()
        where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
        {
            if (Kebab(value) == Text)
            {
                return value;
            }
        }

        throw Wrong(string.Join(", ", Enum.GetValues<T>().Select(v => Kebab(v))));
    }

    public string OneOf(IReadOnlyCollection<string> allowed) =>
        allowed.Contains(Text) ? Text : throw Wrong(string.Join(", ", allowed));

    /// <summary>MaxFraction → max-fraction.</summary>
    public static string Kebab(Enum value) =>
        string.Concat(value.ToString().Select((c, i) => char.IsUpper(c) ? (i > 0 ? "-" : "") + char.ToLowerInvariant(c) : c.ToString()));
}
