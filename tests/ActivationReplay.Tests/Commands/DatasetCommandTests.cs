using ActivationReplay.Ablations.Commands;
using ActivationReplay.Tests.Evaluation;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Commands;

/// <summary>Commands on data sets of every form.</summary>
public sealed class DatasetCommandTests : CommandTest
{
    [TestCase("mcq.tsv", "B")]
    [TestCase("two-images.tsv", "B")]
    [TestCase("open.tsv", "0.25")]
    [TestCase("jsonl/data.jsonl", "4")]
    public async Task Run_OnADataSetOfAUsers_AnswersItsQuestions(string name, string secondAnswer)
    {
        var code = await CommandLine.RunAsync(
            ["run", "--dataset", Path.Combine(DatasetFiles.Carried, name), "--limit", "2", "--methods", "none", "--max-new-tokens", "4", "--out", Folder.PathOf("r")]);

        code.Should().Be(ExitCode.Success, Errors);
        var rows = File.ReadAllText(Folder.PathOf("r", "samples.csv"));
        rows.Should().Contain(secondAnswer).And.MatchRegex("True|False");
    }

    [Test]
    public async Task Run_WithBadRowsOfATsv_WritesTheirErrorsAndGoesOn()
    {
        DatasetFiles.Tsv(
            Folder.Path,
            "index\timage\tquestion\tanswer",
            $"broken\t{Convert.ToBase64String(new byte[99])}\tHow many?\t1",
            "lost\t77\tHow many?\t1",
            $"good\t{DatasetFiles.Picture}\tHow many?\t1");

        var code = await CommandLine.RunAsync(
            ["run", "--dataset", Folder.PathOf("data.tsv"), "--methods", "none", "--max-new-tokens", "4", "--out", Folder.PathOf("r")]);

        code.Should().Be(ExitCode.RowsFailed);
        var rows = File.ReadAllLines(Folder.PathOf("r", "samples.csv")).Where(l => l.StartsWith("none,", StringComparison.Ordinal)).ToList();
        rows[0].Should().Contain("row broken, picture 1");
        rows[1].Should().Contain("which is neither a picture in base64 nor the index of a row");
        rows[2].Should().MatchRegex("True|False");
    }

    [Test]
    public async Task Run_WithAPromptTemplate_IsAnotherRunThanWithout()
    {
        File.WriteAllText(Folder.PathOf("t.txt"), "{question} Think.\n");
        string[] command =
            ["run", "--dataset", Path.Combine(DatasetFiles.Carried, "mcq.tsv"), "--limit", "1", "--methods", "none", "--max-new-tokens", "2", "--out", Folder.PathOf("r")];

        (await CommandLine.RunAsync([.. command, "--prompt-template", Folder.PathOf("t.txt")])).Should().Be(ExitCode.Success);
        (await CommandLine.RunAsync(command)).Should().Be(ExitCode.Usage);
        Errors.Should().Contain("prompt_template: \"{question} Think.\" there, absent here");
    }

    [TestCase("run")]
    [TestCase("validate")]
    [TestCase("calibrate")]
    [TestCase("lens")]
    public async Task APromptTemplate_WithAnUnknownPlaceholder_IsBadUsage(string command)
    {
        File.WriteAllText(Folder.PathOf("t.txt"), "{question} {image}");

        (await CommandLine.RunAsync([command, "--prompt-template", Folder.PathOf("t.txt")])).Should().Be(ExitCode.Usage);
        Errors.Should().Contain("{image} is no placeholder; allowed: {question}, {options}, {hint}");
    }

    [Test]
    public async Task Calibrate_MeasuresATsv()
    {
        var code = await CommandLine.RunAsync(
            ["calibrate", "--dataset", Path.Combine(DatasetFiles.Carried, "two-images.tsv"), "--limit", "1", "--out", Folder.PathOf("t.json")]);

        code.Should().Be(ExitCode.Success, Errors);
        File.Exists(Folder.PathOf("t.json")).Should().BeTrue();
    }

    [Test]
    public async Task Run_OnAFileOfAnotherForm_NamesTheFormsThatAreRead()
    {
        File.WriteAllText(Folder.PathOf("data.csv"), "x");

        (await CommandLine.RunAsync(["run", "--dataset", Folder.PathOf("data.csv"), "--out", Folder.PathOf("r")])).Should().Be(ExitCode.Usage);
        Errors.Should().Contain(".tsv").And.Contain(".jsonl").And.Contain(".parquet");
    }
}
