using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Commands;

/// <summary><c>lens</c> on the shipped pair: 9 states (8 layers), 10 buckets.</summary>
public sealed class LensCommandTests : CommandTest
{
    private static readonly string Picture = Path.Combine(Goldens.Repository, "ablations", "datasets", "counting", "images", "0000.png");
    private string Result => Folder.PathOf("r");

    [Test]
    public async Task Lens_OnADataset_WritesARowALayerAndBucket()
    {
        (await CommandLine.RunAsync(["lens", "--limit", "3", "--pictures", "1", "--out", Result])).Should().Be(ExitCode.Success);

        File.ReadAllLines(Path.Combine(Result, "lens-layers.csv")).Should().HaveCount(1 + (9 * 10));
        File.ReadAllLines(Path.Combine(Result, "lens-test.csv")).Should().HaveCount(1 + 9 + 1);
        File.ReadAllLines(Path.Combine(Result, "lens-samples.csv")).Should().HaveCount(1 + 3);
        AssertPicture(Path.Combine(Result, "lens.png"));
        AssertPicture(Path.Combine(Result, "pictures", "0000", "kl.png"));
        Directory.GetDirectories(Path.Combine(Result, "pictures")).Should().ContainSingle();
    }

    [Test]
    public async Task Lens_OnOnePicture_DrawsItAndListsChangedTokens()
    {
        (await CommandLine.RunAsync(["lens", "--image", Picture, "--question", "How many?", "--positions", "all", "--out", Result]))
            .Should().Be(ExitCode.Success);

        AssertPicture(Path.Combine(Result, "entropy.png"));
        AssertPicture(Path.Combine(Result, "kl.png"));
        var tokens = File.ReadAllLines(Path.Combine(Result, "tokens.csv"));
        tokens.Should().HaveCountGreaterThan(1);
        tokens[0].Should().Be("layer,position,medium,step,row,column,base_entropy,kl,base_tokens,rlvr_tokens");
        tokens.Skip(1).Select(line => double.Parse(line.Split(',')[7], System.Globalization.CultureInfo.InvariantCulture))
            .Should().BeInDescendingOrder();
    }

    [Test]
    public async Task Lens_WithABadRow_WritesItsErrorAndGoesOn()
    {
        var data = Folder.PathOf("data.jsonl");
        File.Copy(Picture, Folder.PathOf("good.png"));
        File.WriteAllLines(data,
        [
            """{"id": "missing", "question": "How many?", "images": ["none.png"], "answer": "1"}""",
            """{"id": "text", "question": "How many?", "answer": "1"}""",
            """{"id": "good", "question": "How many?", "images": ["good.png"], "answer": "0"}""",
        ]);

        (await CommandLine.RunAsync(["lens", "--dataset", data, "--out", Result])).Should().Be(ExitCode.RowsFailed);

        var rows = File.ReadAllLines(Path.Combine(Result, "lens-samples.csv"));
        rows.Should().HaveCount(4);
        rows[1].Should().Contain("none.png");
        rows[2].Should().Contain("no picture or video");
        rows[3].Should().StartWith("good,36,");
    }

    [TestCase("--image", "x.png", "--question")]
    [TestCase("--top-tokens", "1000", "384")]
    [TestCase("--words", "1000", "384")]
    [TestCase("--layers", "0,10", "0 to 8")]
    [TestCase("--limit", "0", "at least one")]
    public async Task Lens_WithABadValue_SaysWhatIsAllowed(string option, string value, string allowed)
    {
        (await CommandLine.RunAsync(["lens", option, value, "--out", Result])).Should().Be(ExitCode.Usage);

        Errors.Should().Contain(allowed);
    }

    [Test]
    public void Font_IsAPreferredOne_ElseAny_ElseNone()
    {
        PlotFont.Choose(["Symbols", "DejaVu Sans"]).Should().Be("DejaVu Sans");
        PlotFont.Choose(["", "Symbols"]).Should().Be("Symbols");
        PlotFont.Choose([""]).Should().BeNull();
    }

    private static void AssertPicture(string path)
    {
        var picture = ImageDecoder.Decode(MediaFile.FromPath(path));
        picture.Pixels.ToArray().Distinct().Should().HaveCountGreaterThan(10);
    }
}
