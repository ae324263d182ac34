using ActivationReplay.Ablations.Parity;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Parity;

/// <summary>Every recorded quantity, at its stated limit.</summary>
public sealed class ParityTests
{
    private static IEnumerable<string> Cases() =>
        Directory.GetDirectories(Goldens.PathOf("cases")).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal);

    [TestCaseSource(nameof(Cases))]
    public void Case_IsWithinLimits(string name)
    {
        var rows = ParitySuite.Run(Goldens.Root, only: c => c == name).Where(r => r.Case == name).ToList();

        rows.Should().Contain(r => r.Quantity == "rlvr.hidden_states");
        rows.Should().NotContain(r => r.Status == ParityStatus.Over);
    }

    [Test]
    public void Prepare_IsWithinLimits()
    {
        var rows = ParitySuite.Run(Goldens.Root, only: _ => false).ToList();

        rows.Should().Contain(r => r.Quantity == "smart_resize").And.Contain(r => r.Quantity == "rgb.png.resized");
        rows.Should().NotContain(r => r.Status == ParityStatus.Over);
    }
}
