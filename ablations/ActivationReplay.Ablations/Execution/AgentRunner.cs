using System.Diagnostics;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Errors;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Evaluation.Agents;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Inputs;

namespace ActivationReplay.Ablations.Execution;

/// <summary>
/// Runs every cell on a batch of questions that are conversations with a tool. Conversations that still say the same share their
/// prompts; all that one model says in a turn is one batch.
/// </summary>
/// <param name="pair">The pair; with one model in memory each turn takes both in turn.</param>
/// <param name="config">The run, with a section <c>agent</c>.</param>
/// <param name="keys">Of its journal.</param>
internal sealed class AgentRunner(ReplayPair pair, RunConfig config, JournalKeys keys) : IBatchRunner
{
    private readonly AnswerEntries rows = new(config, keys);
    private readonly AgentSettings bounds = config.Agent!.Bounds(
        config.Generation.MaxNewTokens, new PixelLimits(config.MinPixels, config.MaxPixels), pair.Checkpoints.Rlvr.Config.Text.MaxPositions);

    /// <inheritdoc/>
    public IReadOnlyList<JournalEntry> Run(IReadOnlyList<(int Index, DatasetRow Row)> batch, CancellationToken cancel)
    {
        var failed = new List<JournalEntry>();
        var asked = new List<Asked>();
        foreach (var (index, row) in batch)
        {
            if (row.Sample is not { } sample)
            {
                failed.AddRange(rows.Failed(row, index, config.Cells, row.Error!));
                continue;
            }

            try
            {
                asked.AddRange(ErrorContext.About($"question {row.Id}", () => Begin(index, row, sample)));
            }
            catch (Exception e) when (AnswerEntries.IsOfAQuestion(e))
            {
                failed.AddRange(rows.Failed(row, index, config.Cells, ErrorLine.Of(e), e.ToString()));
            }
        }

        var loop = new AgentLoop(pair.Processor, bounds);
        using var turns = new PairTurns(pair, loop, bounds.Limits, config.Generation) { Workers = CpuThreads.Workers(pair), Cancel = cancel };
        turns.Run([.. asked.Select(a => a.Player)]);
        return [.. failed, .. asked.GroupBy(a => (a.Index, a.Cell)).SelectMany(Entries)];
    }

    private List<Asked> Begin(int index, DatasetRow row, Sample sample)
    {
        var asked = new List<Asked>();
        foreach (var tool in config.Cells.GroupBy(c => c.Tool))
        {
            var question = new AgentQuestion(sample, config.Agent!.Prompt(config, tool.First()));
            foreach (var cell in tool)
            {
                asked.AddRange(Enumerable.Range(0, config.Generation.Samples).Select(r => new Asked(index, row, cell, question, r)));
            }
        }

        return asked;
    }

    // An error row stands for all repetitions.
    private IEnumerable<JournalEntry> Entries(IGrouping<(int Index, Cell Cell), Asked> answers)
    {
        var failed = answers.FirstOrDefault(a => a.Talk.End == ConversationEnd.Failed);
        return failed is not null
            ? rows.Failed(failed.Row, failed.Index, [failed.Cell], failed.Talk.Error!)
            : answers.Select(Entry);
    }

    private JournalEntry Entry(Asked asked)
    {
        var (talk, player) = (asked.Talk, asked.Player);
        var times = player.Times;
        var result = rows.Judged(asked.Row, asked.Cell, talk.Judged) with
        {
            Repetition = player.Repetition,
            Output = string.Join("\n\n", talk.Turns.Select(t => t.Text)),
            Finished = talk.End == ConversationEnd.Answered || (talk.End == ConversationEnd.NoCall && talk.Turns[^1].Tokens.Finished),
            PromptTokens = talk.Turns.Count > 0 ? talk.Turns[^1].PromptTokens : null,
            VisualTokens = talk.Turns.Count > 0 ? talk.Turns[^1].VisualTokens : null,
            NewTokens = talk.Turns.Sum(t => t.Tokens.Ids.Count),
            LossFirst = player.Loops is [{ Losses: [var first, ..] }, ..] ? first : null,
            LossLast = player.Loops is [{ Losses: [.., var last] }, ..] ? last : null,
            Status = player.Loops.Count > 0 ? player.Loops.Select(l => l.Status).Max().ToString() : null,
            Agent = AgentColumns.Of(talk),
            Times = new SampleTimes
            {
                Vision = times.Vision,
                Recording = times.Recording,
                Loop = times.Loop,
                Prefill = times.Prefill,
                Decode = times.Decode,
                MemoryPeak = Process.GetCurrentProcess().PeakWorkingSet64,
            },
        };
        return new JournalEntry(
            keys.Of(asked.Row, asked.Cell, player.Repetition),
            asked.Index,
            result,
            player.Repetition == 0 && player.Loops.Count > 0 ? player.Loops[0].Losses : [],
            player.Repetition == 0 ? asked.Entropy : null,
            Turns: [.. talk.Turns.Select(TurnEntry.Of)]);
    }

    // A question, a cell and a repetition.
    private sealed class Asked
    {
        public Asked(int index, DatasetRow row, Cell cell, AgentQuestion question, int repetition)
        {
            (Index, Row, Cell) = (index, row, cell);
            Player = new AgentPlayer(new Conversation(question), cell.Method, cell.Settings, repetition)
            {
                // The first turn's: that of the question itself.
                OnPrepared = (turn, preparation, inputs) => Entropy ??= turn == 0 ? EntropyMap.Of(cell, preparation, inputs) : null,
            };
        }

        public int Index { get; }

        public DatasetRow Row { get; }

        public Cell Cell { get; }

        public AgentPlayer Player { get; }

        public Conversation Talk => Player.Conversation;

        public EntropyMap? Entropy { get; private set; }
    }
}
