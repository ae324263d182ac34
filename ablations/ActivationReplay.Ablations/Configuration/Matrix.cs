using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>
/// The product of methods and axes. A method has the axes that its settings have, so that cells which would be equal are one;
/// <c>exclude</c> takes cells away, <c>include</c> adds single ones.
/// </summary>
internal sealed class Matrix
{
    private readonly YamlKeys keys;
    private readonly int modelLayers;
    private readonly IReadOnlyList<Axis> axes;

    private Matrix(YamlKeys keys, int modelLayers)
    {
        (this.keys, this.modelLayers) = (keys, modelLayers);
        axes =
        [
            .. keys.Values.Where(v => v.Key.StartsWith(SettingKeys.Section, StringComparison.Ordinal))
                .Select(v => new Axis(SettingKeys.Find(v.Value[0], v.Key[SettingKeys.Section.Length..]), v.Value))
                .OrderBy(a => SettingKeys.All.Index().First(k => k.Item == a.Key).Index),
        ];
        if (axes.GroupBy(a => a.Key).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new ConfigurationException(
                twice.Last().Values[0].File, twice.Last().Values[0].Line, $"{twice.Last().Values[0].Key} is the former name of {SettingKeys.Section}{twice.Key.Name}; leave one of them out");
        }
    }

    /// <summary>The cells, in the order of the methods; equal ones once.</summary>
    /// <param name="baselines">Methods that come first.</param>
    /// <param name="methods">The others.</param>
    /// <param name="keys">Axes and rules.</param>
    /// <param name="modelLayers">L, for defaults.</param>
    public static IReadOnlyList<Cell> Build(
        IReadOnlyList<ConfigValue> baselines, IReadOnlyList<ConfigValue> methods, YamlKeys keys, int modelLayers) =>
        new Matrix(keys, modelLayers).Cells([.. baselines, .. methods]);

    private IReadOnlyList<Cell> Cells(IReadOnlyList<ConfigValue> methods)
    {
        var chosen = methods.Select(Method)
            .SelectMany(method => Product([.. axes.Where(a => a.Key.IsOf(Defaults(method)))]).Select(values => new Choice(method, values)))
            .ToList();
        var excluded = Rules("exclude");
        chosen.RemoveAll(choice => excluded.Exists(rule => Matches(rule, choice)));
        chosen.AddRange(Rules("include").Select(Included));
        var distinct = chosen.Select(c => (Choice: c, Settings: SettingsOf(c)))
            .DistinctBy(c => SettingKeys.Canonical(c.Choice.Method, c.Settings))
            .ToList();
        IReadOnlyList<Choice> all = [.. distinct.Select(c => c.Choice)];
        return [.. distinct.Select(c => new Cell(Name(c.Choice, all), c.Choice.Method, c.Settings))];
    }

    private static IReplayMethod Method(ConfigValue name) => ReplayMethods.Get(name.OneOf(ReplayMethods.Ids));

    private MethodSettings Defaults(IReplayMethod method) => method.Defaults(modelLayers);

    private static IEnumerable<IReadOnlyDictionary<SettingKey, ConfigValue>> Product(IReadOnlyList<Axis> axes)
    {
        IEnumerable<Dictionary<SettingKey, ConfigValue>> cells = [[]];
        foreach (var (key, values) in axes)
        {
            cells = cells.SelectMany(cell => values.Select(v => new Dictionary<SettingKey, ConfigValue>(cell) { [key] = v }));
        }

        return cells;
    }

    private List<Rule> Rules(string name)
    {
        var rules = new List<Rule>();
        foreach (var entry in keys.Rules.GetValueOrDefault(name) ?? [])
        {
            var method = entry.TryGetValue("method", out var named) ? Method(named) : null;
            var values = entry.Where(e => e.Key != "method").ToDictionary(e => SettingKeys.Find(e.Value, e.Key), e => e.Value);
            foreach (var (key, value) in values)
            {
                // Whether the value is allowed, whichever method has it.
                key.Set(ReplayMethods.Ids.Select(id => Defaults(ReplayMethods.Get(id))).First(key.IsOf), value, modelLayers);
            }

            rules.Add(new Rule(method, values));
        }

        return rules;
    }

    private static bool Matches(Rule rule, Choice choice) =>
        (rule.Method is null || rule.Method == choice.Method)
        && rule.Values.All(r => choice.Values.TryGetValue(r.Key, out var value) && value.Equals(r.Value.Text));

    // An included cell takes the first value of each axis that it does not name.
    private Choice Included(Rule rule)
    {
        var method = rule.Method ?? ReplayMethods.Get("replay");
        var values = axes.Where(a => a.Key.IsOf(Defaults(method))).ToDictionary(a => a.Key, a => a.Values[0]);
        foreach (var (key, value) in rule.Values)
        {
            values[key] = key.IsOf(Defaults(method))
                ? value
                : throw new ConfigurationException(
                    value.File, value.Line, $"{value.Key}: {method.Id} has no such setting; it has {string.Join(", ", SettingKeys.Of(Defaults(method)).Select(k => k.Name))}");
        }

        return new Choice(method, values);
    }

    private MethodSettings SettingsOf(Choice choice) => SettingKeys.All.Where(choice.Values.ContainsKey)
        .Aggregate(Defaults(choice.Method), (settings, key) => key.Set(settings, choice.Values[key], modelLayers));

    // The method, and what tells it from its other cells.
    private static string Name(Choice choice, IReadOnlyList<Choice> all)
    {
        var same = all.Where(c => c.Method == choice.Method).ToList();
        var differing = choice.Values.Where(v => same.Exists(c => c.Values.GetValueOrDefault(v.Key)?.Text != v.Value.Text));
        return string.Join(' ', differing.Select(v => $"{v.Key.Name}={v.Value.Text.Replace(' ', ',')}").Prepend(choice.Method.Id));
    }

    private sealed record Axis(SettingKey Key, IReadOnlyList<ConfigValue> Values);

    private sealed record Rule(IReplayMethod? Method, IReadOnlyDictionary<SettingKey, ConfigValue> Values);

    private sealed record Choice(IReplayMethod Method, IReadOnlyDictionary<SettingKey, ConfigValue> Values);
}
