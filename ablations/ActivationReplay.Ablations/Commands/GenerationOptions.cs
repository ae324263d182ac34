using System.CommandLine;
using ActivationReplay.Generation;

namespace ActivationReplay.Ablations.Commands;

/// <summary>The command-line options of generation.</summary>
internal sealed class GenerationOptions
{
    private readonly Option<int> newTokens = new("--max-new-tokens")
    {
        Description = "Tokens after which an answer is cut off. Published: 2048.",
        DefaultValueFactory = _ => 64,
    };

    private readonly Option<double> temperature = new("--temperature") { Description = "0 is greedy." };

    private readonly Option<double> topP = new("--top-p")
    {
        Description = "Sample from the smallest set of tokens with at least this probability.",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<int> topK = new("--top-k") { Description = "Sample from this many most likely tokens; 0 is all." };

    private readonly Option<int> samples = new("--samples", "-n")
    {
        Description = "Answers to each question.",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<ulong> seed = new("--seed") { Description = "Decides every draw." };

    public void AddTo(Command command)
    {
        command.Options.Add(newTokens);
        command.Options.Add(temperature);
        command.Options.Add(topP);
        command.Options.Add(topK);
        command.Options.Add(samples);
        command.Options.Add(seed);
    }

    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public GenerationSettings Read(ParseResult parsed) => new()
    {
        MaxNewTokens = parsed.GetValue(newTokens),
        Temperature = parsed.GetValue(temperature),
        TopP = parsed.GetValue(topP),
        TopK = parsed.GetValue(topK),
        Samples = parsed.GetValue(samples),
        Seed = parsed.GetValue(seed),
    };
}
