using System.Text.Json;
using ActivationReplay.Evaluation.Agents;
using ActivationReplay.Tests.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Agents;

/// <summary>A box is cut from the original picture, clamped to it, or refused.</summary>
public sealed class ZoomToolTests
{
    // 500 × 400 pixels, seen at 252 × 196.
    private static readonly PictureView s_view = new(Pictures.Formula(500, 400), 252, 196);

    [TestCase("[10, 20, 110, 70]", "10 20 110 70")]
    [TestCase("[10.5, 20.4, 110.5, 70.6]", "10 20 110 71")]
    [TestCase("[-30, -5, 40, 60]", "0 0 40 60")]
    [TestCase("[480, 380, 520, 9000]", "480 380 500 400")]
    [TestCase("[-1e308, -1e308, 1e308, 1e308]", "0 0 500 400")]
    [TestCase("[1e1, 2E+1, 1.1e2, 70]", "10 20 110 70")]
    public void Run_OfABox_IsThatPartOfTheOriginal(string box, string expected)
    {
        var answer = Run($$"""{"bbox_2d": {{box}}, "label": "sign"}""");

        answer.Box.ToString().Should().Be(expected);
        var part = answer.Box!.Value;
        (answer.Picture!.Width, answer.Picture.Height).Should().Be((part.Width, part.Height));
        for (var y = 0; y < part.Height; y++)
        {
            answer.Picture.Row(y).SequenceEqual(s_view.Original.Row(part.Top + y).Slice(part.Left * 3, part.Width * 3)).Should().BeTrue();
        }
    }

    [Test]
    public void Run_OfCoordinatesAsSeen_ScalesThemToTheOriginal() =>
        Run("""{"bbox_2d": [0, 49, 126, 98]}""", BoxCoordinates.Seen).Box.ToString().Should().Be("0 100 250 200");

    [TestCase("{}", CallRefusal.BadArguments)]
    [TestCase("""{"bbox_2d": [1, 2, 3]}""", CallRefusal.BadArguments)]
    [TestCase("""{"bbox_2d": [1, 2, 3, 4, 5]}""", CallRefusal.BadArguments)]
    [TestCase("""{"bbox_2d": ["1", "2", "30", "40"]}""", CallRefusal.BadArguments)]
    [TestCase("""{"bbox_2d": [1, 2, null, 4]}""", CallRefusal.BadArguments)]
    [TestCase("""{"bbox_2d": [[1], 2, 3, 4]}""", CallRefusal.BadArguments)]
    [TestCase("""{"bbox_2d": {"x1": 1}}""", CallRefusal.BadArguments)]
    [TestCase("""{"bbox_2d": [1, 2, 30, 40], "label": 3}""", CallRefusal.BadArguments)]
    [TestCase("""{"bbox_2d": [1, 2, 30, 40], "path": "/etc/passwd"}""", CallRefusal.BadArguments)]
    [TestCase("""{"bbox": [1, 2, 30, 40]}""", CallRefusal.BadArguments)]
    [TestCase("""{"bbox_2d": [0, 0, 1e309, 40]}""", CallRefusal.NotFinite)]
    [TestCase("""{"bbox_2d": [-1e999, 0, 10, 40]}""", CallRefusal.NotFinite)]
    [TestCase("""{"bbox_2d": [10, 10, 10, 40]}""", CallRefusal.EmptyBox)]
    [TestCase("""{"bbox_2d": [30, 10, 10, 40]}""", CallRefusal.EmptyBox)]
    [TestCase("""{"bbox_2d": [10.1, 10, 10.3, 40]}""", CallRefusal.EmptyBox)]
    [TestCase("""{"bbox_2d": [500, 10, 600, 40]}""", CallRefusal.OutsideBox)]
    [TestCase("""{"bbox_2d": [-50, 10, 0, 40]}""", CallRefusal.OutsideBox)]
    [TestCase("""{"bbox_2d": [1e308, 10, 1.1e308, 40]}""", CallRefusal.OutsideBox)]
    [TestCase("""{"bbox_2d": [0, 10, 500, 12]}""", CallRefusal.ThinBox)]
    public void Run_OfAnythingElse_SaysWhy(string arguments, CallRefusal expected)
    {
        var answer = Run(arguments);

        answer.Picture.Should().BeNull();
        answer.Box.Should().BeNull();
        answer.Refusal.Should().Be(expected);
        answer.Problem.Should().NotBeNullOrEmpty();
    }

    // The thinnest box that is cut is one that the processor takes.
    [Test]
    public void Run_AtTheMostAspect_IsAPictureThatIsPrepared()
    {
        var answer = Run("""{"bbox_2d": [0, 10, 400, 12]}""");

        using var patches = Scripted.Processor.Images.Process(answer.Picture!).Pixels;
        patches.shape[0].Should().BePositive();
    }

    [Test]
    public void Schema_AllowsItsExample()
    {
        var tool = new ZoomTool();

        tool.Schema["required"]!.ToJsonString().Should().Contain("bbox_2d");
        tool.Example.Should().Contain("bbox_2d");
    }

    private static ToolAnswer Run(string arguments, BoxCoordinates coordinates = BoxCoordinates.Released)
    {
        using var json = JsonDocument.Parse(arguments);
        return new ZoomTool(coordinates).Run(json.RootElement, s_view);
    }
}
