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

    private readonly IReadOnlyList<(Option<string?> Option, string Key)> shortcuts =
    [
        (new("--pair", "-p") { Description = "Folder with base/ and rlvr/ checkpoints (Hugging Face safetensors)." }, "pair.path"),
        (new("--base") { Description = "The base checkpoint's folder." }, "pair.base"),
        (new("--rlvr") { Description = "The RLVR checkpoint's folder." }, "pair.rlvr"),
        (new("--device") { Description = "cpu, cuda or cuda:N." }, "pair.device"),
        (new("--dtype") { Description = "float32, bfloat16 or stored." }, "pair.dtype"),
        (new("--threads") { Description = "Threads of CPU tensor operations; 0 chooses by the model's size." }, "pair.threads"),
        (new("--dataset", "-d") { Description = "The data set's file." }, "dataset.path"),
        (new("--limit") { Description = "Only the first N questions." }, "dataset.limit"),
        (new("--seed") { Description = "Decides every draw of generation." }, "seed"),
        (new("--system-prompt-file") { Description = "A file whose text is the system message." }, "prompt.system-prompt-file"),
        (new("--max-new-tokens") { Description = "Tokens after which an answer is cut off." }, "generation.max-new-tokens"),
        (new("--temperature") { Description = "0 is greedy." }, "generation.temperature"),
        (new("--samples", "-n") { Description = "Answers to each question." }, "generation.samples"),
        (new("--methods", "-m") { Description = "Methods, commas between." }, "methods"),
    ];

    public void AddTo(Command command)
    {
        command.Arguments.Add(file);
        command.Options.Add(set);
        foreach (var (option, _) in shortcuts)
        {
            command.Options.Add(option);
        }
    }

    /// <exception cref="ConfigurationException">Something is wrong with the file or an override.</exception>
    public RunConfig Read(ParseResult parsed)
    {
        var overrides = shortcuts
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
