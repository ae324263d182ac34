using ActivationReplay.Ablations.Commands;
using ActivationReplay.Tests.Checkpoints;
using ActivationReplay.Tests.Evaluation;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Commands;

/// <summary>Commands on data sets of every form. They write to the process's console, so nothing runs beside them.</summary>
[NonParallelizable]
public sealed class DatasetCommandTests
{
    private TempFolder folder = null!;
    private TextWriter output = null!;
    private TextWriter error = null!;
    private StringWriter errors = null!;

    [SetUp]
    public void Redirect()
    {
        folder = new TempFolder();
        (output, error) = (Console.Out, Console.Error);
        errors = new StringWriter();
        Console.SetOut(TextWriter.Null);
        Console.SetError(errors);
    }

    [TearDown]
    public void Restore()
    {
        Console.SetOut(output);
        Console.SetError(error);
        errors.Dispose();
        folder.Dispose();
    }

    [TestCase("mcq.tsv", "B")]
    [TestCase("two-images.tsv", "B")]
    [TestCase("open.tsv", "0.25")]
    [TestCase("jsonl/data.jsonl", "4")]
    public async Task Run_OnADataSetOfAUsers_AnswersItsQuestions(string name, string secondAnswer)
    {
        var code = await CommandLine.RunAsync(
            ["run", "--dataset", Path.Combine(DatasetFiles.Carried, name), "--limit", "2", "--methods", "none", "--max-new-tokens", "4", "--out", folder.PathOf("r")]);

        code.Should().Be(ExitCode.Success, errors.ToString());
        var rows = File.ReadAllText(folder.PathOf("r", "samples.csv"));
        rows.Should().Contain(secondAnswer).And.MatchRegex("True|False");
    }

    [Test]
    public async Task Run_WithBadRowsOfATsv_WritesTheirErrorsAndGoesOn()
    {
        DatasetFiles.Tsv(
            folder.Path,
            "index\timage\tquestion\tanswer",
            $"broken\t{Convert.ToBase64String(new byte[99])}\tHow many?\t1",
            "lost\t77\tHow many?\t1",
            $"good\t{DatasetFiles.Picture}\tHow many?\t1");

        var code = await CommandLine.RunAsync(
            ["run", "--dataset", folder.PathOf("data.tsv"), "--methods", "none", "--max-new-tokens", "4", "--out", folder.PathOf("r")]);

        code.Should().Be(ExitCode.RowsFailed);
        var rows = File.ReadAllLines(folder.PathOf("r", "samples.csv")).Where(l => l.StartsWith("none,", StringComparison.Ordinal)).ToList();
        rows[0].Should().Contain("row broken, picture 1");
        rows[1].Should().Contain("which is neither a picture in base64 nor the index of a row");
        rows[2].Should().MatchRegex("True|False");
    }

    [Test]
    public async Task Run_WithAPromptTemplate_IsAnotherRunThanWithout()
    {
        File.WriteAllText(folder.PathOf("t.txt"), "{question} Think.\n");
        string[] command =
            ["run", "--dataset", Path.Combine(DatasetFiles.Carried, "mcq.tsv"), "--limit", "1", "--methods", "none", "--max-new-tokens", "2", "--out", folder.PathOf("r")];

        (await CommandLine.RunAsync([.. command, "--prompt-template", folder.PathOf("t.txt")])).Should().Be(ExitCode.Success);
        (await CommandLine.RunAsync(command)).Should().Be(ExitCode.Usage);
        errors.ToString().Should().Contain("prompt_template: \"{question} Think.\" there, absent here");
    }

    [TestCase("run")]
    [TestCase("validate")]
    [TestCase("calibrate")]
    [TestCase("lens")]
    public async Task APromptTemplate_WithAnUnknownPlaceholder_IsBadUsage(string command)
    {
        File.WriteAllText(folder.PathOf("t.txt"), "{question} {image}");

        (await CommandLine.RunAsync([command, "--prompt-template", folder.PathOf("t.txt")])).Should().Be(ExitCode.Usage);
        errors.ToString().Should().Contain("{image} is no placeholder; allowed: {question}, {options}, {hint}");
    }

    [Test]
    public async Task Calibrate_MeasuresATsv()
    {
        var code = await CommandLine.RunAsync(
            ["calibrate", "--dataset", Path.Combine(DatasetFiles.Carried, "two-images.tsv"), "--limit", "1", "--out", folder.PathOf("t.json")]);

        code.Should().Be(ExitCode.Success, errors.ToString());
        File.Exists(folder.PathOf("t.json")).Should().BeTrue();
    }

    [Test]
    public async Task Run_OnAFileOfAnotherForm_NamesTheFormsThatAreRead()
    {
        File.WriteAllText(folder.PathOf("data.csv"), "x");

        (await CommandLine.RunAsync(["run", "--dataset", folder.PathOf("data.csv"), "--out", folder.PathOf("r")])).Should().Be(ExitCode.Usage);
        errors.ToString().Should().Contain(".tsv").And.Contain(".jsonl").And.Contain(".parquet");
    }
}
