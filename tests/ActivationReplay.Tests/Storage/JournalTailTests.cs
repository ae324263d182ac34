using ActivationReplay.Ablations.Storage;
using ActivationReplay.Tests.Checkpoints;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Storage;

public sealed class JournalTailTests
{
    [Test]
    public void Look_CountsWhatIsWhole_EachAnswerOnce()
    {
        using var temp = new TempFolder();
        var tail = new JournalTail(temp.Path);
        tail.Look();
        tail.Done.Should().Be(0, "there is no journal yet");
        using (var folder = RunFolder.Open(temp.Path))
        {
            folder.Add([Entry("a", true), Entry("b", null)]);
            Counts().Should().Be((1, 1));
            // An unreadable picture has its message in the key of its error, and its bytes in that of the answer.
            folder.Add([Entry("b", false) with { Key = "another" }, Entry("c", true)]);
            Counts().Should().Be((3, 0), "the error was put right");
        }

        var journal = RunFolder.Journal(temp.Path);
        var whole = File.ReadAllText(journal);
        File.AppendAllText(journal, whole[..40]);
        Counts().Should().Be((3, 0), "a line that is being written does not count yet");
        File.AppendAllText(journal, whole.Split('\n')[0][40..].Replace("none a 0", "none d 0", StringComparison.Ordinal) + "\n");
        Counts().Done.Should().BeGreaterThanOrEqualTo(3);

        File.WriteAllText(journal, whole.Split('\n')[0] + "\n");
        Counts().Should().Be((1, 0), "the run was begun anew");

        (long Done, long Failed) Counts()
        {
            tail.Look();
            return (tail.Done, tail.Failed);
        }
    }

    private static JournalEntry Entry(string sample, bool? correct) => MadeRuns.Entry(MadeRuns.Row("none", sample, correct));
}
