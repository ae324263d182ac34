using System.CommandLine;
using System.Globalization;
using ActivationReplay.Ablations.Execution;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Generation;
using ActivationReplay.Inputs;
using ActivationReplay.Models;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Objective;
using ActivationReplay.Replay.Recordings;
using ActivationReplay.Vision;
using Spectre.Console;

namespace ActivationReplay.Ablations.Commands;

/// <summary><c>replay IMAGE QUESTION</c>: the three answers side by side and the loss curve.</summary>
internal sealed class ReplayCommand
{
    private readonly Argument<string> image = new("IMAGE") { Description = "A PNG, JPEG, WebP, GIF or BMP file." };
    private readonly Argument<string> question = new("QUESTION") { Description = "The question about it." };
    private readonly ModelOptions models = new();
    private readonly ReplayOptions replay = new();
    private readonly GenerationOptions generation = new();

    public static Command Create()
    {
        var one = new ReplayCommand();
        var command = new Command("replay", "Ask base, RLVR, and RLVR with Activation Replay one question about one picture.")
        {
            one.image,
            one.question,
        };
        one.models.AddTo(command);
        one.replay.AddTo(command);
        one.generation.AddTo(command);
        command.SetAction(one.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var answers = generation.Read(parsed);
        var settings = replay.Read(parsed, answers.Seed);
        using var pair = models.Load(parsed);
        foreach (var note in pair.Notes)
        {
            CommandLine.Output.MarkupLineInterpolated($"[yellow]note:[/] {note}");
        }

        var sample = new Sample(
            "0", parsed.GetRequiredValue(question), [MediaFile.FromPath(parsed.GetRequiredValue(image))], Answer: "");
        var source = new PromptSource(pair.Processor, sample.Conversation());
        using var inputs = source.Prepare();
        using var context = pair.Context(inputs, source);
        var columns = new List<(string Name, string Text)>();
        OptimisationTrace? trace = null;
        foreach (var (method, name) in new[] { ("base", "base"), ("none", "RLVR"), ("replay", "RLVR with Activation Replay") })
        {
            using var prepared = ReplayMethods.Get(method).Prepare(context, settings);
            trace = prepared.Trace ?? trace;
            columns.Add((name, Answer(pair, context.Encoded(prepared.Answerer), prepared, answers)));
        }

        var table = new Table().Expand();
        table.AddColumns([.. columns.Select(c => c.Name)]);
        table.AddRow([.. columns.Select(c => Markup.Escape(c.Text))]);
        CommandLine.Output.Write(table);
        PrintCurve(trace!, inputs);
        return trace!.Status == OptimisationStatus.Finished ? ExitCode.Success : ExitCode.RowsFailed;
    }

    private static string Answer(LoadedPair pair, EncodedPrompt prompt, Preparation prepared, GenerationSettings settings)
    {
        var sequences = new TextGenerator(prompt.Model, pair.StopIds(prepared.Answerer))
            .Generate(new GenerationRequest(prompt, prepared.Intervention, settings));
        return string.Join("\n\n", sequences.Select(s => pair.Processor.Tokenizer.Decode(s.Ids) + (s.Finished ? "" : " …")));
    }

    private static void PrintCurve(OptimisationTrace trace, ModelInputs inputs)
    {
        CommandLine.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"loss before each of {trace.Losses.Count} steps (nats a learnable token), {inputs.VisualPositions.Count} visual tokens, "
            + $"{trace.Seconds:0.00} s, {trace.Status}"));
        var largest = trace.Losses.Max();
        foreach (var (step, loss) in trace.Losses.Index())
        {
            var bar = double.IsFinite(largest) && largest > 0 ? new string('█', (int)Math.Round(40 * loss / largest)) : "";
            CommandLine.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{step,4} {loss,12:0.000000} {bar}"));
        }
    }
}
