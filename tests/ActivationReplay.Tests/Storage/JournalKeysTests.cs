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

    // A report finds the pictures of a journal of before by the keys of then.
    [Test]
    public void Key_DependsOnTheForm_AndFirstFormsHaveNone()
    {
        string[] keys = [.. Enumerable.Range(1, 4).Select(form => Key("p", 1, form: form))];
        keys[0].Should().Be(keys[1]).And.Be(Key("p", 1));
        keys.Skip(1).Should().OnlyHaveUniqueItems();
    }

    private string Key(string name, byte pixel, string pair = "pair", int cell = 0, int repetition = 0, string question = "How many?", int? form = null)
    {
        var sample = new Sample("0", question, [MediaFile.FromBytes(name, new[] { pixel })], "4");
        return new JournalKeys(config, pair, form ?? JournalKeys.FormOf(config)).Of(new DatasetRow("0", sample, null), config.Cells[cell], repetition);
    }
}
