using System.CommandLine;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.LensReports;
using ActivationReplay.Ablations.Outputs;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Text;
using ActivationReplay.Vision;

namespace ActivationReplay.Ablations.Commands;

/// <summary>The command-line options of <c>lens</c>, without those of the pair.</summary>
internal sealed class LensOptions
{
    private readonly Option<string?> dataset = new("--dataset", "-d")
    {
        Description = "A .tsv (VLMEvalKit), .jsonl or .parquet (Hugging Face) file. Default: the counting questions.",
    };

    private readonly Option<string?> image = new("--image") { Description = "One picture instead of a data set; needs --question." };

    private readonly Option<string?> video = new("--video") { Description = "One video instead of a data set; needs --question." };

    private readonly Option<string?> question = new("--question") { Description = "The question about --image or --video." };

    private readonly Option<string?> run = new("--run")
    {
        Description = "A run of conversations with a tool (its folder, or its name under results/) instead of a data set, with its own pair: the prompts of one turn of each.",
    };

    private readonly Option<int> turn = new("--turn")
    {
        Description = "With --run: the turn whose prompts are compared, all pictures so far in them.",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<string?> cell = new("--cell") { Description = "With --run: whose conversations. Default: none, RLVR by itself." };

    private readonly KeyOptions videos = KeyOptions.Of(VideoKeys.All);

    private readonly Option<int?> limit = new("--limit") { Description = "Only the first N samples." };

    private readonly Option<string?> template = new("--prompt-template")
    {
        Description = "A file with {question}, {options} and {hint}, instead of VLMEvalKit's prompts.",
    };

    private readonly Option<int> pictures = new("--pictures")
    {
        Description = "Draw heat maps on the pictures of the first N samples, and list where the most likely tokens differ. One with --image.",
    };

    private readonly Option<string> positions = new Option<string>("--positions")
    {
        Description = "visual: the pictures' tokens; all: every token of the prompt.",
        DefaultValueFactory = _ => "visual",
    }.AcceptOnlyFromAmong("visual", "all");

    private readonly Option<int> topTokens = new("--top-tokens", "--words")
    {
        Description = "The base model's most likely tokens (K) that the top-K form of the KL compares; 0 is the whole vocabulary.",
        DefaultValueFactory = _ => 50,
    };

    private readonly Option<string?> layers = new("--layers")
    {
        Description = "Layers of the pictures' heat maps: a count N, a range A-B, a list A,B,C, or a part of all states by name (first-third, last and so on). Default: five, evenly spread.",
    };

    private readonly Option<string?> systemPrompt = new("--system-prompt-file") { Description = "A file whose text is the system message." };

    private readonly Option<string?> output = new("--out", "-o") { Description = "New folder for the files; default results/run-lens-TIME." };

    private readonly Option<bool> overwrite = Overwrite.Option();

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { dataset, image, video, question, run, turn, cell, limit, template, pictures, positions, topTokens, layers, systemPrompt, output, overwrite })
        {
            command.Options.Add(option);
        }

        videos.AddTo(command);
    }

    /// <summary>Whether the command is about one picture or video, not a data set.</summary>
    public bool IsOne(ParseResult parsed) => parsed.GetValue(image) is not null || parsed.GetValue(video) is not null;

    /// <summary>The conversations of a run whose prompts are compared; null where the options name no run.</summary>
    /// <exception cref="ArgumentException">Options contradict each other, or the run has no such turn.</exception>
    public StoredConversations? Conversations(ParseResult parsed)
    {
        if (parsed.GetValue(run) is not { } named)
        {
            Option[] lonely = [.. new Option[] { turn, cell }.Where(o => parsed.GetResult(o) is { Implicit: false })];
            return lonely.Length == 0 ? null : throw new ArgumentException($"{lonely[0].Name} is of the conversations of a run; --run RUN names it.");
        }

        string[] other =
        [
            .. new Option[] { dataset, image, video, question, template, systemPrompt }.Where(o => parsed.GetResult(o) is { Implicit: false }).Select(o => o.Name),
            .. videos.Given(parsed).Select(v => v[0].File),
        ];
        return other.Length == 0
            ? new StoredConversations(StoredRun.Read(StoredRun.Locate(named)), parsed.GetValue(cell), parsed.GetValue(turn))
            : throw new ArgumentException($"--run has its own questions; {other[0]} cannot be given with it.");
    }

    /// <summary>The samples of a data set, or the one picture or video.</summary>
    /// <exception cref="ArgumentException">Options contradict each other.</exception>
    public IReadOnlyList<LensQuestion> Questions(ParseResult parsed)
    {
        var system = parsed.GetValue(systemPrompt) is { } file ? TextFile.Read(file).TrimEnd('\n') : null;
        return [.. Rows(parsed).Select(row => LensQuestion.Of(row, system))];
    }

    /// <summary>The first ones, as many as are asked for.</summary>
    /// <exception cref="ArgumentException">That is no number of samples.</exception>
    public IReadOnlyList<LensQuestion> Limited(IReadOnlyList<LensQuestion> questions, ParseResult parsed) => parsed.GetValue(limit) switch
    {
        null => questions,
        > 0 and var n => [.. questions.Take(n)],
        var n => throw new ArgumentException($"--limit {n}: at least one sample."),
    };

    private IReadOnlyList<DatasetRow> Rows(ParseResult parsed)
    {
        string?[] media = [parsed.GetValue(image), parsed.GetValue(video), parsed.GetValue(dataset)];
        var (text, settings) = (parsed.GetValue(question), VideoKeys.Read(videos.Keys(parsed)));
        if (media.Count(m => m is not null) > 1 || IsOne(parsed) != (text is not null))
        {
            throw new ArgumentException("lens takes either --dataset FILE, or --image PICTURE or --video CLIP with --question TEXT.");
        }

        if (IsOne(parsed))
        {
            var name = Path.GetFileNameWithoutExtension(media[0] ?? media[1])!;
            var sample = media[0] is { } picture
                ? new Sample(name, text!, [MediaFile.FromPath(picture)], Answer: "")
                : new Sample(name, text!, [], Answer: "")
                {
                    Videos = [new VideoFile(media[1]!, settings.Sampling)],
                    Template = PromptTemplate.Parse("{question}"),
                };
            return [new DatasetRow(name, sample, null)];
        }

        return QuestionFile.Open(
            parsed.GetValue(dataset) ?? TaskDataset.Default, ReadTemplate(parsed.GetValue(template)), settings);
    }

    /// <summary>The number of samples for which heat maps are drawn.</summary>
    public int Pictures(ParseResult parsed) => IsOne(parsed) ? 1 : parsed.GetValue(pictures);

    /// <exception cref="ArgumentException">A value is out of range for a vocabulary.</exception>
    public LensPlan Plan(ParseResult parsed, int vocabulary)
    {
        var k = parsed.GetValue(topTokens);
        return k >= 0 && k <= vocabulary
            ? new LensPlan(parsed.GetValue(positions) == "all", k)
            : throw new ArgumentException($"--top-tokens {k}: allowed are 1 to the vocabulary's {vocabulary}, and 0 for all of it.");
    }

    /// <summary>The layers whose heat maps are drawn, of 0 to <paramref name="last"/>; null is an even spread.</summary>
    /// <exception cref="ArgumentException">The model lacks one of them.</exception>
    public IReadOnlyList<int>? Layers(ParseResult parsed, int last)
    {
        var chosen = parsed.GetValue(layers) is { } text ? SettingTexts.Layers(ConfigValue.OfOption("--layers", "", text), last + 1) : null;
        return chosen is null || chosen.All(l => l <= last)
            ? chosen
            : throw new ArgumentException($"--layers {parsed.GetValue(layers)}: this model has states 0 to {last} ({last} leaves the last layer).");
    }

    /// <summary>The output folder.</summary>
    public string Folder(ParseResult parsed) =>
        parsed.GetValue(output) ?? RepositoryPaths.Find("results", $"run-lens-{DateTime.Now:yyyyMMdd-HHmmss}");

    /// <summary>Opens the output folder.</summary>
    /// <exception cref="ArgumentException">It holds an earlier result or something else.</exception>
    public OutputFolder Open(string folder, ParseResult parsed) => OutputFolder.Open(
        "--out", folder, "lens", CommandLines.Of(parsed), parsed.GetValue(overwrite), keepUnfinished: true);

    /// <summary>The template in a file, or null.</summary>
    /// <exception cref="ArgumentException">The file cannot be read, or is no template.</exception>
    private static PromptTemplate? ReadTemplate(string? path)
    {
        try
        {
            return path is null ? null : PromptTemplate.Read(path);
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"--prompt-template: {e.Message}", e);
        }
    }
}
