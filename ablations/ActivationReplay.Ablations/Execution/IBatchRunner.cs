using ActivationReplay.Ablations.Storage;
using ActivationReplay.Evaluation.Datasets;

namespace ActivationReplay.Ablations.Execution;

/// <summary>Computes the answers to a batch of questions.</summary>
internal interface IBatchRunner
{
    /// <summary>Computes an entry for each question, cell and repetition. An error of a question becomes error rows.</summary>
    /// <param name="batch">The questions and their indices in the data set, from 0.</param>
    /// <param name="cancel">Cancels the batch, within one step of optimisation or decoding.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was cancelled.</exception>
    IReadOnlyList<JournalEntry> Run(IReadOnlyList<(int Index, DatasetRow Row)> batch, CancellationToken cancel);
}
