using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Storage;

public sealed class JournalKeysTests
{
    private readonly RunConfig config = RunConfigReader.Read(
        Path.Combine(Goldens.Repository, "ablations", "configs", "quick.yaml"), []);

    [Test]
    public void Key_OfTheSamePictureElsewhere_IsTheSame() => Key("a/1.png", 1).Should().Be(Key("b/2.png", 1));

    [Test]
    public void Key_OfAnotherPicture_Differs() => Key("a/1.png", 1).Should().NotBe(Key("a/1.png", 2));

    [Test]
    public void Key_DependsOnPairCellAndRepetition()
    {
        string[] keys =
        [
            Key("p", 1), Key("p", 1, pair: "other"), Key("p", 1, cell: 1), Key("p", 1, repetition: 1), Key("p", 1, question: "Why?"),
        ];
        keys.Should().OnlyHaveUniqueItems();
    }

    private string Key(string name, byte pixel, string pair = "pair", int cell = 0, int repetition = 0, string question = "How many?")
    {
        var sample = new Sample("0", question, [MediaFile.FromBytes(name, new[] { pixel })], "4");
        return new JournalKeys(config, pair).Of(new DatasetRow("0", sample, null), config.Cells[cell], repetition);
    }
}
