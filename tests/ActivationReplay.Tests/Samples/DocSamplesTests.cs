using System.Reflection;
using System.Text.RegularExpressions;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Tests.Vision;
using FluentAssertions;
using NUnit.Framework;
using Researcher;

namespace ActivationReplay.Tests.Samples;

/// <summary>Every C# block of README.md and docs/ is a sample of this folder, letter for letter, and every sample runs.</summary>
public sealed partial class DocSamplesTests
{
    // What each sample prints.
    private static readonly Dictionary<string, string> s_outputs = new()
    {
        [nameof(LibrarySamples.First)] = @"\\boxed\{\d+\}\s*loss 0\.0006\d\d to 0\.0004\d\d, \d+\.\d s\s*$",
        [nameof(LibrarySamples.Open)] = @"^8\s*$",
        [nameof(LibrarySamples.Questions)] = @"(?s)vision_start.*vision_start.*video_pad.*Answer with a number",
        [nameof(LibrarySamples.Answer)] = @"(?s)^(\d+ tokens, (finished|cut off): [^\n]*\n+)[^$]*Rlvr answered; 36 of \d+ tokens are the picture's\s*$",
        [nameof(LibrarySamples.Compare)] = @"(?s)^base: .*RLVR: .*replay: .*reverse: .*cross-model: .*local-smooth: ",
        [nameof(LibrarySamples.Lens)] = @"(?s)^layer 0: \d+\.\d{3} nats apart at position \d+, base says '.*layer 8: ",
        [nameof(LibrarySamples.Stream)] = @"\\boxed\{\d+\}\s*$",
        [nameof(LibrarySamples.Register)] = @"\\boxed\{\d+\}\s*$",
        [nameof(LibrarySamples.Video)] = @"^\d+\s*$",
    };

    private readonly string before = Directory.GetCurrentDirectory();
    private SampleWorld world = null!;

    private static IEnumerable<string> Names => typeof(LibrarySamples).GetMethods(BindingFlags.Public | BindingFlags.Static).Select(m => m.Name);

    private static IEnumerable<string> Documents => Directory.GetFiles(Path.Combine(Goldens.Repository, "docs"), "*.md")
        .Append(Path.Combine(Goldens.Repository, "README.md"))
        .Where(path => Blocks(path).Count > 0);

    [OneTimeSetUp]
    public void Open() => world = new SampleWorld(
        ReplayPair.Open(Path.Combine(Goldens.Repository, "ablations", "pairs", "counting")),
        Question.Of("How many red triangles are there?", Path.Combine(Goldens.Repository, "ablations", "datasets", "counting", "images", "0000.png")));

    [OneTimeTearDown]
    public void Close() => world.Pair.Dispose();

    [SetUp]
    public void EnterTheRepository() => Directory.SetCurrentDirectory(Goldens.Repository);

    [TearDown]
    public void Leave()
    {
        Directory.SetCurrentDirectory(before);
        ReplayMethods.Unregister(new MostShifted().Id);
    }

    [TestCaseSource(nameof(Names))]
    public void Sample_PrintsWhatItSays(string name)
    {
        using var clips = name == nameof(LibrarySamples.Video) ? new Clips() : null;
        if (clips is not null)
        {
            Directory.SetCurrentDirectory(Path.GetDirectoryName(clips.Grey("clip.mp4"))!);
        }

        var (console, output) = (Console.Out, new StringWriter());
        Console.SetOut(output);
        try
        {
            typeof(LibrarySamples).GetMethod(name)!.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [world], null);
        }
        finally
        {
            Console.SetOut(console);
            Directory.SetCurrentDirectory(before);
        }

        output.ToString().Should().MatchRegex(s_outputs[name]);
    }

    [TestCaseSource(nameof(Documents))]
    public void EveryBlock_IsASample_LetterForLetter(string path) =>
        Blocks(path).Should().BeSubsetOf(Samples(), "a block of the docs is copied from tests/ActivationReplay.Tests/Samples");

    [Test]
    public void EverySample_StandsInTheDocs() => Samples().Should().BeSubsetOf(Documents.SelectMany(Blocks));

    private static List<string> Blocks(string path) =>
        [.. Block().Matches(File.ReadAllText(path)).Select(m => m.Groups["code"].Value)];

    // The text between the markers of a file: a file that has its usings apart from its class is one sample.
    private static List<string> Samples()
    {
        var folder = Path.Combine(Goldens.Repository, "tests", "ActivationReplay.Tests", "Samples");
        var samples = new List<string>();
        foreach (var path in Directory.GetFiles(folder, "*.cs").Where(p => Path.GetFileName(p) != "DocSamplesTests.cs"))
        {
            var parts = Marked().Matches(File.ReadAllText(path)).Select(m => Outdented(m.Groups["code"].Value, m.Groups["indent"].Value)).ToList();
            samples.AddRange(Path.GetFileName(path) == "LibrarySamples.cs" ? parts : [string.Concat(parts)]);
        }

        return samples;
    }

    private static string Outdented(string code, string indent) =>
        string.Concat(code.Split('\n').SkipLast(1).Select(line => (line.StartsWith(indent, StringComparison.Ordinal) ? line[indent.Length..] : line) + "\n"));

    [GeneratedRegex(@"^```csharp\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^(?<indent> *)// sample\n(?<code>.*?)^ *// end", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Marked();
}
