using ActivationReplay.Ablations.Reports;
using ActivationReplay.Evaluation.Statistics;
using ActivationReplay.Tests.Storage;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Reports;

/// <summary>What a comparison says of what it could have shown.</summary>
public sealed class CellComparisonTests
{
    private static readonly string s_reference = Path.Combine(Goldens.Repository, "results", "reference");

    [Test]
    public void MeanSquare_OfSingleAnswers_IsTheShareOfQuestionsThatDiffer()
    {
        var comparison = CellComparison.Of(Scores("a", "0110010"), Scores("b", "1100010"))!;

        comparison.MeanSquare.Should().BeApproximately(2.0 / 7, 1e-12);
        (comparison.Questions, comparison.Within, comparison.Power(1)!.IsBinary).Should().Be((7, null, true));
        comparison.HalfWidth.Should().Be((comparison.High - comparison.Low) / 2);
    }

    [Test]
    public void Within_OfSeveralAnswers_IsTheVarianceOfTheirDifferences_DrawnAlike()
    {
        // Differences by repetition: 1, 0 and 0, −1; each with a variance of 0.5 about its mean.
        var comparison = CellComparison.Of(Drawn("a", "10", "01"), Drawn("b", "00", "11"))!;

        comparison.Within.Should().BeApproximately(0.5, 1e-12);
        comparison.MeanSquare.Should().BeApproximately(0.25, 1e-12);
        comparison.Power(1)!.IsBinary.Should().BeFalse();

        CellComparison.Of(Drawn("a", "10"), Drawn("b", "01"))!.Within.Should().BeApproximately(2, 1e-12, "1 and −1");
        CellComparison.Of(Drawn("a", "10"), Drawn("b", "10"))!.Within.Should().Be(0, "drawn alike");
    }

    [Test]
    public void Of_AQuestionInSeveralOrders_TakesThemAsOne()
    {
        // 16 questions in four orders each: a is right in all, b in none.
        var (a, b) = (Orders(correct: true), Orders(correct: false));
        var comparison = CellComparison.Of(a, b)!;

        (comparison.Questions, comparison.Difference, comparison.Better).Should().Be((16, 1, 16));
        comparison.P.Should().BeGreaterThan(1e-5, "as of 16 questions, not of 64 (p below 1e-19)");
        (a.Answers, a.IsBinary, a.PassAt("0", 1), b.Solved("0")).Should().Be((1, false, 1, 0));

        static QuestionScores Orders(bool correct)
        {
            var manifest = FakeRun.Manifest("gone.tsv", 1, ("a", "none"));
            return new(Enumerable.Range(0, 64).Select(i => FakeRun.Entry(manifest, "a", i, correct).Row with { Problem = $"{i / 4}" }));
        }
    }

    [Test]
    public void Of_AQuestionWhoseOrdersFailedInOneCell_ComparesTheOrdersThatBothAnswered()
    {
        // Both have the same two orders right and two wrong; one of those that are wrong failed in the cell.
        var manifest = FakeRun.Manifest("gone.tsv", 1, ("a", "none"));
        var reference = Enumerable.Range(0, 4).Select(i => FakeRun.Entry(manifest, "a", i, correct: i < 2).Row with { Problem = "0" }).ToList();
        var cell = reference.Select((row, i) => i == 3 ? row with { Error = "out of memory" } : row);

        var comparison = CellComparison.Of(new(cell), new(reference))!;
        (comparison.Questions, comparison.Difference).Should().Be((1, 0));
        PassAtKRow.Of("a", new(cell), new(reference), null).Single().RlvrDifference.Should().Be(0);
    }

    [Test]
    public void Detectable_IsThatOfTheFirstStepOfHolm()
    {
        var rest = new string('1', 60);
        var one = CellComparison.Of(Scores("a", "1101" + rest), Scores("b", "0011" + rest));
        var two = CellComparison.Of(Scores("c", "0000" + rest), Scores("b", "0011" + rest));

        var corrected = CellComparison.Correct([one, null, two]);

        corrected[1].Should().BeNull();
        corrected[0]!.Detectable.Should().Be(new PairedPower(3.0 / 64, true, 0.025).SmallestDifference(64)).And.BePositive();
        CellComparison.Correct([one])[0]!.Detectable.Should().BeLessThan(corrected[0]!.Detectable!.Value);
    }

    [Test]
    public void Recovered_OfAnEarlierVersionsTable_IsNearWhatTheAnswersSay()
    {
        var scores = Enumerable.Range(0, 300).Select(i => (A: $"{i * 7 % 5 % 2}{i % 3 / 2}", B: $"{i % 2}{i % 3 / 2}")).ToList();
        var whole = CellComparison.Of(Drawn("a", [.. scores.Select(s => s.A)]), Drawn("b", [.. scores.Select(s => s.B)]))!;

        var recovered = (whole with { MeanSquare = null, Questions = null }).Recovered(300, 600);

        // The ends of a percentile interval of 10 000 draws are good to a few per cent of its width, twice that squared.
        recovered.MeanSquare.Should().BeApproximately(whole.MeanSquare!.Value, 0.1 * whole.MeanSquare.Value);
        recovered.Questions.Should().Be(300);
        whole.Recovered(1, 1).Should().Be(whole, "nothing is left out");
    }

    [TestCase("quick", "replay", 0.03)]
    [TestCase("entropy", "base", 28.0 / 200)]
    public void Recovered_OfSingleAnswers_IsExact(string run, string cell, double discordance)
    {
        var to = StoredTables.Report(Path.Combine(s_reference, run)).Cells.Single(c => c.Cell == cell).ToRlvr!;

        to.MeanSquare.Should().BeApproximately(discordance, 1e-12);
        to.Detectable.Should().BePositive();
    }

    private static QuestionScores Scores(string cell, string correct) => new(MadeRuns.Answers(cell, correct).Select(e => e.Row));

    // A text a question: its answers by repetition.
    private static QuestionScores Drawn(string cell, params string[] questions) => new(questions.SelectMany((text, q) =>
        text.Select((c, r) => MadeRuns.Row(cell, FormattableString.Invariant($"{q:000}"), c == '1', r))));
}
