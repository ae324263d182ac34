using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Tests.Checkpoints;
using ActivationReplay.Tests.Storage;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Reports;

public sealed class StoredTablesTests
{
    private TempFolder folder = null!;

    [SetUp]
    public void Create()
    {
        folder = new TempFolder();
        MadeRuns.Finished(folder.Path);
    }

    [TearDown]
    public void Delete() => folder.Dispose();

    [Test]
    public void Report_IsTheOneThatWasWritten()
    {
        var whole = RunReport.Of(MadeRuns.Config(), RunFolder.Peek(folder.Path));

        var read = StoredTables.Report(folder.Path);

        read.Cells.Should().Equal(whole.Cells);
        read.Passes.Should().Equal(whole.Passes);
    }

    [Test]
    public void Read_CountsAnswersAndErrors_OfEitherTable([Values("samples.csv", "cells.csv", "neither")] string missing)
    {
        using (var run = RunFolder.Open(folder.Path))
        {
            run.Add([MadeRuns.Entry(MadeRuns.Row("replay", "009", null))]);
            RunReport.Of(MadeRuns.Config(), run.Entries.Values).Write(folder.Path);
        }

        File.Delete(folder.PathOf(missing));

        StoredTables.Read(folder.Path).Should().Be(new StoredTables(12, 1));
    }

    [Test]
    public void Read_OfNoAnswers_IsNothing()
    {
        RunReport.Of(MadeRuns.Config(), []).Write(folder.Path);

        StoredTables.Read(folder.Path).Should().BeNull();
    }

    [Test]
    public void Read_OfATableOfAnEarlierVersion_TakesTheColumnsThatItHas()
    {
        File.Delete(folder.PathOf("samples.csv"));
        File.WriteAllText(folder.PathOf("cells.csv"), "cell,questions,answers,errors,accuracy\nnone,4,4,1,0.5\n");

        StoredTables.Read(folder.Path).Should().Be(new StoredTables(4, 1));
        StoredTables.Report(folder.Path).Cells.Should().ContainSingle().Which.ToRlvr.Should().BeNull();
    }

    [Test]
    public void Read_OfADamagedTable_NamesTheFileAndTheLine()
    {
        File.WriteAllText(folder.PathOf("cells.csv"), "cell,answers,errors\nnone,many,0\n");

        FluentActions.Invoking(() => StoredTables.Read(folder.Path)).Should().Throw<InvalidDataException>().WithMessage("*cells.csv, line 2*");
    }

    [Test]
    public void HoldMoreThan_IsSoOfFewerAnswers_NotOfAnErrorPutRight()
    {
        var config = MadeRuns.Config();
        var right = RunReport.Of(config, MadeRuns.Answers("none", "1111"));

        new StoredTables(4, 0).HoldMoreThan(right, samples: 1).Should().BeFalse();
        new StoredTables(3, 1).HoldMoreThan(right, samples: 1).Should().BeFalse("the error was put right");
        new StoredTables(5, 0).HoldMoreThan(right, samples: 1).Should().BeTrue();
        new StoredTables(4, 1).HoldMoreThan(right, samples: 1).Should().BeTrue("a row is lost");
    }
}
