using ActivationReplay.Checkpoints;
using ActivationReplay.Generation;
using ActivationReplay.Inputs;
using ActivationReplay.Lens;
using ActivationReplay.Models;
using ActivationReplay.Native;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Recordings;
using static TorchSharp.torch;

namespace ActivationReplay;

/// <summary>
/// A base model and the RLVR model that was made from it, loaded and ready to be asked: with any method
/// (<see cref="Answer(Question, string, MethodSettings?, GenerationSettings?, Action{AnswerToken}?, CancellationToken)"/>),
/// side by side (<see cref="Compare"/>), or by what they would say at every layer (<see cref="Lens"/>).
/// </summary>
/// <remarks>
/// Any thread may call. The questions are answered one after another, since each uses all threads of libtorch, and
/// <see cref="Dispose"/> waits for the one at hand.
/// </remarks>
public sealed partial class ReplayPair : IDisposable
{
    private readonly Lock turn = new();
    private readonly Lock loading = new();
    private readonly Dictionary<ModelRole, QwenVlModel> loaded = [];
    private readonly Dictionary<ModelRole, OutputHead> heads = [];
    private bool isDisposed;

    private readonly long? vocabularyRows;

    private ReplayPair(CheckpointPair checkpoints, Processor processor, PairOptions options)
    {
        (Checkpoints, Processor, Models, vocabularyRows) = (checkpoints, processor, options.Models, options.VocabularyRows);
        Notes = [.. checkpoints.Notes, .. processor.Template.Warning is { } warning ? [warning] : Array.Empty<string>()];
        Settings = ReplaySettings.For(Layers);
    }

    /// <summary>Loads libtorch and the folders <c>base</c> and <c>rlvr</c> of a pair's folder.</summary>
    /// <param name="folder">The folder that holds both.</param>
    /// <param name="options">Type and device; null is fp32 on the CPU.</param>
    /// <exception cref="CheckpointException">A folder is absent or cannot be used, or the two do not fit each other.</exception>
    /// <exception cref="Text.TokenizerException">The tokenizer cannot be used.</exception>
    /// <exception cref="ArgumentException">There is no such device here.</exception>
    /// <exception cref="LibtorchException">libtorch cannot be loaded; the message says what to install.</exception>
    public static ReplayPair Open(string folder, PairOptions? options = null) =>
        Open(Path.Combine(folder, "base"), Path.Combine(folder, "rlvr"), options);

    /// <summary>Loads libtorch and two checkpoints in the form of Hugging Face folders.</summary>
    /// <param name="baseFolder">The model before reinforcement learning.</param>
    /// <param name="rlvrFolder">The model after it. Processor files that it lacks are base's.</param>
    /// <param name="options">Type and device; null is fp32 on the CPU.</param>
    /// <inheritdoc cref="Open(string, PairOptions?)" path="/exception"/>
    public static ReplayPair Open(string baseFolder, string rlvrFolder, PairOptions? options = null)
    {
        options ??= new PairOptions();
        var devices = PairDevices.Parse(options.Device).Open();
        if (devices.Base.type == TorchSharp.DeviceType.CUDA || devices.Rlvr.type == TorchSharp.DeviceType.CUDA)
        {
            CudaPrecision.Use(options.Tf32);
        }

        var checkpoints = CheckpointPair.Open(baseFolder, rlvrFolder, options.Type, devices.Base, devices.Rlvr);
        ReplayPair? pair = null;
        try
        {
            pair = new ReplayPair(checkpoints, Processor.Load(checkpoints.BaseProcessorFolder, checkpoints.Base.Config, options.Temporal), options);
            foreach (var role in options.Models == ModelsInMemory.Both ? Enum.GetValues<ModelRole>() : [ModelRole.Base])
            {
                pair.Model(role);
            }

            return pair;
        }
        catch
        {
            pair?.Dispose();
            checkpoints.Dispose();
            throw;
        }
    }

    /// <summary>The files of both models. Not to be disposed.</summary>
    public CheckpointPair Checkpoints { get; }

    /// <summary>Makes prompts for both models.</summary>
    public Processor Processor { get; }

    /// <summary>What to know of the pair before its numbers are trusted, a sentence each; most often there is nothing.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>L, the decoder layers of each model.</summary>
    public int Layers => Checkpoints.Rlvr.Config.Text.Layers;

    /// <summary>Where a model is computed.</summary>
    public Device DeviceOf(ModelRole role) => Checkpoint(role).Device;

    /// <summary>How many models are in memory.</summary>
    public ModelsInMemory Models { get; }

    /// <summary>The published settings of Activation Replay for models of this depth, <see cref="ReplaySettings.For"/>.</summary>
    public ReplaySettings Settings { get; }

    /// <summary>What a method does where no settings are given: the published ones for models of this depth.</summary>
    /// <exception cref="ArgumentException">There is no such method; the message lists those there are.</exception>
    public MethodSettings Defaults(string method) => ReplayMethods.Get(method).Defaults(Layers);

    /// <summary>
    /// One of the models, for work of one's own. Not to be disposed. Where one is in memory at a time, the other is freed first,
    /// if it was there: nothing that it made of prompts can be used then but recordings.
    /// </summary>
    /// <exception cref="CheckpointException">Its weights do not fit its configuration.</exception>
    public QwenVlModel Model(ModelRole role)
    {
        lock (loading)
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            if (loaded.TryGetValue(role, out var there))
            {
                return there;
            }

            if (Models == ModelsInMemory.One)
            {
                Free();
            }

            return loaded[role] = QwenVlModel.Load(Checkpoint(role), vocabularyRows);
        }
    }

    /// <summary>Generates with one of the models, which ends answers at its own stop tokens.</summary>
    /// <param name="role">The model; it must have encoded the prompts that are generated from.</param>
    /// <param name="onToken">Called for each token as it is chosen, if given.</param>
    /// <param name="until">A text that ends answers, too, if given.</param>
    public TextGenerator Generator(ModelRole role, Action<GeneratedToken>? onToken = null, StopText? until = null) =>
        new(Model(role), Checkpoint(role).EosTokenIds) { OnToken = onToken, Until = until };

    /// <summary>A prompt with the models that are in memory, for work of one's own with methods and recordings. Owned by the caller.</summary>
    /// <param name="inputs">The prompt. Not owned.</param>
    /// <param name="source">Where it comes from; needed for a prefill ratio below 1 and for jittered views.</param>
    /// <param name="cancel">Gives up what is computed with it, within a step of the loop.</param>
    public ReplayContext Context(ModelInputs inputs, PromptSource? source = null, CancellationToken cancel = default) =>
        new(inputs, loaded.GetValueOrDefault(ModelRole.Base), loaded.GetValueOrDefault(ModelRole.Rlvr), source) { Cancel = cancel };

    /// <summary>Reads both models' hidden states through their own logit lenses, at every layer.</summary>
    /// <param name="question">The question.</param>
    /// <param name="allPositions">Every position of the prompt; otherwise those of pictures and videos.</param>
    /// <param name="klTokens">K, the base model's tokens that the top-K form of the divergence compares; 0 is the whole vocabulary.</param>
    /// <param name="topTokens">How many of the most likely tokens are kept at each point.</param>
    /// <param name="recorded">The states of both models on this question, if <see cref="States"/> made them before. Not owned.</param>
    /// <param name="cancel">Gives up between the stages: prompt, base, RLVR, comparison.</param>
    /// <returns>Plain data, to be disposed; it stays when the pair goes.</returns>
    /// <exception cref="Vision.MediaException">A picture or video cannot be read.</exception>
    /// <exception cref="ArgumentException">The question has no visual positions, and these are asked for.</exception>
    /// <exception cref="ArgumentOutOfRangeException">More tokens are asked for than the vocabulary has.</exception>
    /// <exception cref="OperationCanceledException">Given up.</exception>
    /// <exception cref="ObjectDisposedException">The pair is disposed.</exception>
    public LensReading Lens(
        Question question,
        bool allPositions = false,
        int klTokens = 50,
        int topTokens = 3,
        (LensStates Base, LensStates Rlvr)? recorded = null,
        CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        lock (turn)
        {
            CheckTurn(cancel);
            var inputs = SourceOf(question).Prepare();
            try
            {
                CheckTurn(cancel);
                using var ofBase = recorded is null ? LensStates.Of(Model(ModelRole.Base), inputs, LensPositions(inputs, allPositions)) : null;
                CheckTurn(cancel);
                using var ofRlvr = recorded is null ? LensStates.Of(Model(ModelRole.Rlvr), inputs, ofBase!.Positions) : null;
                CheckTurn(cancel);
                return new LensReading(
                    LensComparison.Compare(
                        recorded?.Base ?? ofBase!,
                        LensOf(ModelRole.Base),
                        recorded?.Rlvr ?? ofRlvr!,
                        LensOf(ModelRole.Rlvr),
                        Checkpoints.Base.Config.Text.VocabularySize,
                        klTokens,
                        topTokens),
                    inputs,
                    Processor.Tokenizer);
            }
            catch
            {
                inputs.Dispose();
                throw;
            }
        }
    }

    /// <summary>
    /// A model's hidden states of a question, for <see cref="Lens"/>: with one model in memory, those of many questions are made
    /// before the other is loaded.
    /// </summary>
    /// <param name="role">The model.</param>
    /// <param name="question">The question.</param>
    /// <param name="allPositions">Every position of the prompt; otherwise those of pictures and videos.</param>
    /// <exception cref="Vision.MediaException">A picture or video cannot be read.</exception>
    /// <exception cref="ArgumentException">The question has no visual positions, and these are asked for.</exception>
    public LensStates States(ModelRole role, Question question, bool allPositions = false)
    {
        ArgumentNullException.ThrowIfNull(question);
        lock (turn)
        {
            CheckTurn(CancellationToken.None);
            using var inputs = SourceOf(question).Prepare();
            return LensStates.Of(Model(role), inputs, LensPositions(inputs, allPositions));
        }
    }

    /// <summary>Waits for the question at hand, then frees both models.</summary>
    public void Dispose()
    {
        lock (turn)
        {
            lock (loading)
            {
                isDisposed = true;
                Free();
                Checkpoints.Dispose();
            }
        }
    }

    private static IReadOnlyList<int> LensPositions(ModelInputs inputs, bool all)
    {
        IReadOnlyList<int> positions = all ? [.. Enumerable.Range(0, inputs.Length)] : inputs.VisualPositions;
        return positions.Count > 0
            ? positions
            : throw new ArgumentException("The question has no picture or video, whose positions are read; ask for all positions.", nameof(inputs));
    }

    // With one model in memory norm and head alone of both: the models are freed.
    private LogitLens LensOf(ModelRole role)
    {
        if (Models == ModelsInMemory.Both)
        {
            return new LogitLens(Model(role));
        }

        lock (loading)
        {
            if (!heads.TryGetValue(role, out var head))
            {
                if (loaded.Count > 0)
                {
                    Free();
                }

                heads[role] = head = new OutputHead(Checkpoint(role));
            }

            return new LogitLens(head);
        }
    }

    private void Free()
    {
        foreach (var part in loaded.Values.Cast<IDisposable>().Concat(heads.Values))
        {
            part.Dispose();
        }

        loaded.Clear();
        heads.Clear();
        Checkpoints.Base.Release();
        Checkpoints.Rlvr.Release();
    }

    private Checkpoint Checkpoint(ModelRole role) => role == ModelRole.Base ? Checkpoints.Base : Checkpoints.Rlvr;

    private PromptSource SourceOf(Question question) => new(Processor, question.Messages, question.Limits) { QuestionId = question.Id };

    private void CheckTurn(CancellationToken cancel)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        cancel.ThrowIfCancellationRequested();
    }
}
