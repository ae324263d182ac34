using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Execution;
using ActivationReplay.Tests.Storage;
using FluentAssertions;
using NUnit.Framework;
using Spectre.Console;

namespace ActivationReplay.Tests.Commands;

public sealed class RunProgressTests
{
    private TimeSpan now;

    [Test]
    public void Tally_CountsTimeLeftByWhatItComputedItself()
    {
        var tally = Tally(10);

        tally.Add(new BatchResult(4, [], WasHeld: true));
        tally.Rate.Should().BeNull("nothing was computed");
        now = TimeSpan.FromSeconds(8);
        tally.Add(new BatchResult(2, [], WasHeld: false));

        tally.Done.Should().Be(6);
        tally.Rate.Should().Be(0.25);
        tally.Left.Should().Be(TimeSpan.FromSeconds(16));
    }

    [Test]
    public void Lines_GiveAccuracyRateAndTimeLeft_WithoutSignsOfATerminal()
    {
        using var output = new StringWriter();
        var tally = Tally(3);

        RunProgress.ShowLines(output, tally, () => now, onBatch =>
        {
            now = TimeSpan.FromSeconds(2);
            onBatch(Batch("1"));
            now = TimeSpan.FromSeconds(3);
            onBatch(Batch("0"));
            now = TimeSpan.FromSeconds(4);
            onBatch(Batch("1"));
        });

        // The one between came a second after the first.
        output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries).Should().HaveCount(2);
        output.ToString().Should().StartWith("1/3 questions, 0.50 a second, 0:00:04 left").And.Contain("none 1.000")
            .And.Contain("3/3 questions").And.Contain("none 0.667").And.NotContain("\u001b");
    }

    [Test]
    public void Table_ShowsEveryCellOnATerminal()
    {
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = 100;

        RunProgress.ShowTable(console, Tally(2), onBatch =>
        {
            now = TimeSpan.FromSeconds(1);
            onBatch(Batch("1"));
        });

        output.ToString().Should().Contain("accuracy so far").And.Contain("replay").And.Contain("1.000").And.Contain("1/2 questions");
    }

    private static BatchResult Batch(string correct) => new(1, [.. MadeRuns.Answers("none", correct)], WasHeld: false);

    private RunTally Tally(int questions) => new(MadeRuns.Config(), questions, () => now);
}
