using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Parity;
using ActivationReplay.Tests.Commands;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Parity;

public sealed class ParityTableTests : CommandTest
{
    private static readonly ParityRow[] s_rows =
    [
        ParityRow.Of("a", "base.logits", 0.003, 1e-5),
        ParityRow.Of("b", "rlvr.logits", 0.005, 1e-5),
        ParityRow.Of("b", "low.masks", 2, 0),
        ParityRow.NotSupported("b", "x", ""),
    ];

    [Test]
    public void Of_AnotherDevicesTable_PutsItsErrorsBesideItsOwn()
    {
        var cpu = Folder.PathOf("cpu.md");
        File.WriteAllText(cpu, $"# Errors\n\ntext\n\n{ParityTable.Of(s_rows[..2], ScalarType.BFloat16, "cpu")}");

        var table = ParityTable.Of(s_rows, ScalarType.BFloat16, "cuda:0", ParityTable.Read(cpu));

        table.ReplaceLineEndings("\n").Should().Be(
            """
            | quantity, computed in BFloat16 on cuda:0 | recordings | median error | largest error | limit in fp32 | median on cpu | largest on cpu |
            |---|---|---|---|---|---|---|
            | logits, relative | 2 | 5.0e-03 | 5.0e-03 | 1.0e-05 | 5.0e-03 | 5.0e-03 |
            | masks, entries that differ | 1 | 2 | 2 | 0 |  |  |

            """.ReplaceLineEndings("\n"));
    }

    [Test]
    public void Read_TheCommittedTable_HasEveryQuantity() =>
        ParityTable.Read(Path.Combine(Goldens.Repository, "results", "benchmarks", "bf16-errors.md")).Errors.Keys.Should()
            .Contain(["logits, relative", "losses, relative", "masks, entries that differ"]).And.HaveCountGreaterThan(8);

    [TestCase("README.md")]
    [TestCase("absent.md")]
    public async Task Parity_BesideWhatIsNoTable_SaysSo(string file)
    {
        var path = Path.Combine(Goldens.Repository, file);

        var code = await CommandLine.RunAsync(["parity", Folder.Path, "--table", Folder.PathOf("t.md"), "--beside", path]);

        code.Should().Be(ExitCode.Usage);
        Errors.Should().Contain($"--beside {path}").And.NotContain("   at ");
    }
}
