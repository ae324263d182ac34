using ActivationReplay.Models;
using ArchUnitNET.Domain;
using ArchUnitNET.Fluent.Slices;
using ArchUnitNET.Loader;
using ArchUnitNET.NUnit;
using FluentAssertions;
using NUnit.Framework;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace ActivationReplay.Tests.House;

/// <summary>Which folder of the engine may use which: section 2 of the design.</summary>
public sealed class EngineArrowsTests
{
    // Each uses those before it alone.
    private static readonly string[] Folders =
    [
        "Native", "Checkpoints", "Vision", "Text", "Inputs", "Kernels", "Models", "Synthetic", "Decoding", "Adjoint", "Lens",
        "Generation", "Replay", "Replay.Recordings", "Replay.Objective", "Replay.Methods",
    ];

    private static readonly Architecture Engine = new ArchLoader().LoadAssembly(typeof(QwenVlModel).Assembly).Build();

    [Test]
    public void Folders_AreAllNamedHere() =>
        Types().That().ResideInNamespaceMatching(@"^ActivationReplay\.")
            .Should().ResideInNamespaceMatching($"^({string.Join('|', Folders.Select(Namespace))})$").Check(Engine);

    [TestCaseSource(nameof(Folders))]
    public void Folder_UsesThoseBeforeItAlone(string folder)
    {
        var after = Folders[(Array.IndexOf(Folders, folder) + 1)..];
        if (after.Length > 0)
        {
            Types().That().ResideInNamespaceMatching($"^{Namespace(folder)}$")
                .Should().NotDependOnAny(Types().That().ResideInNamespaceMatching($"^({string.Join('|', after.Select(Namespace))})$"))
                .Check(Engine);
        }
    }

    [Test]
    public void Folders_HaveNoCircle() => SliceRuleDefinition.Slices().Matching("ActivationReplay.(**)").Should().BeFreeOfCycles().Check(Engine);

    // Arithmetic on memory: it may know the threads, and nothing else of ours.
    [Test]
    public void Kernels_KnowNoModule() =>
        Types().That().ResideInNamespaceMatching($"^{Namespace("Kernels")}$")
            .Should().NotDependOnAny(Types().That().ResideInNamespaceMatching(@"^ActivationReplay\.(?!Kernels$|Native$)")).Check(Engine);

    [Test]
    public void Engine_WritesNoConsoleAndNoCsv() =>
        Types().That().ResideInNamespaceMatching(@"^ActivationReplay\.")
            .Should().NotDependOnAnyTypesThat().HaveFullNameMatching(@"^(System\.Console$|CsvHelper\.|Spectre\.Console\.)").Check(Engine);

    // The rules above can fail: what is there is seen, in signatures and in bodies.
    [Test]
    public void Arrows_ThatAreThere_AreSeen()
    {
        foreach (var (from, to) in new[] { ("Models", "Kernels"), ("Decoding", "Native"), ("Replay.Methods", "Replay.Objective") })
        {
            Types().That().ResideInNamespaceMatching($"^{Namespace(from)}$")
                .Should().NotDependOnAny(Types().That().ResideInNamespaceMatching($"^{Namespace(to)}$"))
                .HasNoViolations(Engine).Should().BeFalse("{0} uses {1}", from, to);
        }
    }

    private static string Namespace(string folder) => $@"ActivationReplay\.{folder.Replace(".", @"\.", StringComparison.Ordinal)}";
}
