using ActivationReplay.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>
/// A YAML file as dotted keys, each with one value or a list, and where they stand. Mappings are at most two deep;
/// <c>include</c> and <c>exclude</c> are lists of mappings.
/// </summary>
internal sealed class YamlKeys
{
    // Stream and document count, too.
    private const int Deepest = 16;

    private readonly string file;
    private readonly Dictionary<string, ConfigPlace> places = [];

    private YamlKeys(string file) => this.file = file;

    /// <summary>The keys of options of the command line alone.</summary>
    public static YamlKeys OfOptions(IEnumerable<ConfigValue> options)
    {
        var keys = new YamlKeys("");
        foreach (var option in options)
        {
            keys.Override([option]);
        }

        return keys;
    }

    /// <summary>The value of a key that has one, or null. An empty list is refused with the unknown keys.</summary>
    public ConfigValue? One(string key) => Values.GetValueOrDefault(key) is [var first, ..] ? first : null;

    /// <summary>Replaces a key's values by those of an option.</summary>
    public void Override(IReadOnlyList<ConfigValue> values)
    {
        places[values[0].Key] = new ConfigPlace(values[0].File, 0);
        Values[values[0].Key] = values;
    }

    /// <summary>Values by key, in the order of the file; more than one value makes an axis.</summary>
    public Dictionary<string, IReadOnlyList<ConfigValue>> Values { get; } = [];

    /// <summary>The entries of <c>include</c> and <c>exclude</c>.</summary>
    public Dictionary<string, List<IReadOnlyDictionary<string, ConfigValue>>> Rules { get; } = [];

    /// <summary>Where a key stands.</summary>
    public ConfigPlace PlaceOf(string key) => places[key];

    /// <exception cref="ConfigurationException">The file is not there or no such YAML.</exception>
    public static YamlKeys Read(string file)
    {
        if (!File.Exists(file))
        {
            throw new ConfigurationException(file, 0, "no such file; configurations are YAML, see ablations/configs");
        }

        var keys = new YamlKeys(file);
        var text = TextFile.Read(file);
        try
        {
            CheckDepth(file, text);
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count != 1 || stream.Documents[0].RootNode is not YamlMappingNode root)
            {
                throw new ConfigurationException(file, 1, "one YAML mapping belongs here");
            }

            keys.AddMapping(root);
        }
        catch (YamlException e)
        {
            throw new ConfigurationException(file, e.Start.Line, $"this is not YAML: {e.Message}");
        }

        return keys;
    }

    // YamlDotNet builds its tree by recursion, which deep nesting would end with the process.
    private static void CheckDepth(string file, string text)
    {
        var (parser, depth) = (new Parser(new StringReader(text)), 0);
        while (parser.MoveNext())
        {
            depth += parser.Current!.NestingIncrease;
            if (depth > Deepest)
            {
                throw new ConfigurationException(file, parser.Current.Start.Line, "lists and mappings are nested too deeply; a configuration has at most two in one another");
            }
        }
    }

    /// <summary>Replaces a key's values by <c>KEY=VALUE</c> or <c>KEY=[A, B]</c> of the command line.</summary>
    public void Override(string assignment)
    {
        var at = assignment.IndexOf('=', StringComparison.Ordinal);
        if (at < 1)
        {
            throw new ConfigurationException("--set", 0, $"'{assignment}'; allowed: KEY=VALUE, for example replay.iterations=10");
        }

        var (key, text) = (assignment[..at].Trim(), assignment[(at + 1)..].Trim());
        string[] values = text.StartsWith('[') && text.EndsWith(']') ? text[1..^1].Split(',', StringSplitOptions.TrimEntries) : [text];
        Override([.. values.Select(v => ConfigValue.OfOption("--set", key, v))]);
    }

    private void AddMapping(YamlMappingNode root)
    {
        foreach (var (keyNode, node) in root.Children)
        {
            var key = Text(keyNode);
            if (key is "include" or "exclude")
            {
                Rules[key] = [.. Items(node, key).Select(item => Rule(item, key))];
            }
            else if (node is YamlMappingNode section)
            {
                foreach (var (innerKey, inner) in section.Children)
                {
                    Add($"{key}.{Text(innerKey)}", innerKey, inner);
                }
            }
            else
            {
                Add(key, keyNode, node);
            }
        }
    }

    private void Add(string key, YamlNode keyNode, YamlNode node)
    {
        places[key] = new ConfigPlace(file, keyNode.Start.Line);
        Values[key] = node is YamlSequenceNode list
            ? [.. list.Children.Select(child => Value(key, child))]
            : [Value(key, node)];
    }

    private Dictionary<string, ConfigValue> Rule(YamlNode node, string key) => node is YamlMappingNode mapping
        ? mapping.Children.ToDictionary(c => Text(c.Key), c => Value($"{key}.{Text(c.Key)}", c.Value))
        : throw new ConfigurationException(file, node.Start.Line, $"{key} is a list of mappings, for example - {{ method: replay, layers: 8 }}");

    private IEnumerable<YamlNode> Items(YamlNode node, string key) => node is YamlSequenceNode list
        ? list.Children
        : throw new ConfigurationException(file, node.Start.Line, $"{key} is a list of mappings");

    private ConfigValue Value(string key, YamlNode node) => node is YamlScalarNode { Value: { } text } scalar
        ? new ConfigValue(file, node.Start.Line, key, text) { IsEmpty = scalar.Style == ScalarStyle.Plain && text is "" or "~" or "null" }
        : throw new ConfigurationException(file, node.Start.Line, $"{key}: a value or a list of values belongs here");

    private string Text(YamlNode node) => node is YamlScalarNode { Value: { } text }
        ? text
        : throw new ConfigurationException(file, node.Start.Line, "a key is a plain word");
}
