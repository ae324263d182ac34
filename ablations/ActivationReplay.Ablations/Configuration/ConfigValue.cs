using System.Globalization;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>One scalar of a configuration, with where it stands.</summary>
/// <param name="File">The file, or <c>--set</c>.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Key">Dotted, as in <c>replay.layers</c>.</param>
/// <param name="Text">As written.</param>
internal sealed record ConfigValue(string File, long Line, string Key, string Text)
{
    public ConfigurationException Wrong(string allowed) => new(File, Line, $"{Key} is '{Text}'; allowed: {allowed}");

    public int Whole(int least, string? allowed = null) =>
        int.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least
            ? value
            : throw Wrong(allowed ?? string.Create(CultureInfo.InvariantCulture, $"a whole number from {least}"));

    public double Number(Func<double, bool> fits, string allowed) =>
        double.TryParse(Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) && fits(value)
            ? value
            : throw Wrong(allowed);

    public ulong Seed() =>
        ulong.TryParse(Text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw Wrong("a whole number from 0");

    public bool Truth() => Text switch
    {
        "true" => true,
        "false" => false,
        _ => throw Wrong("true, false"),
    };

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

        throw Wrong(string.Join(", ", Enum.GetValues<T>().Select(Kebab)));
    }

    public string OneOf(IReadOnlyCollection<string> allowed) =>
        allowed.Contains(Text) ? Text : throw Wrong(string.Join(", ", allowed));

    /// <summary>MaxFraction → max-fraction.</summary>
    public static string Kebab<T>(T value)
        where T : struct, Enum =>
        string.Concat(value.ToString().Select((c, i) => char.IsUpper(c) ? (i > 0 ? "-" : "") + char.ToLowerInvariant(c) : c.ToString()));
}
