using ActivationReplay.Ablations.Parity;
using ActivationReplay.Tests.Text;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Parity;

/// <summary>Every recorded quantity, at its stated limit.</summary>
public sealed class ParityTests
{
    private static readonly string[] s_roots = [.. new[] { Goldens.Root, Goldens.Carried }.Distinct()];

    private static IEnumerable<TestCaseData> Roots =>
        s_roots.Select(root => new TestCaseData(root).SetArgDisplayNames(Name(root)));

    private static IEnumerable<TestCaseData> Cases =>
        from root in s_roots
        from name in Goldens.FoldersIn(Path.Combine(root, "cases"))
        select new TestCaseData(root, name).SetArgDisplayNames(Name(root), name);

    [TestCaseSource(nameof(Cases))]
    public void Case_IsWithinLimits(string root, string name)
    {
        var rows = ParitySuite.Run(root, only: c => c == name).Where(r => r.Case == name).ToList();

        var compared = rows.Select(r => r.Quantity).ToList();
        compared.Should().Contain(["input_ids", "position_ids", "lens_kl"]);
        foreach (var model in new[] { "base", "rlvr" })
        {
            compared.Should().Contain([$"{model}.logits", $"{model}.lens_entropy"]);
            compared.Contains($"{model}.visual_features").Should().Be(
                compared.Any(q => q.EndsWith("_grid_thw", StringComparison.Ordinal)), "media have features");
        }

        compared.Exists(q => q.EndsWith(".losses", StringComparison.Ordinal) || q.EndsWith(".masks", StringComparison.Ordinal))
            .Should().Be(File.Exists(Path.Combine(root, "cases", name, "replay.json")), "variants have losses or masks");
        rows.Should().NotContain(r => r.Status == ParityStatus.Over);
    }

    [TestCaseSource(nameof(Roots))]
    public void Prepare_IsWithinLimits(string root)
    {
        var rows = ParitySuite.Run(root, only: _ => false).ToList();

        rows.Should().Contain(r => r.Quantity == "smart_resize").And.Contain(r => r.Quantity.EndsWith(".resized"));
        rows.Should().NotContain(r => r.Status == ParityStatus.Over);
    }

    [Test]
    public void Prepare_OfTheCarriedTokenizer_IsWithinLimits()
    {
        using var root = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(root.FullName, "prepare"));
        root.Write(Path.Combine("prepare", "tokenizer.json"), File.ReadAllText(Goldens.PathOf("prepare", "tokenizer.json")));
        TextGoldens.UnpackCarriedQwen(Directory.CreateDirectory(Path.Combine(root.FullName, TextGoldens.Qwen)).FullName);

        var rows = ParitySuite.Run(root.FullName).ToList();

        rows.Select(r => r.Quantity).Should().Equal("token ids", "decoded", "decoded without specials");
        rows.Should().OnlyContain(r => r.Status == ParityStatus.Within);
    }

    private static string Name(string root) => root == Goldens.Carried ? "carried" : "whole";
}
