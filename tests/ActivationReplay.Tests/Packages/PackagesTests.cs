using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Xml.Linq;
using ActivationReplay.Native;
using ActivationReplay.Tests.Checkpoints;
using ActivationReplay.Tests.Hub;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Packages;

/// <summary>
/// What users install: <c>dotnet pack</c> of the four packages, installed from a folder into an empty project and a tool path, where
/// nothing of the repository's builds is.
/// </summary>
[Category("Packages")]
[Platform(Include = "Linux", Reason = "the libraries are packed there, see docs/releasing.md")]
public sealed class PackagesTests
{
    private const string Tool = "ActivationReplay.Tool";

    private static readonly string[] s_libraries = ["ActivationReplay", "ActivationReplay.Verification", "ActivationReplay.Evaluation"];

    // As this test was built.
    private static readonly string s_configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    private static readonly string s_system = RuntimeInformation.RuntimeIdentifier;

    private TempFolder folder = null!;

    private static string ToolOfSystem => $"{Tool}.{s_system}";

    private string Feed => folder.PathOf("feed");

    [OneTimeSetUp]
    public void Pack()
    {
        folder = new TempFolder();
        PackLibraries(Feed);
        DotnetTool.Run("dotnet", Goldens.Repository, "pack", "-c", s_configuration, "-o", Feed, Path.Combine("ablations", "ActivationReplay.Ablations"));
        // Only this folder has our packages, and only this test's cache takes them; what they depend on was restored with the repository.
        File.WriteAllText(folder.PathOf("nuget.config"), $"""
            <configuration>
              <packageSources><clear /><add key="feed" value="{Feed}" /></packageSources>
              <fallbackPackageFolders><clear /><add key="restored" value="{RestoredPackages()}" /></fallbackPackageFolders>
              <config><add key="globalPackagesFolder" value="{folder.PathOf("packages")}" /></config>
            </configuration>
            """);
    }

    [OneTimeTearDown]
    public void Delete() => folder.Dispose();

    [Test]
    public void APackage_HasReadmeLicenceSymbolsDocumentationAndItsCommit([ValueSource(nameof(s_libraries))] string id)
    {
        using var package = Open(id, "nupkg");
        using var symbols = Open(id, "snupkg");

        package.Entries.Select(e => e.FullName).Should().Contain(["README.md", "LICENSE", $"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml"]);
        package.Entries.Sum(e => e.Length).Should().BeLessThan(10_000_000, "libtorch is the user's");
        symbols.Entries.Select(e => e.FullName).Should().Contain($"lib/net10.0/{id}.pdb");
        CheckDescription(package, id);
    }

    [Test]
    public void TheTool_HasPairsConfigurationsAndLibtorch()
    {
        using var package = Open(ToolOfSystem, "nupkg");
        var root = $"tools/net10.0/{s_system}/";

        string[] names = [.. package.Entries.Select(e => e.FullName)];
        names.Should().Contain([
            "README.md", "LICENSE", root + "ActivationReplay.Ablations.dll", root + "ablations/configs/quick.yaml", root + "ablations/configs/counting-model/config.json",
            root + "ablations/pairs/counting/base/model.safetensors", root + "ablations/pairs/counting/rlvr/model.safetensors",
            root + "ablations/pairs/zooming/rlvr/model.safetensors", root + "ablations/pairs/counting/README.md",
        ]).And.NotContain(n => n.Contains("/training/", StringComparison.Ordinal) || n.Contains("/exam/", StringComparison.Ordinal));
        names.Should().Contain(n => n.Contains("torch_cpu", StringComparison.Ordinal));
        Text(package, root + "DotnetToolSettings.xml").Should().Contain("Name=\"activation-replay\"");
        CheckDescription(package, ToolOfSystem);
        using var pointer = Open(Tool, "nupkg");
        Text(pointer, pointer.Entries.Single(e => e.Name == "DotnetToolSettings.xml").FullName).Should().Contain(ToolOfSystem);
    }

    [Test]
    public void APackage_PackedTwice_IsTheSameToTheLastBit()
    {
        var again = folder.PathOf("again");
        PackLibraries(again);

        Directory.GetFiles(again).Should().HaveCount(2 * s_libraries.Length).And.OnlyContain(
            path => FakeHub.Sha256(File.ReadAllBytes(path)) == FakeHub.Sha256(File.ReadAllBytes(Path.Combine(Feed, Path.GetFileName(path)))));
    }

    [Test]
    public void TheLibraries_InAnEmptyProject_RunTheSamplesOfTheDocs()
    {
        var project = Directory.CreateDirectory(folder.PathOf("project")).FullName;
        foreach (var sample in new[] { "LibrarySamples.cs", "MostShifted.cs" })
        {
            File.Copy(Path.Combine(Goldens.Repository, "tests", "ActivationReplay.Tests", "Samples", sample), Path.Combine(project, sample));
        }

        // The samples of all packages' pages compile; that of answers runs here, those of the engine are the docs' own.
        var pages = s_libraries.Select(Sample).ToList();
        File.WriteAllText(Path.Combine(project, "Program.cs"), string.Join('\n', pages.SelectMany(p => p.Usings).Distinct()) + "\n" + """
            using Researcher;

            OfVerification();
            LibrarySamples.First(null!);
            LibrarySamples.Open(null!);
            using var pair = ReplayPair.Open("ablations/pairs/counting");
            var world = new SampleWorld(pair, Question.Of("How many red triangles are there?", "ablations/datasets/counting/images/0000.png"));
            LibrarySamples.Answer(world);
            LibrarySamples.Compare(world);
            LibrarySamples.Lens(world);
            LibrarySamples.Stream(world);
            LibrarySamples.Register(world);
            Console.WriteLine("all samples ran");

            """ + string.Concat(s_libraries.Zip(pages, (id, page) => $"void Of{id.Split('.')[^1]}()\n{{\n{page.Statements}}}\n")));
        var version = VersionOf("ActivationReplay");
        File.WriteAllText(Path.Combine(project, "Researcher.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <CreateHardLinksForCopyFilesToOutputDirectoryIfPossible>true</CreateHardLinksForCopyFilesToOutputDirectoryIfPossible>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="ActivationReplay" Version="{version}" />
                <PackageReference Include="ActivationReplay.Evaluation" Version="{version}" />
                <PackageReference Include="ActivationReplay.Verification" Version="{version}" />
                <PackageReference Include="libtorch-cpu-{s_system}" Version="{Libtorch.BuiltFor}" />
              </ItemGroup>
            </Project>
            """);

        DotnetTool.Run("dotnet", project, "build", "-c", "Release", "--disable-build-servers");
        var output = DotnetTool.Run("dotnet", Goldens.Repository, Path.Combine(project, "bin", "Release", "net10.0", "Researcher.dll"));

        output.Should().Contain("True: \\frac{1}{2}, by Boxed").And.MatchRegex(@"loss 0\.0006\d\d to 0\.0004\d\d").And.Contain("Rlvr answered; 36 of").And.Contain("layer 8: ")
            .And.EndWith("all samples ran" + Environment.NewLine);
    }

    [Test]
    public void TheTool_Installed_RunsTheDefaultMatrix()
    {
        var (tools, work) = (folder.PathOf("tools"), Directory.CreateDirectory(folder.PathOf("work")).FullName);
        DotnetTool.Run("dotnet", work, "tool", "install", Tool, "--tool-path", tools, "--version", VersionOf(Tool), "--configfile", folder.PathOf("nuget.config"));
        var program = Path.Combine(tools, OperatingSystem.IsWindows() ? "activation-replay.exe" : "activation-replay");

        DotnetTool.Run(program, work, "run", "--limit", "2");

        File.ReadLines(Path.Combine(work, "results", "quick", "cells.csv")).Should().HaveCount(4);
        File.ReadAllText(Path.Combine(work, "results", "quick", "summary.md")).Should().Contain("activation-replay run --limit 2");
        DotnetTool.Run(program, work, "validate", "agents", "--limit", "1").Should().Contain("agents: 8 cells");
    }

    // The C# of a package's README.
    private static (IEnumerable<string> Usings, string Statements) Sample(string id)
    {
        var text = File.ReadAllText(Path.Combine(Goldens.Repository, "src", id, "README.md"));
        var lines = text.Split("```csharp\n")[1].Split("```")[0].Split('\n').ToLookup(line => line.StartsWith("using ", StringComparison.Ordinal) && line.EndsWith(';') && !line.Contains('='));
        return (lines[true], string.Concat(lines[false].Select(line => line + "\n")));
    }

    private static void PackLibraries(string feed)
    {
        foreach (var id in s_libraries)
        {
            DotnetTool.Run("dotnet", Goldens.Repository, "pack", "-c", s_configuration, "--no-build", "-o", feed, Path.Combine("src", id));
        }
    }

    private static void CheckDescription(ZipArchive package, string id)
    {
        var text = Text(package, id + ".nuspec");
        var about = XDocument.Parse(text).Root!.Elements().Single();
        string? Value(string name) => about.Elements().SingleOrDefault(e => e.Name.LocalName == name)?.Value;

        Value("license").Should().Be("MIT");
        Value("readme").Should().Be("README.md");
        Value("description").Should().NotContain("Package Description");
        Value("authors").Should().Be("the Activation Replay contributors");
        Value("tags").Should().Contain("activation-replay");
        about.Elements().Single(e => e.Name.LocalName == "repository").Attribute("commit")!.Value.Should().MatchRegex("^[0-9a-f]{40}$");
        text.Should().NotContain(Goldens.Repository, "a package tells nothing of the machine");
    }

    private ZipArchive Open(string id, string extension) => ZipFile.OpenRead(Path.Combine(Feed, $"{id}.{VersionOf(id)}.{extension}"));

    private string VersionOf(string id)
    {
        var version = Directory.GetFiles(Feed, "*.nupkg").Select(path => Path.GetFileNameWithoutExtension(path))
            .Single(name => name.StartsWith(id + ".", StringComparison.Ordinal) && char.IsAsciiDigit(name[id.Length + 1]));
        return version[(id.Length + 1)..];
    }

    private static string Text(ZipArchive package, string name)
    {
        using var reader = new StreamReader(package.GetEntry(name)!.Open());
        return reader.ReadToEnd();
    }

    // Where restore put what the repository depends on.
    private static string RestoredPackages() => Path.TrimEndingDirectorySeparator(
        DotnetTool.Run("dotnet", Goldens.Repository, "nuget", "locals", "global-packages", "--list").Split(':', 2)[1].Trim());
}
