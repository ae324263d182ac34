using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>
/// The product of methods and axes. A method has the axes that it uses, so that cells which would be equal are one;
/// <c>exclude</c> takes cells away, <c>include</c> adds single ones.
/// </summary>
internal static class Matrix
{
    public static IReadOnlyList<Cell> Build(IReadOnlyList<ConfigValue> baselines, IReadOnlyList<ConfigValue> methods, YamlKeys keys)
    {
        var axes = Axes(keys);
        var chosen = new List<(string Method, IReadOnlyDictionary<string, ConfigValue> Values)>();
        foreach (var method in baselines.Concat(methods))
        {
            var name = method.OneOf(ReplayMethods.Ids);
            chosen.AddRange(Product([.. axes.Where(a => Applies(a.Axis, name))]).Select(values => (name, values)));
        }

        var excluded = Rules(keys, "exclude");
        chosen.RemoveAll(cell => excluded.Exists(rule => Matches(rule, cell.Method, cell.Values)));
        chosen.AddRange(Rules(keys, "include").Select(rule => Included(rule, axes)));
        var distinct = chosen
            .Select(c => (c.Method, Settings: Settings(c.Method, c.Values), c.Values))
            .DistinctBy(c => (c.Method, Canonical.Of(c.Method, c.Settings)))
            .ToList();
        return [.. distinct.Select(c => new Cell(Name(c.Method, c.Values, distinct), c.Method, c.Settings))];
    }

    private static List<(ReplayAxis Axis, IReadOnlyList<ConfigValue> Values)> Axes(YamlKeys keys) =>
    [
        .. keys.Values.Where(v => v.Key.StartsWith("replay.", StringComparison.Ordinal))
            .Select(v => (ReplayAxes.Find(v.Value[0], v.Key["replay.".Length..]), v.Value))
            .OrderBy(a => ReplayAxes.All.Index().First(x => x.Item == a.Item1).Index),
    ];

    private static bool Applies(ReplayAxis axis, string method) => (ReplayMethods.Get(method).Uses & axis.Uses) != 0;

    private static IEnumerable<IReadOnlyDictionary<string, ConfigValue>> Product(
        IReadOnlyList<(ReplayAxis Axis, IReadOnlyList<ConfigValue> Values)> axes)
    {
        IEnumerable<Dictionary<string, ConfigValue>> cells = [[]];
        foreach (var (axis, values) in axes)
        {
            cells = cells.SelectMany(cell => values.Select(v => new Dictionary<string, ConfigValue>(cell) { [axis.Key] = v }));
        }

        return cells;
    }

    private static List<IReadOnlyDictionary<string, ConfigValue>> Rules(YamlKeys keys, string name)
    {
        var rules = keys.Rules.GetValueOrDefault(name) ?? [];
        foreach (var (key, value) in rules.SelectMany(r => r))
        {
            if (key == "method")
            {
                value.OneOf(ReplayMethods.Ids);
            }
            else
            {
                ReplayAxes.Find(value, key).Apply(new ReplaySettings(), value);
            }
        }

        return rules;
    }

    private static bool Matches(
        IReadOnlyDictionary<string, ConfigValue> rule, string method, IReadOnlyDictionary<string, ConfigValue> values) =>
        rule.All(r => r.Key == "method" ? r.Value.Text == method : values.TryGetValue(r.Key, out var v) && v.Equals(r.Value.Text));

    // An included cell takes the first value of each axis that it does not name.
    private static (string Method, IReadOnlyDictionary<string, ConfigValue> Values) Included(
        IReadOnlyDictionary<string, ConfigValue> rule, IReadOnlyList<(ReplayAxis Axis, IReadOnlyList<ConfigValue> Values)> axes)
    {
        var method = rule.TryGetValue("method", out var named) ? named.OneOf(ReplayMethods.Ids) : "replay";
        var values = axes.Where(a => Applies(a.Axis, method)).ToDictionary(a => a.Axis.Key, a => a.Values[0]);
        foreach (var (key, value) in rule.Where(r => r.Key != "method"))
        {
            values[key] = value;
        }

        return (method, values);
    }

    private static ReplaySettings Settings(string method, IReadOnlyDictionary<string, ConfigValue> values)
    {
        var settings = ReplayAxes.All.Where(a => values.ContainsKey(a.Key))
            .Aggregate(new ReplaySettings(), (s, axis) => axis.Apply(s, values[axis.Key]));
        return ReplayMethods.Get(method).Effective(settings);
    }

    // The method, and what tells it from its other cells.
    private static string Name(
        string method,
        IReadOnlyDictionary<string, ConfigValue> values,
        IReadOnlyList<(string Method, ReplaySettings Settings, IReadOnlyDictionary<string, ConfigValue> Values)> all)
    {
        var same = all.Where(c => c.Method == method).ToList();
        var differing = values.Where(v => same.Exists(c => c.Values.GetValueOrDefault(v.Key)?.Text != v.Value.Text));
        return string.Join(' ', differing.Select(v => $"{v.Key}={v.Value.Text.Replace(' ', ',')}").Prepend(method));
    }
}
