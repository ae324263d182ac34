using System.Reflection;
using ActivationReplay.Ablations.Execution;
using ActivationReplay.Benchmarks.Goals;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Models;
using ActivationReplay.Training;
using ActivationReplay.Verification;
using ArchUnitNET.Domain;
using ArchUnitNET.Domain.Extensions;
using ArchUnitNET.Fluent.Slices;
using ArchUnitNET.Loader;
using ArchUnitNET.NUnit;
using FluentAssertions;
using NUnit.Framework;
using Assembly = System.Reflection.Assembly;

namespace ActivationReplay.Tests;

/// <summary>The house: folders of an assembly use one another in one direction only (docs/architecture.md).</summary>
public sealed class ArchitectureTests
{
    // From the top: a folder uses those that stand after it.
    private static readonly string[] s_engine =
    [
        "", "Replay", "Generation", "Lens", "Adjoint", "Decoding", "Synthetic", "Models", "Kernels", "Inputs", "Text", "Vision",
        "Hub", "Checkpoints", "Native", "Files",
    ];

    private static readonly string[] s_runner = ["Commands", "Doctor", "Parity", "LensReports", "Power", "Tables", "Bundles", "Clusters", "Reports", "Planning", "Execution", "Outputs", "Storage", "Configuration", "Errors"];

    private static readonly string[] s_training = ["", "Stages", "Data", "Tasks", "Weights"];

    private static readonly Assembly s_engineAssembly = typeof(QwenVlModel).Assembly;

    private static readonly Assembly s_runnerAssembly = typeof(MatrixRun).Assembly;

    private static readonly Assembly s_verification = typeof(AnswerVerifier).Assembly;

    private static readonly Dictionary<Assembly, Architecture> s_loaded = [];

    private static IEnumerable<Assembly> Assemblies =>
        [s_engineAssembly, s_runnerAssembly, s_verification, typeof(Sample).Assembly, typeof(TrainingConfig).Assembly, typeof(GoalResult).Assembly];

    [TestCaseSource(nameof(Assemblies))]
    public void Folders_OfAnAssembly_HaveNoCircle(Assembly assembly) =>
        SliceRuleDefinition.Slices().Matching(assembly.GetName().Name + ".(*)").Should().BeFreeOfCycles().Check(Load(assembly));

    [Test]
    public void TheEngine_HasArrowsDownAlone() => CheckOrder(s_engineAssembly, "ActivationReplay", s_engine);

    // Arithmetic on memory: it may know the threads, and nothing else of ours.
    [Test]
    public void Kernels_KnowNoModule() => Load(s_engineAssembly).Types
        .Where(type => Folder(type, "ActivationReplay") == "Kernels")
        .SelectMany(type => type.GetTypeDependencies()).Select(type => Folder(type, "ActivationReplay")).OfType<string>().Distinct()
        .Should().BeSubsetOf(["Kernels", "Native"]);

    [Test]
    public void Replay_HasArrowsDownAlone() => CheckOrder(s_engineAssembly, "ActivationReplay.Replay", ["Methods", "Objective", "Recordings", ""]);

    [Test]
    public void TheRunner_HasArrowsDownAlone() => CheckOrder(s_runnerAssembly, "ActivationReplay.Ablations", s_runner);

    [Test]
    public void Training_HasArrowsDownAlone() => CheckOrder(typeof(TrainingConfig).Assembly, "ActivationReplay.Training", s_training);

    [Test]
    public void TheEngine_KnowsNoConsoleAndNoCsv() => References(s_engineAssembly).Should()
        .NotContain(name => name == "System.Console" || name == "CsvHelper" || name == "Spectre.Console" || name == "System.CommandLine");

    // An exception of libtorch in these ends the process: TorchSharp's native functions of 0.107 do not catch them.
    [TestCaseSource(nameof(Assemblies))]
    public void NoCall_IsOfABindingThatLetsExceptionsPass(Assembly assembly) => Load(assembly).Types
        .SelectMany(t => t.GetTypeDependencies().Any() ? t.Dependencies.OfType<ArchUnitNET.Domain.Dependencies.MethodCallDependency>() : [])
        .Select(call => call.TargetMember.FullName)
        .Where(name => name.Contains("::matmul(", StringComparison.Ordinal) || name.Contains("autograd::grad(", StringComparison.Ordinal))
        .Should().BeEmpty();

    [Test]
    public void Verification_DependsOnNothingOfOurs() =>
        References(s_verification).Should().NotContain(name => name.StartsWith("ActivationReplay", StringComparison.Ordinal));

    // Every folder has a place in the order, and none uses one that stands before it.
    private static void CheckOrder(Assembly assembly, string root, string[] order)
    {
        var wrong = new SortedSet<string>(StringComparer.Ordinal);
        var seen = new HashSet<string>();
        foreach (var type in Load(assembly).Types)
        {
            if (Folder(type, root) is not { } folder)
            {
                continue;
            }

            seen.Add(folder);
            var place = Array.IndexOf(order, folder);
            if (place < 0)
            {
                wrong.Add($"{folder} has no place in the order");
            }

            foreach (var target in type.GetTypeDependencies())
            {
                if (Folder(target, root) is { } other && Array.IndexOf(order, other) is >= 0 and var otherPlace && otherPlace < place)
                {
                    wrong.Add($"{folder} uses {other}: {type.FullName} uses {target.FullName}");
                }
            }
        }

        wrong.Should().BeEmpty();
        seen.Should().BeEquivalentTo(order, "a folder that is gone leaves the order, too");
    }

    // The first part of the namespace below the root, "" for the root's own types; null for those of others.
    private static string? Folder(IType type, string root)
    {
        // Type parameters have no namespace; nested types have that of the type around them.
        var outer = type.FullName.Split('+', '`', '<')[0];
        var name = outer[..Math.Max(0, outer.LastIndexOf('.'))];
        return name == root ? ""
            : name.StartsWith(root + ".", StringComparison.Ordinal) ? name[(root.Length + 1)..].Split('.')[0]
            : null;
    }

    private static IEnumerable<string> References(Assembly assembly) =>
        assembly.GetReferencedAssemblies().Select((AssemblyName name) => name.Name!);

    private static Architecture Load(Assembly assembly)
    {
        lock (s_loaded)
        {
            if (!s_loaded.TryGetValue(assembly, out var architecture))
            {
                s_loaded[assembly] = architecture = new ArchLoader().LoadAssembly(assembly).Build();
            }

            return architecture;
        }
    }
}
