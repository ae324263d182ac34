using ActivationReplay.Ablations.Commands;
using ActivationReplay.Tests.Checkpoints;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Commands;

/// <summary>The command <c>verify</c>. It writes to the process's console, so nothing runs beside it.</summary>
[NonParallelizable]
public sealed class VerifyCommandTests
{
    private TempFolder folder = null!;
    private TextWriter output = null!;
    private TextWriter error = null!;
    private StringWriter printed = null!;
    private StringWriter errors = null!;

    [SetUp]
    public void Redirect()
    {
        folder = new TempFolder();
        (output, error) = (Console.Out, Console.Error);
        (printed, errors) = (new StringWriter(), new StringWriter());
        Console.SetOut(printed);
        Console.SetError(errors);
    }

    [TearDown]
    public void Restore()
    {
        Console.SetOut(output);
        Console.SetError(error);
        printed.Dispose();
        errors.Dispose();
        folder.Dispose();
    }

    [Test]
    public async Task Verify_WritesARowALine_InOrder()
    {
        Lines(
            """{"id": "n", "gold": "$\\frac{1}{2}$", "pred": "so \\boxed{0.5}"}""",
            """{"id": 2, "gold": 7, "pred": "The answer is 8."}""",
            """{"id": "c", "choices": {"A": "red", "B": "blue"}, "pred": "It is blue, I think", "answer": "B"}""",
            """{"id": "l", "choices": ["red", "blue"], "pred": "The answer is A"}""",
            """{"id": "u", "choices": {"A": "red", "B": "blue"}, "pred": "A or B", "gold": "A"}""",
            """{"id": "s", "gold": "B", "pred": "I take B, not A", "targets": ["string"]}""",
            """{"id": "p", "gold": "1/3", "pred": "0.33", "options": {"precision": 2}}""",
            """{"id": "q,1", "gold": "2", "pred": null}""");

        var code = await CommandLine.RunAsync(["verify", folder.PathOf("in.jsonl"), "--out", folder.PathOf("new", "out.csv")]);

        code.Should().Be(ExitCode.Success, errors.ToString());
        File.ReadAllLines(folder.PathOf("new", "out.csv")).Should().Equal(
            "id,extracted,rule,match",
            "n,0.5,boxed,true",
            "2,8,answer-phrase,false",
            "c,B,option-text,true",
            "l,A,answer-phrase,false",
            "u,,unparsed,false",
            "s,B,option-letter,true",
            "p,0.33,number,true",
            "\"q,1\",,unparsed,false");
        printed.ToString().Should().MatchRegex(@"boxed\s+1 rows\s+1 right").And.MatchRegex(@"unparsed\s+2 rows\s+0 right").And.MatchRegex(@"all\s+8 rows\s+4 right\s+0 errors");
    }

    [Test]
    public async Task Verify_OfOptionsInThePicture_ComparesTheirLetters()
    {
        Lines(
            """{"id": "typed", "gold": "G", "question_type": "multi_choice", "pred": "The correct option is G because A is wrong."}""",
            """{"id": "untyped", "gold": "G", "pred": "the correct option is G because A is wrong"}""",
            """{"id": "set", "gold": "AC", "question_type": "multi_choice", "pred": "C and A"}""",
            """{"id": "part", "gold": "A, C", "pred": "The answer is A."}""",
            """{"id": "number", "gold": "3", "question_type": "multi_choice", "pred": "Figure 3, not 4."}""",
            """{"id": "two", "gold": "G", "pred": "F or G"}""",
            """{"id": "texts", "gold": "A, C", "choices": {"A": "red", "B": "blue", "C": "green"}, "pred": "red and green"}""",
            """{"id": "open", "gold": "G", "question_type": "free_form", "pred": "G"}""");

        (await CommandLine.RunAsync(["verify", folder.PathOf("in.jsonl"), "--out", folder.PathOf("out.csv")])).Should().Be(ExitCode.Success, errors.ToString());

        File.ReadAllLines(folder.PathOf("out.csv")).Skip(1).Select(l => l[..l.LastIndexOf(',')][..l[..l.LastIndexOf(',')].LastIndexOf(',')] + l[l.LastIndexOf(',')..]).Should().Equal(
            "typed,G,true", "untyped,G,true", "set,\"A, C\",true", "part,A,false", "number,3,true", "two,,false", "texts,\"A, C\",true", "open,G,true");
    }

    [Test]
    public async Task Verify_WithoutOut_WritesTheCsvAloneToStandardOutput()
    {
        Lines("""{"id": "1", "gold": "3", "pred": "3"}""");

        (await CommandLine.RunAsync(["verify", folder.PathOf("in.jsonl")])).Should().Be(ExitCode.Success);

        printed.ToString().ReplaceLineEndings("\n").Should().Be("id,extracted,rule,match\n1,3,number,true\n");
        errors.ToString().Should().MatchRegex(@"number\s+1 rows");
    }

    [Test]
    public async Task Verify_WithBadLines_NamesThem_AndKeepsTheOthers()
    {
        Lines(
            """{"id": "1", "gold": "3", "pred": "3"}""",
            "not JSON",
            "",
            """{"gold": "3", "pred": "3"}""",
            """{"id": "5", "gold": "3"}""",
            """{"id": "6", "pred": "3"}""",
            """{"id": "7", "gold": "3", "pred": "3", "targets": ["html"]}""",
            """{"id": "8", "gold": ["3"], "pred": "3"}""",
            """{"id": "9", "gold": "3", "pred": "3", "options": {"precision": "high"}}""",
            "[1]",
            """{"id": "11", "gold": "4", "pred": "4"}""");

        var code = await CommandLine.RunAsync(["verify", folder.PathOf("in.jsonl"), "--out", folder.PathOf("out.csv")]);

        code.Should().Be(ExitCode.RowsFailed);
        File.ReadAllLines(folder.PathOf("out.csv")).Should().HaveCount(3);
        errors.ToString().Should()
            .Contain("in.jsonl, line 2: ").And.Contain("line 4: 'id' is missing").And.Contain("line 5: 'pred' is missing")
            .And.Contain("line 6: neither 'gold' nor 'choices'").And.Contain("line 7: 'targets' holds 'html'; allowed: latex, expr, string")
            .And.Contain("line 8: 'gold' is a JSON Array").And.Contain("line 9: 'options.precision'").And.Contain("line 10: ").And.NotContain("line 11");
    }

    [Test]
    public async Task Verify_OfNoFile_IsBadUsage() =>
        (await CommandLine.RunAsync(["verify", folder.PathOf("none.jsonl")])).Should().Be(ExitCode.Usage);

    private void Lines(params string[] lines) => File.WriteAllLines(folder.PathOf("in.jsonl"), lines);
}
