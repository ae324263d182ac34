using System.Globalization;
using ActivationReplay.Evaluation.Agents;
using ActivationReplay.Generation;
using ActivationReplay.Inputs;
using ActivationReplay.Native;
using ActivationReplay.Replay.Methods;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>Every key beside the settings of methods; command line, schema and columns are made from them.</summary>
internal static class ConfigKeys
{
    /// <summary>The types that weights are computed in.</summary>
    public static IReadOnlyList<string> Dtypes { get; } = ["float32", "bfloat16", "stored"];

    private const string CheckpointForms = "a checkpoint's folder, or ORG/NAME[@REVISION] of the hub";

    /// <summary>What a switch may be.</summary>
    public static IReadOnlyList<string> YesOrNo { get; } = ["true", "false"];

    /// <summary>How answers are generated.</summary>
    public static IReadOnlyList<GenerationKey> Generation { get; } =
    [
        new("generation.max-new-tokens", ValueKind.Whole(1), "Tokens after which an answer is cut off. Published: 2048.",
            g => g.MaxNewTokens, (g, v) => g with { MaxNewTokens = v.Whole(1) }, "--max-new-tokens") { Column = "max_new_tokens" },
        new("generation.temperature", ValueKind.NotNegative("0 is greedy"), "0 is greedy.",
            g => g.Temperature, (g, v) => g with { Temperature = v.Number(n => n >= 0, "a number from 0") }, "--temperature") { Column = "temperature" },
        new("generation.top-p", ValueKind.Share, "Sample from the smallest set of tokens with at least this probability.",
            g => g.TopP, (g, v) => g with { TopP = v.Share() }, "--top-p") { Column = "top_p" },
        new("generation.top-k", ValueKind.Whole(0, "0 is all"), "Sample from this many most likely tokens; 0 is all.",
            g => g.TopK, (g, v) => g with { TopK = v.Whole(0) }, "--top-k") { Column = "top_k" },
        new("generation.samples", ValueKind.Whole(1), "Answers to each question.",
            g => g.Samples, (g, v) => g with { Samples = v.Whole(1) }, "--samples", "-n") { Column = "samples" },
        new("seed", ValueKind.Whole(0), "Decides every draw of generation.", g => g.Seed, (g, v) => g with { Seed = v.Seed() }, "--seed"),
    ];

    /// <summary>Conversations with a tool.</summary>
    public static IReadOnlyList<ConfigKey> Agent { get; } =
    [
        new(AgentConfig.ToolKey, ValueKind.OneOf(AgentTools.Names),
            "Questions are conversations in which the model may call this tool, or none; several make cells of their own.", "--tool")
        {
            IsList = true, Column = "tool", OfCell = c => c.Tool,
        },
        new("agent.turns", ValueKind.Whole(1), "The most turns of the model in a conversation. Published: 11.", "--turns")
        {
            Column = "agent_turns", Read = c => c.Agent?.Turns.ToString(CultureInfo.InvariantCulture),
        },
        new("agent.stop", ValueKind.OneOf<AgentStop>(),
            "A turn that calls ends at the text </tool_call>, or at that text's first token, whatever follows, as in the released code.", "--stop")
        {
            Column = "agent_stop", Read = c => c.Agent is { } agent ? ConfigValue.Kebab(agent.Stop) : null,
        },
        new("agent.coordinates", ValueKind.OneOf<BoxCoordinates>(),
            "A call's numbers are pixels of the original picture, as in the released code, or of the picture as the model sees it.", "--coordinates")
        {
            Column = "agent_coordinates", Read = c => c.Agent is { } agent ? ConfigValue.Kebab(agent.Coordinates) : null,
        },
        new("agent.context", ValueKind.Whole(0, "0 is the positions of the checkpoint"),
            "The most tokens of a conversation, those of the turn to come included.", "--context")
        {
            Column = "agent_context", Read = c => c.Agent?.Context?.ToString(CultureInfo.InvariantCulture),
        },
    ];

    /// <summary>All keys. Methods may be registered between two calls.</summary>
    public static IReadOnlyList<ConfigKey> All =>
    [
        new("name", ValueKind.Text("a folder's name, without / or \\")),
        new("pair.path", ValueKind.Text("a folder with base/ and rlvr/, or ORG/NAME[@REVISION] of the hub"), "Folder with base/ and rlvr/ checkpoints (Hugging Face safetensors), or a pulled model of the hub that has both.", "--pair", "-p"),
        new("pair.base", ValueKind.Text(CheckpointForms), "The base checkpoint, instead of PAIR/base: a folder, or a pulled model of the hub.", "--base")
        {
            Column = "base", Read = c => RunConfig.Named(c.Pair.Base),
        },
        new("pair.rlvr", ValueKind.Text(CheckpointForms), "The RLVR checkpoint, instead of PAIR/rlvr: a folder, or a pulled model of the hub.", "--rlvr")
        {
            Column = "rlvr", Read = c => RunConfig.Named(c.Pair.Rlvr),
        },
        new("pair.dtype", ValueKind.OneOf(Dtypes), "float32, bfloat16 or stored (as in the checkpoint).", "--dtype") { Column = "dtype", Read = c => c.Pair.Dtype },
        new("pair.device", ValueKind.Text(PairDevices.Forms), "cpu, cuda or cuda:N, or one for each model: base=cuda:0,rlvr=cuda:1 (an installed libtorch for CUDA, --libtorch, or a build with -p:Libtorch=cuda).", "--device")
        {
            Column = "device", Read = c => c.Pair.Device,
        },
        new("pair.threads", ValueKind.Whole(0, "0 chooses"),
            "Threads of CPU tensor operations; 0 is 1 for small models, whose operations are shorter than a hand-over, else every core.", "--threads"),
        new("pair.tf32", ValueKind.OneOf(YesOrNo), "Whether a GPU computes float32 as TF32, with 10 bits of mantissa: faster, with errors near 1e-3.", "--tf32")
        {
            Column = "tf32", Read = c => c.Pair.Tf32 ? YesOrNo[0] : YesOrNo[1],
        },
        new("pair.models", ValueKind.OneOf<ModelsInMemory>(),
            "both models in memory, or one at a time: base's recordings of a stretch of questions are written to disk before RLVR is loaded.", "--models"),
        new("pair.memory", ValueKind.Form(MemoryLimit.Words),
            "What may be taken of each device's memory: what is free, or a number of GB. A run that cannot fit is refused; unchecked goes on at your own risk.", "--memory"),
        new("pair.temporal-positions", ValueKind.OneOf<TemporalPositions>(),
            "How the temporal positions of videos count: seconds, or released, which cuts them to whole ones as transformers did before 2026.", "--temporal-positions"),
        new("dataset.path", ValueKind.Text("a .tsv, .jsonl, .json or .parquet file, the NAME of a VLMEvalKit .tsv in LMUData, or TASK:SPLIT:COUNT (tasks: counting, zooming, clips)"),
            "The data set: a .tsv (VLMEvalKit), .jsonl, .json (a list) or .parquet (Hugging Face) file, the NAME of a VLMEvalKit .tsv in LMUData, or TASK:SPLIT:COUNT (tasks: counting, zooming, clips).", "--dataset", "-d")
        {
            Column = "dataset", Read = c => RunConfig.Named(c.Dataset),
        },
        .. VideoKeys.All.Where(k => k.Section == "dataset"),
        new("dataset.limit", ValueKind.Whole(1), "Only the first N questions.", "--limit"),
        new("prompt.system-prompt-file", ValueKind.Text("a text file, or none"), "A file whose text is the system message, or none.", "--system-prompt-file"),
        new("prompt.template-file", ValueKind.Text("a text file with {question}, {options}, {hint}, {form}"),
            "A file with {question}, {options}, {hint} and {form}, instead of VLMEvalKit's prompts.", "--prompt-template"),
        new("prompt.min-pixels", ValueKind.Whole(1), "Smallest area of a picture as the models see it, pixels.", "--min-pixels"),
        new("prompt.max-pixels", ValueKind.Whole(1), "Largest area of a picture as the models see it, pixels.", "--max-pixels"),
        .. VideoKeys.All.Where(k => k.Section == "video"),
        .. Agent,
        .. Generation,
        new("generation.batch", ValueKind.Whole(0, "questions that are answered together, 0 chooses by their answers"),
            "Questions that are answered together; 0 chooses by their answers.", "--batch"),
        new("baselines", ValueKind.OneOf(ReplayMethods.Ids)) { IsList = true },
        new("methods", ValueKind.OneOf(ReplayMethods.Ids), "Methods, commas between.", "--methods", "-m") { IsList = true },
        new(PublishedConfig.SourceKey, ValueKind.Text("where the numbers are from")),
        new(PublishedConfig.NoteKey, ValueKind.Text("what to know of the settings")),
        new(PublishedConfig.MethodKey, ValueKind.OneOf(ReplayMethods.Ids), "The method whose numbers stand last; replay where it is not named."),
        new(PublishedConfig.BenchmarkKey, ValueKind.Text("a benchmark that published lists"),
            "Which published numbers to print beside one's own, for example MathVista.", "--benchmark"),
    ];

    /// <summary>Generation as the keys have it; 64 new tokens where they do not say.</summary>
    public static GenerationSettings ReadGeneration(YamlKeys keys) => Generation
        .Where(k => keys.Values.ContainsKey(k.Name))
        .Aggregate(new GenerationSettings { MaxNewTokens = 64 }, (settings, key) => key.Set(settings, keys.Values[key.Name][0]));

    /// <summary>Generation as text that is equal exactly where the settings are.</summary>
    public static string Canonical(GenerationSettings settings) =>
        string.Join(';', Generation.Select(k => Convert.ToString(k.Value(settings), CultureInfo.InvariantCulture)));

    /// <exception cref="ConfigurationException">A key is unknown or empty, or a list stands where one value belongs.</exception>
    public static void CheckKnown(YamlKeys keys)
    {
        foreach (var (key, values) in keys.Values)
        {
            var place = keys.PlaceOf(key);
            if (values.Count == 0)
            {
                throw place.Error($"{key} is an empty list; name a value or leave the key out");
            }

            if (IsSetting(key) || PublishedConfig.IsBenchmark(key))
            {
                continue;
            }

            var known = Find(key)
                ?? throw place.Error(
                    $"{key} is no key; allowed: {string.Join(", ", All.Select(k => k.Name))}, replay.…, published.BENCHMARK, include, exclude");
            if (values.Count != 1 && !known.IsList)
            {
                throw place.Error($"{key} has {values.Count} values; allowed: one, {known.Kind.Words}");
            }
        }

        CheckSupplied(keys);
    }

    // A key without a value is the user's to supply; all of them are named at once.
    private static void CheckSupplied(YamlKeys keys)
    {
        string[] missing = [.. keys.Values.Where(v => v.Value.Any(x => x.IsEmpty)).Select(v => v.Key)];
        if (missing.Length > 0)
        {
            var ways = missing.Select(key =>
                $"{key} (line {keys.PlaceOf(key).Line}): {Find(key)?.Kind.Words ?? "a value"}, by "
                + (Find(key)?.Options is [var option, ..] ? $"{option} or " : "") + $"--set {key}=…");
            throw keys.PlaceOf(missing[0]).Error($"yours to supply, see the comments there: {string.Join("; ", ways)}");
        }
    }

    private static ConfigKey? Find(string name) => All.FirstOrDefault(k => k.Name == name);

    private static bool IsSetting(string key) => key.StartsWith(SettingKeys.Section, StringComparison.Ordinal);
}
