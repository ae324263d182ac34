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
internal sealed record PreparedCell(Cell Cell, Preparation Preparation, SampleTimes Times)
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

    public void Dispose()
    {
        Cells.ForEach(c => c.Preparation.Dispose());
        context.Dispose();
        inputs.Dispose();
    }
}

/// <summary>The generation requests of a batch of questions that one model answers.</summary>
/// <param name="Role">The model.</param>
/// <param name="Asked">The question and cell of each request.</param>
/// <param name="Requests">The requests, in the same order.</param>
internal sealed record GenerationBatch(
    ModelRole Role, IReadOnlyList<(PreparedQuestion Question, PreparedCell Cell)> Asked, IReadOnlyList<GenerationRequest> Requests)
{
    public static GenerationBatch Of(ModelRole role, IReadOnlyList<PreparedQuestion> questions, GenerationSettings settings)
    {
        IReadOnlyList<(PreparedQuestion Question, PreparedCell Cell)> asked =
        [
            .. questions.SelectMany(q => q.Cells.Where(c => c.Preparation.Answerer == role && c.BrokenStep is null).Select(c => (q, c))),
        ];
        return new GenerationBatch(
            role,
            asked,
            [.. asked.Select(a => new GenerationRequest(a.Question.Context.Encoded(role), a.Cell.Preparation.Intervention, settings))]);
    }
}
