using System.CommandLine;
using ActivationReplay.Ablations.Configuration;

namespace ActivationReplay.Ablations.Commands;

/// <summary>Options of the command line that stand for a key of configurations each.</summary>
internal sealed class KeyOptions
{
    private readonly IReadOnlyList<(Option<string?> Option, string Key, bool IsList)> options;

    private KeyOptions(IEnumerable<(Option<string?> Option, string Key, bool IsList)> options) => this.options = [.. options];

    /// <summary>The options of all keys, or of those in some sections.</summary>
    /// <param name="sections">Parts of keys before the dot, and keys without one; none for all.</param>
    public static KeyOptions Of(params string[] sections) =>
        Of(ConfigKeys.All.Where(k => sections.Length == 0 || sections.Contains(k.Section)));

    /// <summary>The options of keys that have one.</summary>
    public static KeyOptions Of(IEnumerable<ConfigKey> keys) => new(keys
        .Where(k => k.Options.Length > 0)
        .Select(k => (Option(k.Options[0], k.Options[1..], k.Description ?? k.Kind.Words), k.Name, k.IsList)));

    /// <summary>The options of the settings of methods.</summary>
    /// <param name="except">Names that another option of the command has.</param>
    public static KeyOptions OfSettings(params string[] except) => new(SettingKeys.All
        .Where(k => !except.Contains(k.Name))
        .Select(k => (
            Option($"--{k.Name}", k.FormerName is { } former ? [$"--{former}"] : [], $"{k.Description} Allowed: {k.Kind.Words}."),
            SettingKeys.Section + k.Name,
            false)));

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var (option, _, _) in options)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The values that were given, a list a key.</summary>
    public IEnumerable<IReadOnlyList<ConfigValue>> Given(ParseResult parsed) =>
        from o in options
        let text = parsed.GetValue(o.Option)
        where text is not null
        select (IReadOnlyList<ConfigValue>)[.. (o.IsList ? text.Split(',', StringSplitOptions.TrimEntries) : [text])
            .Select(part => ConfigValue.OfOption(o.Option.Name, o.Key, part))];

    /// <summary>The options that were given, each with its value in one argument, whatever the value begins with.</summary>
    public IEnumerable<string> Arguments(ParseResult parsed) =>
        from o in options
        let text = parsed.GetValue(o.Option)
        where text is not null
        select $"{o.Option.Name}={text}";

    /// <summary>The keys that were given.</summary>
    public YamlKeys Keys(ParseResult parsed) => YamlKeys.OfOptions(Given(parsed).Select(v => v[0]));

    private static Option<string?> Option(string name, string[] aliases, string description) => new(name, aliases) { Description = description };
}
