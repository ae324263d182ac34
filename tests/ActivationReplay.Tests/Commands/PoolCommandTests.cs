using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Outputs;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Ablations.Tables;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Commands;

/// <summary><c>pool</c>.</summary>
public sealed class PoolCommandTests : CommandTest
{
    private static readonly string s_reference = Path.Combine(Goldens.Repository, "results", "reference");

    private string Out => Folder.PathOf("out");

    [Test]
    public async Task Pool_OfRunsOfSeveralPairs_WritesTablesAndAForestPlot()
    {
        (await Invoke("pool", Reference("quick"), Reference("video"), "--out", Out)).Should().Be(ExitCode.Success, Errors);

        MadeBy.Read(Out)!.Files.Should().Equal("forest.png", "pool-runs.csv", "pool.csv", "pool.md");
        CsvTable.Read<PooledCell>(Path.Combine(Out, "pool.csv")).Select(c => c.Cell).Should().BeEquivalentTo(["base", "replay"]);
        CsvTable.Read<PooledRun>(Path.Combine(Out, "pool-runs.csv")).Where(r => r.Cell == "replay").Select(r => r.Run).Should().Equal("quick", "video");
        File.ReadAllText(Path.Combine(Out, "pool.md")).Should().StartWith("# Pooled runs").And.Contain("![forest.png](forest.png)").And.Contain("DerSimonian").And.Contain("since video alone has them: 'cross-model'");
        (await Invoke("pool", Reference("quick"), Reference("video"), "--out", Out)).Should().Be(ExitCode.Usage, "nothing is replaced unasked");
    }

    [Test]
    public async Task Pool_OfASingleRun_AndOfAWrongK_IsRefused()
    {
        (await Invoke("pool", Reference("quick"))).Should().Be(ExitCode.Usage);
        (await Invoke("pool", Reference("quick"), "--k", "0")).Should().Be(ExitCode.Usage);

        Errors.Should().Contain("nothing to pool").And.Contain("since quick alone has them: 'base'; 'replay'").And.Contain("--k 0: allowed is a whole number from 1");
    }

    private static string Reference(string name) => Path.Combine(s_reference, name);
}
