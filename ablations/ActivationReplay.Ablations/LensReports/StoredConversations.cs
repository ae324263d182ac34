using System.Globalization;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Checkpoints;
using ActivationReplay.Evaluation.Agents;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Inputs;
using ActivationReplay.Text;

namespace ActivationReplay.Ablations.LensReports;

/// <summary>The prompts of one turn of a run's conversations, which are led once more by what its journal has.</summary>
internal sealed class StoredConversations
{
    private readonly StoredRun run;
    private readonly Cell cell;
    private readonly int turn;

    /// <param name="run">The run.</param>
    /// <param name="cell">The id of one of its cells; null is RLVR by itself, else the first one.</param>
    /// <param name="turn">The turn of the model whose prompt is compared, from 1.</param>
    /// <exception cref="ArgumentException">It is no run of conversations with that cell and turn.</exception>
    public StoredConversations(StoredRun run, string? cell, int turn)
    {
        (this.run, this.turn) = (run, turn);
        var ids = string.Join(", ", run.Config.Cells.Select(c => $"'{c.Id}'"));
        if (run.Config.Agent is not { } agent)
        {
            throw new ArgumentException($"--run {run.Path}: its questions are no conversations with a tool (agent.tool); name --dataset instead.");
        }

        if (run.Entries.Count == 0)
        {
            throw new ArgumentException($"--run {run.Path}: it has no journal, which holds the turns. This computes it again:\n{run.Commands}");
        }

        if (turn < 1 || turn > agent.Turns)
        {
            throw new ArgumentException(Text($"--turn {turn}: allowed are 1 to {agent.Turns}, the most turns of that run."));
        }

        this.cell = cell is null
            ? run.Config.Cells.FirstOrDefault(c => c.Method.Id == "none") ?? run.Config.Cells[0]
            : run.Config.Cells.FirstOrDefault(c => c.Id == cell) ?? throw new ArgumentException($"--cell '{cell}': the run has {ids}.");
    }

    /// <summary>Refuses other weights than those of the run.</summary>
    /// <exception cref="ArgumentException">The pair's fingerprints are others.</exception>
    public void Check(CheckpointPair pair)
    {
        if ((pair.Base.Fingerprint, pair.Rlvr.Fingerprint) != (run.Manifest.BaseFingerprint, run.Manifest.RlvrFingerprint))
        {
            throw new ArgumentException($"--run {run.Path}: the checkpoints in {run.Config.Pair.Base} and {run.Config.Pair.Rlvr} are others than those of the run.");
        }
    }

    /// <summary>The run's pair.</summary>
    public PairConfig Pair => run.Config.Pair;

    /// <summary>What is compared, for the terminal.</summary>
    public string Name => Text($"turn {turn} of conversations of '{cell.Id}' in {run.Path}");

    /// <summary>The questions whose conversations got that far, in the order of the data set, by their first repetition.</summary>
    /// <param name="processor">The processor of the run's pair.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public IReadOnlyList<LensQuestion> Questions(Processor processor)
    {
        var rows = QuestionFile.Read(run.Config).ToDictionary(r => r.Id);
        List<LensQuestion> questions =
        [
            .. run.Entries.Where(e => e.Row.Cell == cell.Id && e.Row.Repetition == 0 && e.Turns?.Count >= turn)
                .OrderBy(e => e.Index)
                .Select(e => new LensQuestion(e.Row.Sample, () => Prompt(rows, e, processor))),
        ];
        return questions.Count > 0 ? questions : throw new ArgumentException(
            Text($"--turn {turn}: no conversation of '{cell.Id}' in {run.Path} has that many turns."));
    }

    private Question Prompt(Dictionary<string, DatasetRow> rows, JournalEntry entry, Processor processor)
    {
        var sample = rows.GetValueOrDefault(entry.Row.Sample)?.Sample
            ?? throw new LensQuestionException("The data set no longer has this question.");
        var (config, limits) = (run.Config, new PixelLimits(run.Config.MinPixels, run.Config.MaxPixels));
        // The context was kept to when the turns were made.
        var bounds = config.Agent!.Bounds(maxNewTokens: 1, limits, int.MaxValue) with { Turns = turn, ContextTokens = int.MaxValue };
        var talk = new Conversation(new AgentQuestion(sample, config.Agent.Prompt(config, cell)));
        IReadOnlyList<ChatMessage>? messages = null;
        new AgentLoop(processor, bounds).Run([talk], _ =>
        {
            var said = entry.Turns![talk.Turns.Count];
            messages = talk.Turns.Count == turn - 1 ? [.. talk.Messages] : null;
            return [new TurnTokens(processor.Tokenizer.Encode(said.Text), Finished: false)];
        });
        // What the tool says follows from the picture and the call: another box is another picture.
        var isSame = talk.Turns.Take(turn - 1).Select(TurnEntry.Of).Zip(entry.Turns!)
            .All(t => (t.First.Box ?? []).SequenceEqual(t.Second.Box ?? []) && t.First.Problem == t.Second.Problem);
        return messages is not null && isSame
            ? new Question(messages) { Limits = limits }
            : throw new LensQuestionException(talk.Error ?? "The conversation goes another way than in the run: its picture or the tool has changed since.");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
