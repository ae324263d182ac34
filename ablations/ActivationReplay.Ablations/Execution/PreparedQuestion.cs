using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Generation;
using ActivationReplay.Inputs;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Recordings;

namespace ActivationReplay.Ablations.Execution;

/// <summary>A cell's intervention on one question.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="Preparation">The intervention, and the model that answers. Owned by the question.</param>
/// <param name="Times">The seconds of the preparation, per answer.</param>
/// <param name="Note">What was unusual about it, or null.</param>
internal sealed record PreparedCell(Cell Cell, Preparation Preparation, SampleTimes Times, string? Note = null)
{
    /// <summary>The first step whose loss is infinite or NaN; null if there is none.</summary>
    public int? BrokenStep => Preparation.Trace?.BrokenStep;
}

/// <summary>A question with the interventions of all cells, ready for generation.</summary>
/// <param name="index">Its index in the data set, from 0.</param>
/// <param name="row">The question.</param>
/// <param name="inputs">Its prompt. Owned.</param>
/// <param name="context">The encodings and recordings that its cells share. Owned.</param>
internal sealed class PreparedQuestion(int index, DatasetRow row, ModelInputs inputs, ReplayContext context) : IDisposable
{
    public int Index => index;

    public DatasetRow Row => row;

    public ReplayContext Context => context;

    public List<PreparedCell> Cells { get; } = [];

    /// <summary>Cells that could not be prepared, and why.</summary>
    public List<(Cell Cell, string Error)> Failed { get; } = [];

    /// <summary>What was unusual about the batch that it is in, or null.</summary>
    public string? Note { get; init; }

    /// <summary>Lets the interventions go that are there.</summary>
    public void Clear()
    {
        Cells.ForEach(c => c.Preparation.Dispose());
        Cells.Clear();
        Failed.Clear();
    }

    public void Dispose()
    {
        Clear();
        context.Dispose();
        inputs.Dispose();
    }
}

/// <summary>The answers that one model gives to a batch of questions.</summary>
/// <param name="Role">The model.</param>
/// <param name="Asked">An element an answer: question, cell, and the index of the sample.</param>
internal sealed record GenerationBatch(ModelRole Role, IReadOnlyList<(PreparedQuestion Question, PreparedCell Cell, int Sample)> Asked)
{
    // Those that begin alike are one row: fewer leave too few rows to use a weight often when it is read, more only keep a worker longer.
    private const int FewestAnswers = 64;
    private const int MostAnswers = 128;

    public static GenerationBatch Of(ModelRole role, IReadOnlyList<PreparedQuestion> questions, GenerationSettings settings) => new(
        role,
        [
            .. from question in questions
               from cell in question.Cells.Where(c => c.Preparation.Answerer == role && c.BrokenStep is null)
               from sample in Enumerable.Range(0, settings.Samples)
               select (question, cell, sample),
        ]);

    /// <summary>The same as several batches, for workers side by side: whole questions as far as they are not too many answers.</summary>
    /// <param name="share">A worker's share of all answers.</param>
    public IEnumerable<GenerationBatch> Parts(int share)
    {
        var most = Math.Clamp(share, FewestAnswers, MostAnswers);
        var part = new List<(PreparedQuestion Question, PreparedCell Cell, int Sample)>();
        foreach (var own in Asked.GroupBy(a => a.Question.Index).SelectMany(question => question.Chunk(most)))
        {
            if (part.Count >= most / 2 || part.Count + own.Length > most)
            {
                yield return this with { Asked = part };
                part = [];
            }

            part.AddRange(own);
        }

        yield return this with { Asked = part };
    }

    /// <summary>The requests of some of the answers, a stretch of <see cref="Asked"/>: one for each prompt and cell.</summary>
    public IReadOnlyList<GenerationRequest> Requests(
        IReadOnlyList<(PreparedQuestion Question, PreparedCell Cell, int Sample)> asked, GenerationSettings settings) =>
    [
        .. asked.GroupBy(a => a.Cell, ReferenceEqualityComparer.Instance).Select(own => own.ToList()).Select(own => new GenerationRequest(
            own[0].Question.Context.Encoded(Role),
            own[0].Cell.Preparation.Intervention,
            settings.For(own[0].Question.Row.Id) with { Samples = own.Count })
        {
            Indices = [.. own.Select(a => a.Sample)],
        }),
    ];
}
