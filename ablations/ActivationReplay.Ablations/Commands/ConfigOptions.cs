using System.CommandLine;
using ActivationReplay.Ablations.Configuration;

namespace ActivationReplay.Ablations.Commands;

/// <summary>A configuration file and the short ways to change it; each is a <c>--set</c> of its key.</summary>
internal sealed class ConfigOptions
{
    private readonly Argument<string> file = new("CONFIG")
    {
        Description = "A YAML file, or the name of one in ablations/configs.",
        Arity = ArgumentArity.ZeroOrOne,
        DefaultValueFactory = _ => "quick",
    };

    private readonly Option<string[]> set = new("--set", "-s")
    {
        Description = "KEY=VALUE or KEY=[A, B], for example replay.iterations=10. May be given again.",
    };

    private readonly IReadOnlyList<(Option<string?> Option, string Key)> options =
        [.. ConfigShortcuts.All.Select(s => (new Option<string?>(s.Names[0], s.Names[1..]) { Description = s.Description }, s.Key))];

    public void AddTo(Command command)
    {
        command.Arguments.Add(file);
        command.Options.Add(set);
        foreach (var (option, _) in options)
        {
            command.Options.Add(option);
        }
    }

    /// <exception cref="ConfigurationException">Something is wrong with the file or an override.</exception>
    public RunConfig Read(ParseResult parsed)
    {
        var overrides = options
            .Select(s => (s.Key, Value: parsed.GetValue(s.Option)))
            .Where(s => s.Value is not null)
            .Select(s => s.Key == "methods" ? $"methods=[{s.Value}]" : $"{s.Key}={s.Value}");
        return RunConfigReader.Read(Locate(parsed.GetRequiredValue(file)), [.. overrides, .. parsed.GetValue(set) ?? []]);
    }

    private static string Locate(string name)
    {
        var shipped = RepositoryPaths.Find("ablations", "configs", name + ".yaml");
        return !File.Exists(name) && File.Exists(shipped) ? shipped : name;
    }
}
