using ActivationReplay.Checkpoints;
using ActivationReplay.Files;
using ActivationReplay.Inputs;
using ActivationReplay.Models;
using ActivationReplay.Training.Data;
using ActivationReplay.Training.Stages;
using ActivationReplay.Training.Weights;

namespace ActivationReplay.Training;

/// <summary>
/// Trains a pair in a folder: <c>base/</c> by the vision and the supervised stage, <c>rlvr/</c> from it by the reinforcement
/// stage; beside them curves as CSV and, in <c>state/</c>, what resuming needs.
/// </summary>
/// <remarks>The configuration decides every number; it is resumed step for step.</remarks>
public sealed class TrainingRun
{
    private const string WeightsFile = "model.safetensors";
    private readonly TrainingConfig config;
    private readonly string folder;
    private readonly bool resume;
    private readonly string settings;
    private readonly Action<StageProgress> progress;
    private readonly ModelConfig model;
    private readonly Processor processor;

    /// <summary>Prepares a run.</summary>
    /// <param name="config">What to train.</param>
    /// <param name="folder">Where it goes.</param>
    /// <param name="resume">Whether to go on with a run that is there.</param>
    /// <param name="progress">Told after each step.</param>
    /// <exception cref="CheckpointException">The model's folder cannot be used.</exception>
    /// <exception cref="ArgumentException">
    /// The folder holds a run and <paramref name="resume"/> is false, or one of another configuration, or something else.
    /// </exception>
    public TrainingRun(TrainingConfig config, string folder, bool resume, Action<StageProgress> progress)
    {
        ArgumentNullException.ThrowIfNull(config);
        (this.folder, this.resume, this.progress) = (folder, resume, progress);
        Refuse();

        // Where the model's folder lies decides no number.
        this.config = config with { Products = Resolve(config.Products) };
        settings = (this.config with { Model = Path.GetFileName(config.Model) }).ToJson();
        model = ModelConfig.Load(config.Model);
        processor = Processor.Load(config.Model, model);
        if (resume && File.Exists(SettingsFile) && File.ReadAllText(SettingsFile) != settings)
        {
            throw new ArgumentException($"{SettingsFile} is of another configuration; resume with that one, or name a new folder.");
        }

        Directory.CreateDirectory(folder);
        AtomicFile.WriteText(SettingsFile, settings);
    }

    /// <summary>Where the base model is written.</summary>
    public string BaseFolder => Path.Combine(folder, "base");

    /// <summary>Where the RLVR model is written.</summary>
    public string RlvrFolder => Path.Combine(folder, "rlvr");

    /// <summary>Whether a resumed run has written its base model.</summary>
    public bool IsBaseDone => resume && File.Exists(Path.Combine(BaseFolder, WeightsFile));

    /// <summary>Vision and supervised stages.</summary>
    /// <exception cref="ArgumentException">There is a base model already.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the state is saved.</exception>
    public void TrainBase(CancellationToken cancel)
    {
        if (File.Exists(Path.Combine(BaseFolder, WeightsFile)))
        {
            throw new ArgumentException($"{BaseFolder} holds a model already, which this stage would replace; train grpo goes on from it, or name a new folder.");
        }

        using var weights = FlatWeights.Initialise(model, config.Seed);
        using var task = config.TaskWith(processor, StopIds());
        TrainTower(task, weights, cancel);
        using var tower = new QwenVlModel(model, weights);
        task.FillBank(tower, config.Bank, cancel);
        using var workers = new Workers(config.Workers, model, weights, config.Products, trainable: true);
        Train("supervised", config.Supervised, 0);
        if (config.Polish is { } polish)
        {
            Train("polish", polish, config.Supervised.Steps);
        }

        HubFolder.Write(BaseFolder, config.Model, weights);

        void Train(string name, SupervisedSettings stage, int first) =>
            new SupervisedStage(name, stage, task, first, workers, weights).Run(Files(name), progress, cancel);
    }

    /// <summary>Reinforcement stage, from the written base model.</summary>
    /// <exception cref="CheckpointException">There is no base model.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the state is saved.</exception>
    public void TrainRlvr(CancellationToken cancel)
    {
        using var start = Checkpoint.Open(BaseFolder);
        using var weights = FlatWeights.Copy(start, model);
        using var task = config.TaskWith(processor, start.EosTokenIds);
        using var policy = new Workers(config.Workers, model, weights, config.Products, trainable: true);
        using var frozen = config.Grpo.Kl > 0 ? FlatWeights.Copy(start, model) : null;
        using var reference = frozen is null ? null : new Workers(config.Workers, model, frozen, config.Products, trainable: false);
        new GrpoStage(config.Grpo, task, config.Seed, weights, policy, reference).Run(Files(GrpoStage.Name), progress, cancel);
        HubFolder.Write(RlvrFolder, config.Model, weights);
    }

    private string SettingsFile => Path.Combine(folder, "settings.json");

    // A new run begins in a folder of its own; a base model may stand there for the reinforcement stage alone.
    private void Refuse()
    {
        string[] others = [.. FolderContents.Of(folder).Where(name => name != Path.GetFileName(BaseFolder))];
        var isRun = File.Exists(SettingsFile) || Directory.Exists(Path.Combine(folder, "state"));
        if (others.Length > 0 && !(resume && isRun))
        {
            throw new ArgumentException(isRun
                ? $"{folder} holds a training run already; resume it, or name a new folder."
                : $"{folder} holds no training run, but {FolderContents.Say(others)}; name a new folder.");
        }
    }

    // A resumed run keeps the type with which it began.
    private ProductPrecision Resolve(ProductPrecision asked) => asked != ProductPrecision.Auto
        ? asked
        : resume && File.Exists(SettingsFile)
            ? TrainingConfig.Load(SettingsFile).Products
            : Products.Fastest();

    private void TrainTower(ITrainingTask task, FlatWeights weights, CancellationToken cancel)
    {
        var files = Files(VisionStage.Name);
        using var optimiser = new AdamW(weights.Tower, config.Vision.Optimiser);
        if (files.Resume(weights, optimiser) > 0)
        {
            return;
        }

        using var tower = new QwenVlModel(model, weights);
        new VisionStage(config.Vision, task, config.Seed, tower, weights, config.Products)
            .Run(optimiser, files.Curve, progress, cancel);
        files.Save(weights, optimiser, config.Vision.Steps);
    }

    private IReadOnlyList<int> StopIds()
    {
        var stops = EosTokens.Read(config.Model, model.Text.VocabularySize);
        return stops.Count > 0
            ? stops
            : throw new CheckpointException(config.Model, "names no eos_token_id in generation_config.json or config.json; answers end with it");
    }

    private StageFiles Files(string stage) => new(folder, stage, settings, resume);
}
