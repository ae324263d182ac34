using ActivationReplay.Verification;
using ActivationReplay.Training.Tasks;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Training;

public sealed class CountingTaskTests
{
    // Of seed 7, scene 0, written down once.
    private const string KnownScene = "0 0 0 0 0 37 0 7 0 11 0 30 0 9 0 0 11 0 0 4 0 0 0 0 7 9 34 31 0 7 12 0 4 0 0 0";

    private static IEnumerable<CountingProblem> Problems(int count) =>
        Enumerable.Range(0, count).Select(i => CountingProblem.Create(SceneSettings.Standard, 7, ProblemSplit.Test, i));

    [Test]
    public void Problem_OfOneSeedAndIndex_IsTheSameEachTime()
    {
        var first = Problems(30).Select(p => (p.Question, p.Answer, string.Join(',', p.Scene.Objects))).ToList();
        Problems(30).Select(p => (p.Question, p.Answer, string.Join(',', p.Scene.Objects))).Should().Equal(first);
        Problems(3).First().Png().Should().Equal(Problems(3).First().Png());
    }

    [Test]
    public void Scene_OfAKnownSeed_IsThatOfEveryPlatform() =>
        string.Join(' ', Scene.Create(SceneSettings.Standard, 7, 0).CellClasses()).Should().Be(KnownScene);

    [Test]
    public void Splits_OfOneSeed_ShareNoScene()
    {
        var scenes = Enum.GetValues<ProblemSplit>().SelectMany(split => Enumerable.Range(0, 50)
            .Select(i => string.Join(',', CountingProblem.Create(SceneSettings.Standard, 7, split, i).Scene.CellClasses())));
        scenes.Should().OnlyHaveUniqueItems();
    }

    [Test]
    public void Answer_IsWhatCountingCellByCellGives()
    {
        foreach (var problem in Problems(600))
        {
            problem.Answer.Should().Be(BruteForce(problem).ToString(System.Globalization.CultureInfo.InvariantCulture), problem.Question.Text);
        }
    }

    [Test]
    public void WrittenAnswer_WithoutSlips_IsRightInEveryStyle()
    {
        foreach (var problem in Problems(300))
        {
            foreach (var style in Enum.GetValues<AnswerStyle>())
            {
                var writer = new AnswerWriter(problem.Scene, problem.Question, SlipRates.None, new Draws(1, DrawPurpose.Answer, 0));
                BoxedAnswer.Verify(writer.Write(style), problem.Answer).IsCorrect.Should().BeTrue();
            }
        }
    }

    [Test]
    public void WrittenAnswer_WithSlips_IsOftenWrongByOne()
    {
        var slips = new SlipRates { Direct = 1 };
        foreach (var problem in Problems(60))
        {
            var writer = new AnswerWriter(problem.Scene, problem.Question, slips, new Draws(1, DrawPurpose.Answer, (ulong)problem.Index));
            var boxed = int.Parse(BoxedAnswer.Extract(writer.Write(AnswerStyle.Direct))!, System.Globalization.CultureInfo.InvariantCulture);
            Math.Abs(boxed - problem.Question.Answer(problem.Scene)).Should().Be(1);
        }
    }

    [Test]
    public void Settings_ThatDoNotFit_AreRefused()
    {
        var crowded = () => new SceneSettings { Side = 2, LeastObjects = 5, MostObjects = 9 }.Validated();
        crowded.Should().Throw<ArgumentException>().WithMessage("*2×2 cells*");
    }

    // Reads the question's words alone, not the record it came from.
    private static int BruteForce(CountingProblem problem)
    {
        var words = problem.Question.Text.TrimEnd('?').Split(' ');
        var colours = Enum.GetValues<ObjectColour>().Where(c => words.Contains(Lower(c))).ToList();
        var shapes = words.SelectMany(w => Enum.GetValues<ObjectShape>().Where(s => w == Lower(s) + "s")).ToList();
        var objects = problem.Scene.Objects.Where(o => colours.Count == 0 || colours.Contains(o.Colour)).ToList();
        var counts = shapes.Select(s => objects.Count(o => o.Shape == s)).ToList();
        return words switch
        {
            [.., "digits"] => objects.Sum(o => o.Digit),
            ["What", "is", "the", "largest", "digit", "plus", ..] => objects.Max(o => o.Digit) + counts[0],
            ["What", "is", "the", "largest", "digit", "minus", ..] => objects.Max(o => o.Digit) - counts[0],
            ["How", "many", "more", ..] => counts[0] - counts[1],
            _ => counts.Count == 0 ? objects.Count(o => o.Shape is not null) : counts[0],
        };
    }

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
