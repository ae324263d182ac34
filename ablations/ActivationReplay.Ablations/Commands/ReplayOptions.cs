using System.CommandLine;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Replay;

namespace ActivationReplay.Ablations.Commands;

/// <summary>Options of the replay loop. Defaults suit the small pair; the published ones are in the help.</summary>
internal sealed class ReplayOptions
{
    private readonly Option<string> layers = new("--layers")
    {
        Description = "Layers whose inputs enter the loss: a count N (the first N), a range A-B, or a list A,B,C. Published: 16.",
        DefaultValueFactory = _ => "7",
    };

    private readonly Option<string> threshold = new("--threshold")
    {
        Description = "Low entropy is at most: max-fraction:F of the largest, quantile:Q, or absolute:NATS. Published: max-fraction:0.4.",
        DefaultValueFactory = _ => "quantile:0.5",
    };

    private readonly Option<LayerAlignment> alignment = new("--alignment")
    {
        Description = "aligned compares like with like; reference compares the base state leaving a layer, as the released code does.",
    };

    private readonly Option<double> learningRate = new("--learning-rate")
    {
        Description = "Step size of the gradient descent.",
        DefaultValueFactory = _ => 10,
    };

    private readonly Option<int> iterations = new("--iterations") { Description = "Steps.", DefaultValueFactory = _ => 25 };

    private readonly Option<int> words = new("--words")
    {
        Description = "Words of the target that are compared (K); 0 is the whole vocabulary.",
        DefaultValueFactory = _ => 50,
    };

    private readonly Option<EntropySelection> selection = new("--selection")
    {
        Description = "Visual positions that take part: low entropy, as many of high entropy, all, or as many at random.",
    };

    private readonly Option<KlDirection> direction = new("--direction")
    {
        Description = "forward is KL(target ‖ student), reverse KL(student ‖ target).",
    };

    private readonly Option<OptimiserKind> optimiser = new("--optimiser") { Description = "sgd (published), adam or momentum." };

    private readonly Option<int> layer = new("--layer")
    {
        Description = "The layer of mid-layer and local-smooth. Published: 15.",
        DefaultValueFactory = _ => 4,
    };

    private readonly Option<double> gridRatio = new("--grid-ratio")
    {
        Description = "Offsets live on this share of the rows and columns of visual tokens.",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<int?> gridCells = new("--grid-cells")
    {
        Description = "Offsets live on at most this many cells a picture and temporal step, instead of a ratio.",
    };

    private readonly Option<double> prefillRatio = new("--prefill-ratio")
    {
        Description = "The target model sees pictures at this share of their sides.",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<string> crossThresholds = new("--cross-thresholds")
    {
        Description = "Entropies of cross-model in nats: published, one number, a list A,B,…, or a file that calibrate wrote.",
        DefaultValueFactory = _ => "published",
    };

    private readonly Option<int> crossLayers = new("--cross-layers")
    {
        Description = "Layers of cross-model, from the first. Published: 7.",
        DefaultValueFactory = _ => 7,
    };

    public void AddTo(Command command)
    {
        command.Options.Add(layers);
        command.Options.Add(selection);
        command.Options.Add(threshold);
        command.Options.Add(alignment);
        command.Options.Add(words);
        command.Options.Add(direction);
        command.Options.Add(optimiser);
        command.Options.Add(learningRate);
        command.Options.Add(iterations);
        command.Options.Add(gridRatio);
        command.Options.Add(gridCells);
        command.Options.Add(prefillRatio);
        command.Options.Add(layer);
        command.Options.Add(crossLayers);
        command.Options.Add(crossThresholds);
    }

    /// <exception cref="ArgumentException">A value is out of range; the message names the option and what is allowed.</exception>
    /// <param name="parsed">The command line.</param>
    /// <param name="seed">Of random selection and jittered views.</param>
    public ReplaySettings Read(ParseResult parsed, ulong seed) => new()
    {
        Layers = SettingTexts.Layers(parsed.GetRequiredValue(layers)),
        Threshold = SettingTexts.Threshold(parsed.GetRequiredValue(threshold)),
        Alignment = parsed.GetValue(alignment),
        LearningRate = parsed.GetValue(learningRate),
        Iterations = parsed.GetValue(iterations),
        TopK = parsed.GetValue(words),
        Selection = parsed.GetValue(selection),
        Direction = parsed.GetValue(direction),
        Optimiser = parsed.GetValue(optimiser),
        Layer = parsed.GetValue(layer),
        GridRatio = parsed.GetValue(gridRatio),
        GridCells = parsed.GetValue(gridCells),
        PrefillRatio = parsed.GetValue(prefillRatio),
        CrossThresholds = CrossThresholdFile.Parse(
            parsed.GetRequiredValue(crossThresholds), parsed.GetValue(crossLayers), parsed.GetValue(alignment)),
        Seed = seed,
    };
}
