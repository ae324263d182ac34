using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Outputs;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Evaluation.Agents;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Files;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Vision;
using Spectre.Console;

namespace ActivationReplay.Ablations.Commands;

/// <summary><c>agent IMAGE QUESTION</c>: one conversation with a tool, its turns as they come.</summary>
internal sealed class AgentCommand
{
    private readonly Argument<string> image = new("IMAGE") { Description = "A PNG, JPEG, WebP, GIF or BMP file." };
    private readonly Argument<string> question = new("QUESTION") { Description = "The question about it." };
    private readonly Option<string?> output = new("--out", "-o") { Description = "Folder for the parts of the picture that were looked at, and conversation.json." };
    private readonly Option<bool> overwrite = Overwrite.Option();
    private readonly ModelOptions models = new();
    private readonly ReplayOptions replay = new();
    private readonly GenerationOptions generation = new();
    private readonly KeyOptions keys = KeyOptions.Of("agent", "prompt");

    public static Command Create()
    {
        var one = new AgentCommand();
        var command = new Command("agent", "Lead one conversation about a picture, in which the model may look closer with a tool.")
        {
            one.image,
            one.question,
            one.output,
            one.overwrite,
        };
        one.models.AddTo(command);
        one.replay.AddTo(command);
        one.generation.AddTo(command);
        one.keys.AddTo(command);
        command.SetAction((parsed, cancel) => Task.FromResult(one.Run(parsed, cancel)));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancel)
    {
        var (config, tool, prompt) = Agent(parsed);
        var settings = generation.Read(parsed) with { Samples = 1 };
        using var files = parsed.GetValue(output) is { } folder
            ? OutputFolder.Open("--out", folder, "agent", CommandLines.Of(parsed), parsed.GetValue(overwrite), keepUnfinished: false)
            : null;
        var asked = new Sample("question", parsed.GetRequiredValue(question), [MediaFile.FromPath(parsed.GetRequiredValue(image))], "");
        var talk = new Conversation(new AgentQuestion(asked, prompt));
        using var pair = models.Load(parsed);
        foreach (var note in pair.Notes)
        {
            CommandLine.Output.MarkupLineInterpolated($"[yellow]note:[/] {note}");
        }

        var method = replay.Read(parsed, pair.Layers, settings.Seed);
        var loop = new AgentLoop(pair.Processor, config.Bounds(settings.MaxNewTokens, default, pair.Checkpoints.Rlvr.Config.Text.MaxPositions));
        using var player = new AgentPlayer(talk, ReplayMethods.Get(method.Method), method.Settings ?? pair.Defaults(method.Method));
        Console.WriteLine($"{method.Method}, tool {tool}: {asked.Question}");
        using var turns = new PairTurns(pair, loop, default, settings) { Cancel = cancel };
        turns.Run([player], _ => Print(talk));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"ended: {ConfigValue.Kebab(talk.End!.Value)}{(talk.Error is { } error ? $", {error}" : "")}; {talk.Turns.Count} turns, {talk.Calls} calls, {talk.RefusedCalls} of them refused; {player.Times.Total:0.0} s"));
        if (talk.Answer is { } answer)
        {
            Console.WriteLine($"answer: {answer.Trim()}");
        }

        if (files is not null)
        {
            Save(files.Path, talk, method.Method, tool);
            files.Commit();
            Console.WriteLine($"the conversation is in {parsed.GetValue(output)}");
        }

        return talk.End == ConversationEnd.Failed ? ExitCode.RowsFailed : ExitCode.Success;
    }

    private (AgentConfig Config, string Tool, AgentPrompt Prompt) Agent(ParseResult parsed)
    {
        var given = keys.Keys(parsed);
        var named = given.One(AgentConfig.ToolKey) ?? ConfigValue.OfOption("--tool", AgentConfig.ToolKey, AgentTools.Names[0]);
        given.Override([named]);
        var config = AgentConfig.Read(given)!;
        var tool = named.OneOf(AgentTools.Names);
        return (config, tool, config.Prompt(tool, RunConfigReader.SystemPrompt(given), RunConfigReader.Template(given)));
    }

    private static void Print(Conversation talk)
    {
        var turn = talk.Turns[^1];
        Console.WriteLine();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"turn {talk.Turns.Count} ({turn.PromptTokens} tokens before it, {turn.Tokens.Ids.Count} new, {turn.Tokens.Seconds:0.0} s)"));
        Console.WriteLine(turn.Text + (turn.Tokens.Finished ? "" : " …"));
        if (turn.Answer is { } said)
        {
            Console.WriteLine(said.Box is { } box ? $"→ the part {box} of the picture" : $"→ refused: {said.Problem}");
        }
    }

    private static void Save(string folder, Conversation talk, string method, string tool)
    {
        var turns = new List<object>();
        foreach (var (index, turn) in talk.Turns.Index())
        {
            var name = turn.Answer?.Picture is { } part ? string.Create(CultureInfo.InvariantCulture, $"turn-{index + 1}.png") : null;
            if (name is not null)
            {
                AtomicFile.WriteBytes(Path.Combine(folder, name), PngEncoder.Encode(turn.Answer!.Picture!));
            }

            turns.Add(new
            {
                turn.Text,
                turn.PromptTokens,
                NewTokens = turn.Tokens.Ids.Count,
                turn.Tokens.Finished,
                turn.Tokens.Seconds,
                Box = turn.Answer?.Box is { } box ? (int[])[box.Left, box.Top, box.Right, box.Bottom] : null,
                Picture = name,
                Refusal = turn.Answer?.Refusal is { } refusal ? ConfigValue.Kebab(refusal) : null,
                turn.Answer?.Problem,
            });
        }

        AtomicFile.WriteText(Path.Combine(folder, "conversation.json"), JsonSerializer.Serialize(
            new { talk.Question.Sample.Question, Method = method, Tool = tool, Ended = ConfigValue.Kebab(talk.End!.Value), talk.Answer, talk.Error, Turns = turns },
            JournalJson.Indented) + "\n");
    }
}
