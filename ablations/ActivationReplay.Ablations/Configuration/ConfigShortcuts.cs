namespace ActivationReplay.Ablations.Configuration;

/// <summary>Options of the command line that set one key each.</summary>
internal static class ConfigShortcuts
{
    public static IReadOnlyList<(string Key, string[] Names, string Description)> All { get; } =
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

    /// <summary>The short way to set a key, or null.</summary>
    public static string? OptionOf(string key) => All.FirstOrDefault(s => s.Key == key).Names?[0];
}
