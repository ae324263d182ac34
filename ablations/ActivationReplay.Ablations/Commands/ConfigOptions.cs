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

    private static readonly IReadOnlyList<(string Key, string[] Names, string Description)> Shortcuts =
    [
        ("pair.path", ["--pair", "-p"], "Folder with base/ and rlvr/ checkpoints (Hugging Face safetensors)."),
        ("pair.base", ["--base"], "The base checkpoint's folder."),
        ("pair.rlvr", ["--rlvr"], "The RLVR checkpoint's folder."),
        ("pair.device", ["--device"], "cpu, cuda or cuda:N."),
        ("pair.dtype", ["--dtype"], "float32, bfloat16 or stored."),
        ("pair.threads", ["--threads"], "Threads of CPU tensor operations; 0 chooses by the model's size."),
        ("dataset.path", ["--dataset", "-d"],
            "The data set: a .tsv (VLMEvalKit), .jsonl or .parquet (Hugging Face) file, or counting:SPLIT:COUNT."),
        ("dataset.limit", ["--limit"], "Only the first N questions."),
        ("seed", ["--seed"], "Decides every draw of generation."),
        ("prompt.system-prompt-file", ["--system-prompt-file"], "A file whose text is the system message, or none."),
        ("prompt.template-file", ["--prompt-template"], "A file with {question}, {options} and {hint}, instead of VLMEvalKit's prompts."),
        ("generation.max-new-tokens", ["--max-new-tokens"], "Tokens after which an answer is cut off."),
        ("generation.temperature", ["--temperature"], "0 is greedy."),
        ("generation.samples", ["--samples", "-n"], "Answers to each question."),
        ("generation.batch", ["--batch"], "Questions that are answered together; 0 chooses by their answers."),
        ("methods", ["--methods", "-m"], "Methods, commas between."),
        (PublishedConfig.BenchmarkKey, ["--benchmark"], "Which published numbers to print beside one's own, for example MathVista."),
    ];

    private readonly IReadOnlyList<(Option<string?> Option, string Key)> options =
        [.. Shortcuts.Select(s => (new Option<string?>(s.Names[0], s.Names[1..]) { Description = s.Description }, s.Key))];

    /// <summary>The short way to set a key, or null.</summary>
    public static string? OptionOf(string key) => Shortcuts.FirstOrDefault(s => s.Key == key).Names?[0];

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
