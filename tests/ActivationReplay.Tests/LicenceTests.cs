using System.Reflection;
using System.Xml.Linq;
using ActivationReplay.Checkpoints;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests;

/// <summary>LICENSE, the packages, the assemblies and the model cards say one thing.</summary>
public sealed class LicenceTests
{
    [Test]
    public void Licence_IsTheSameEverywhere()
    {
        var properties = XDocument.Load(PathOf("Directory.Build.props")).Root!;
        var licence = File.ReadAllLines(PathOf("LICENSE"));

        properties.Descendants("PackageLicenseExpression").Single().Value.Should().Be("MIT");
        licence[0].Should().Be("MIT License");
        licence[2].Should().Be(properties.Descendants("Copyright").Single().Value)
            .And.EndWith(properties.Descendants("Authors").Single().Value)
            .And.Be(typeof(Checkpoint).Assembly.GetCustomAttribute<AssemblyCopyrightAttribute>()!.Copyright);
        File.ReadAllText(PathOf("README.md")).Should().Contain("[MIT](LICENSE)");
        foreach (var pair in Directory.EnumerateDirectories(PathOf("ablations", "pairs")))
        {
            File.ReadLines(Path.Combine(pair, "README.md")).Take(2).Should().Equal("---", "license: mit");
        }
    }

    private static string PathOf(params string[] parts) => Path.Combine([Goldens.Repository, .. parts]);
}
