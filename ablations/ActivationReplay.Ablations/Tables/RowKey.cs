using System.Globalization;
using ActivationReplay.Ablations.Configuration;

namespace ActivationReplay.Ablations.Tables;

/// <summary>
/// A row of the joined table: a method with all its settings, its tool, and how answers are drawn. Cells of several runs are one row
/// where these are equal, whatever the runs call them.
/// </summary>
/// <param name="Method">The method.</param>
/// <param name="Settings">By name, in the order of <see cref="SettingKeys"/>.</param>
internal sealed record RowKey(string Method, IReadOnlyList<(string Name, string Value)> Settings)
{
    /// <summary>The settings in a line; with the method, equal exactly where rows are.</summary>
    public string Text { get; } = string.Join("; ", Settings.Select(s => $"{s.Name}={s.Value}"));

    /// <summary>The row of a cell.</summary>
    public static RowKey Of(RunConfig config, Cell cell) => new(
        cell.Method.Id,
        [
            .. SettingKeys.Of(cell.Settings).Select(k => (k.Name, Value: k.Text(cell.Settings))).Where(s => s.Value is not null).Select(s => (s.Name, s.Value!)),
            .. cell.Tool is { } tool ? [("tool", tool)] : Array.Empty<(string, string)>(),
            .. Drawing(config),
        ]);

    /// <summary>The method, and what tells it from other rows of the method.</summary>
    /// <param name="others">The rows among which it stands.</param>
    public string Label(IEnumerable<RowKey> others)
    {
        var same = others.Where(o => o.Method == Method).ToList();
        return string.Join(' ', Settings
            .Where(s => same.Exists(o => !o.Settings.Contains(s)))
            .Select(s => $"{s.Name}={s.Value.Replace(' ', ',')}")
            .Prepend(Method));
    }

    /// <inheritdoc/>
    public bool Equals(RowKey? other) => other is not null && Method == other.Method && Text == other.Text;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Method, Text);

    private static IEnumerable<(string Name, string Value)> Drawing(RunConfig config)
    {
        var g = config.Generation;
        yield return ("temperature", Number(g.Temperature));
        if (g.Temperature > 0)
        {
            yield return ("top-p", Number(g.TopP));
            yield return ("top-k", Number(g.TopK));
        }
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
