using ActivationReplay.Ablations.Commands;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Commands;

/// <summary>The command <c>verify</c>.</summary>
public sealed class VerifyCommandTests : CommandTest
{
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

        var code = await CommandLine.RunAsync(["verify", Folder.PathOf("in.jsonl"), "--out", Folder.PathOf("new", "out.csv")]);

        code.Should().Be(ExitCode.Success, Errors);
        File.ReadAllLines(Folder.PathOf("new", "out.csv")).Should().Equal(
            "id,extracted,rule,match",
            "n,0.5,boxed,true",
            "2,8,answer-phrase,false",
            "c,B,option-text,true",
            "l,A,answer-phrase,false",
            "u,,unparsed,false",
            "s,B,option-letter,true",
            "p,0.33,number,true",
            "\"q,1\",,unparsed,false");
        Printed.Should().MatchRegex(@"boxed\s+1 rows\s+1 right").And.MatchRegex(@"unparsed\s+2 rows\s+0 right").And.MatchRegex(@"all\s+8 rows\s+4 right\s+0 errors");
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

        (await CommandLine.RunAsync(["verify", Folder.PathOf("in.jsonl"), "--out", Folder.PathOf("out.csv")])).Should().Be(ExitCode.Success, Errors);

        File.ReadAllLines(Folder.PathOf("out.csv")).Skip(1).Select(l => l[..l.LastIndexOf(',')][..l[..l.LastIndexOf(',')].LastIndexOf(',')] + l[l.LastIndexOf(',')..]).Should().Equal(
            "typed,G,true", "untyped,G,true", "set,\"A, C\",true", "part,A,false", "number,3,true", "two,,false", "texts,\"A, C\",true", "open,G,true");
    }

    [Test]
    public async Task Verify_WithoutOut_WritesTheCsvAloneToStandardOutput()
    {
        Lines("""{"id": "1", "gold": "3", "pred": "3"}""");

        (await CommandLine.RunAsync(["verify", Folder.PathOf("in.jsonl")])).Should().Be(ExitCode.Success);

        Printed.ReplaceLineEndings("\n").Should().Be("id,extracted,rule,match\n1,3,number,true\n");
        Errors.Should().MatchRegex(@"number\s+1 rows");
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

        var code = await CommandLine.RunAsync(["verify", Folder.PathOf("in.jsonl"), "--out", Folder.PathOf("out.csv")]);

        code.Should().Be(ExitCode.RowsFailed);
        File.ReadAllLines(Folder.PathOf("out.csv")).Should().HaveCount(3);
        Errors.Should()
            .Contain("in.jsonl, line 2: ").And.Contain("line 4: 'id' is missing").And.Contain("line 5: 'pred' is missing")
            .And.Contain("line 6: neither 'gold' nor 'choices'").And.Contain("line 7: 'targets' holds 'html'; allowed: latex, expr, string")
            .And.Contain("line 8: 'gold' is a JSON Array").And.Contain("line 9: 'options.precision'").And.Contain("line 10: ").And.NotContain("line 11");
    }

    [Test]
    public async Task Verify_WithSettingsWithoutMeaning_NamesEachOnce()
    {
        const string Settings = """{"malformed_operators": false, "timeout_seconds": 5, "normalization_config": {"nits": false, "units": true, "boxed": "all"}}""";
        Lines(
            """{"id": "1", "gold": "3", "pred": "3", "options": """ + Settings + "}",
            """{"id": "2", "gold": "3", "pred": "4", "options": """ + Settings + "}",
            """{"id": "3", "gold": "3", "pred": "3"}""");

        var code = await CommandLine.RunAsync(["verify", Folder.PathOf("in.jsonl"), "--out", Folder.PathOf("out.csv")]);

        code.Should().Be(ExitCode.Success, Errors);
        File.ReadAllLines(Folder.PathOf("out.csv")).Should().Equal("id,extracted,rule,match", "1,3,number,true", "2,4,number,false", "3,3,number,true");
        Errors.ReplaceLineEndings("\n").Should().EndWith(
            "in.jsonl: options.malformed_operators, options.normalization_config.nits, options.timeout_seconds: no meaning here, and no verdict depends on it\n")
            .And.StartWith("warning: ");
    }

    [Test]
    public async Task Verify_DoesWhatSettingsSay()
    {
        Lines(
            """{"id": "anchor", "gold": "3", "pred": "it is 3", "options": {"try_extract_without_anchor": false}}""",
            """{"id": "box", "gold": "3", "pred": "The answer is 4. \\boxed{3}", "options": {"boxed_match_priority": -1}}""",
            """{"id": "fallback", "gold": "red", "pred": "red", "options": {"fallback_mode": "no_fallback"}}""",
            """{"id": "case", "gold": "Left", "pred": "left", "targets": ["string"], "options": {"strings": ["Left", "Right"], "lowercase": false}}""",
            """{"id": "set", "gold": "(2,5)", "pred": "$2<x<5$", "options": {"allow_set_relation_comp": true, "extraction_mode": "any_match"}}""");

        var code = await CommandLine.RunAsync(["verify", Folder.PathOf("in.jsonl"), "--out", Folder.PathOf("out.csv")]);

        code.Should().Be(ExitCode.Success, Errors);
        File.ReadAllLines(Folder.PathOf("out.csv")).Skip(1).Should().Equal(
            "anchor,,unparsed,false", "box,4,answer-phrase,false", "fallback,,unparsed,false", "case,,unparsed,false", "set,2<x<5,formula,true");
        Errors.Should().BeEmpty();
    }

    [TestCase(""" "units": false """, "'options.units' is False, which would change verdicts and is not done; only true is")]
    [TestCase(""" "boxed": "last" """, "'options.boxed' is last, which would change verdicts and is not done; only all is")]
    [TestCase(""" "normalization_config": {"units": false} """, "'options.normalization_config.units' is False")]
    [TestCase(""" "boxed_match_priority": 200 """, "'options.boxed_match_priority' is 200; a whole number from -1 to 50 belongs there")]
    [TestCase(""" "extraction_mode": "last" """, "'options.extraction_mode' is last; any_match or first_match belongs there")]
    [TestCase(""" "lenient": true """, "'options.lenient' is not known; allowed: precision, ")]
    public async Task Verify_OfASettingThatIsNotDone_NamesLineAndKey(string setting, string message)
    {
        Lines(
            """{"id": "1", "gold": "3", "pred": "3"}""",
            """{"id": "2", "gold": "3", "pred": "3", "options": {""" + setting + "}}");

        var code = await CommandLine.RunAsync(["verify", Folder.PathOf("in.jsonl"), "--out", Folder.PathOf("out.csv")]);

        code.Should().Be(ExitCode.RowsFailed);
        File.ReadAllLines(Folder.PathOf("out.csv")).Should().HaveCount(2);
        Errors.Should().Contain("in.jsonl, line 2: " + message);
    }

    [Test]
    public async Task Verify_OfNoFile_IsBadUsage() =>
        (await CommandLine.RunAsync(["verify", Folder.PathOf("none.jsonl")])).Should().Be(ExitCode.Usage);

    private void Lines(params string[] lines) => File.WriteAllLines(Folder.PathOf("in.jsonl"), lines);
}
