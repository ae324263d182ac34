using System.Globalization;
using ActivationReplay.Benchmarks.Rates;
using ActivationReplay.Checkpoints;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Checkpoints;

/// <summary>Resident memory as Linux counts it: pages of files apart from pages of the process's own.</summary>
[Platform("Linux")]
[NonParallelizable]
public sealed class MappedMemoryTests
{
    private const long Columns = 1024;
    private const long Rows = 16384; // 64 MB of fp32
    private const long FileBytes = Rows * Columns * 4;
    private TempFolder _folder = null!;

    [SetUp]
    public void MakeCheckpoint()
    {
        _folder = new TempFolder();
        TinyCheckpoint.Make(_folder.Path, null, ("big", [Rows, Columns]));
    }

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public void Get_WithTypeKept_TakesNoMemoryBesideTheMappedFile()
    {
        using var checkpoint = Checkpoint.Open(_folder.Path, ScalarType.Float32);
        var (own, mapped) = (Resident("RssAnon"), Mapped());
        Sum(checkpoint.Get("big", Rows, Columns)).Should().Be(FileBytes / 4);

        // The slack of a fifth is for what the runtime and libtorch's own pages take meanwhile.
        (Resident("RssAnon") - own).Should().BeLessThan(FileBytes / 5);
        (Mapped() - mapped).Should().BeInRange(FileBytes * 4 / 5, FileBytes * 6 / 5);
    }

    [Test]
    public void Get_WithAnotherType_KeepsTheConvertedCopyAlone()
    {
        using var checkpoint = Checkpoint.Open(_folder.Path, ScalarType.BFloat16);
        var (own, mapped) = (Resident("RssAnon"), Mapped());
        checkpoint.Get("big", Rows, Columns);

        // Half the file, and the buffer through which its pieces go.
        (Resident("RssAnon") - own).Should().BeLessThan(FileBytes * 8 / 10);
        (Mapped() - mapped).Should().BeLessThan(FileBytes / 5);
    }

    [Test]
    public void Get_WithAnotherType_PeaksAtTheCopyAndOnePiece()
    {
        using var checkpoint = Checkpoint.Open(_folder.Path, ScalarType.BFloat16);

        var peak = PeakMemory.Extra(CPU, () => checkpoint.Get("big", Rows, Columns));

        // The result is half the file; a second copy of either type would be 32 or 64 MB more. 8 MB are the runtime's.
        peak.Should().BeLessThan((FileBytes / 2) + (ReadBuffer.Elements * 4L) + 8_000_000);
    }

    [Test]
    public void EnsureAllUsed_FreesThePiece()
    {
        using var checkpoint = Checkpoint.Open(_folder.Path, ScalarType.BFloat16);
        checkpoint.Get("big", Rows, Columns);
        var before = Tensor.TotalCount;

        checkpoint.EnsureAllUsed();

        // Its memory goes where the C library sends it: not to the system at once, in a process that has freed much before.
        Tensor.TotalCount.Should().Be(before - 1);
    }

    private static double Sum(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.sum(ScalarType.Float64).item<double>();
    }

    /// <summary>Pages of files; those of a temporary folder in memory are counted apart.</summary>
    private static long Mapped() => Resident("RssFile") + Resident("RssShmem");

    /// <summary>Bytes of a line of /proc/self/status, which counts in kB.</summary>
    private static long Resident(string line) => 1024 * long.Parse(
        File.ReadLines("/proc/self/status").First(text => text.StartsWith(line, StringComparison.Ordinal))[(line.Length + 1)..^2].Trim(),
        CultureInfo.InvariantCulture);
}
