using ActivationReplay.Checkpoints;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Checkpoints;

/// <summary>What a checkpoint's name stands for. Some tests work in a folder of their own, so that nothing runs beside them.</summary>
[NonParallelizable]
public sealed class CheckpointFolderTests
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private const string Other = "89abcdef0123456789abcdef0123456789abcdef";

    private readonly string before = Directory.GetCurrentDirectory();
    private TempFolder folder = null!;

    private HubCache Cache => new(folder.PathOf("hub"));

    private string Repository => folder.PathOf("hub", "models--org--model");

    [SetUp]
    public void Enter()
    {
        folder = new TempFolder();
        Directory.CreateDirectory(folder.PathOf("work"));
        Directory.SetCurrentDirectory(folder.PathOf("work"));
    }

    [TearDown]
    public void Leave()
    {
        Directory.SetCurrentDirectory(before);
        folder.Dispose();
    }

    [TestCase("Qwen/Qwen2.5-VL-7B-Instruct", "Qwen/Qwen2.5-VL-7B-Instruct", "main", null)]
    [TestCase("hf://org/model", "org/model", "main", null)]
    [TestCase("org/model@v1.0", "org/model", "v1.0", null)]
    [TestCase("org/model@refs/pr/3", "org/model", "refs/pr/3", null)]
    [TestCase("org/model@refs%2Fpr%2F3", "org/model", "refs/pr/3", null)]
    [TestCase("org/model@" + Commit, "org/model", Commit, null)]
    [TestCase("org/pair/base", "org/pair", "main", "base")]
    [TestCase("hf://org/pair@v1/rlvr", "org/pair", "v1", "rlvr")]
    public void HubId_OfAnId_HasItsParts(string text, string repository, string revision, string? part)
    {
        HubId.Parse(text).Should().Be(new HubId(repository, revision, part));
        HubId.Parse(HubId.Parse(text)!.ToString()).Should().Be(new HubId(repository, revision, part), "it says itself as it is read");
    }

    [TestCase("model")]
    [TestCase("/org/model")]
    [TestCase("./org/model")]
    [TestCase("../model")]
    [TestCase("org/model/sub")]
    [TestCase("org/model@")]
    [TestCase("org/../model")]
    [TestCase("org/a..b")]
    [TestCase("org--x/model")]
    [TestCase("org/model@../../x")]
    [TestCase("org/model@a/../../x")]
    [TestCase("org/model@a%2F..%2Fb")]
    [TestCase("org/model@a//b")]
    [TestCase("org/model@a/.b")]
    [TestCase("org/model@a%00b")]
    [TestCase("org/model\n")]
    [TestCase("https://huggingface.co/org/model")]
    [TestCase("")]
    public void HubId_OfAnythingElse_IsNone(string text) => HubId.Parse(text).Should().BeNull();

    [Test]
    public void Locate_OfAnId_IsTheSnapshotThatItsNameLeadsTo()
    {
        var snapshot = Snapshot(Commit, "refs/main");
        var branch = Snapshot(Other, "refs/refs/pr/3");

        CheckpointFolder.Locate("org/model", cache: Cache).Should().Be(snapshot);
        CheckpointFolder.Locate("hf://org/model", cache: Cache).Should().Be(snapshot);
        CheckpointFolder.Locate($"org/model@{Other}", cache: Cache).Should().Be(branch);
        CheckpointFolder.Locate("org/model@refs/pr/3", cache: Cache).Should().Be(branch);
    }

    [Test]
    public void Locate_OfAFolderThatIsThere_IsTheFolder_AndTheSchemeAsksForTheHub()
    {
        var snapshot = Snapshot(Commit, "refs/main");
        Directory.CreateDirectory(folder.PathOf("work", "org", "model"));

        CheckpointFolder.Locate("org/model", cache: Cache).Should().Be("org/model");
        CheckpointFolder.Locate("hf://org/model", cache: Cache).Should().Be(snapshot);
    }

    [Test]
    public void Locate_OfAnIdThatIsNotInTheCache_SaysHowItGetsThere()
    {
        Error("org/model").WithMessage($"org/model: there is no such folder, and the Hugging Face cache ({folder.PathOf("hub")}) has no such model; the command `pull org/model` (or `hf download org/model`) downloads it");
        Error("hf://org/model@v1").WithMessage("*has no such model; the command `pull org/model@v1` (or `hf download org/model --revision v1`)*").Which.Message.Should().NotContain("no such folder");
    }

    [Test]
    public void Locate_OfAnotherRevision_SaysWhichAreThere()
    {
        Snapshot(Commit, "refs/main");
        Snapshot(Other);

        Error("org/model@v2").WithMessage($"*has no revision v2 of this model, but main, {Other}; *");
    }

    [Test]
    public void Locate_OfAPathThatIsNotThere_IsAboutAFolder() => Error("/nowhere/at/all").WithMessage("/nowhere/at/all: there is no such folder*");

    [TestCase("config.json")]
    [TestCase("model-00002-of-00002.safetensors")]
    public void Locate_OfASnapshotThatIsNotWhole_NamesTheFile(string missing)
    {
        var snapshot = Snapshot(Commit, "refs/main");
        File.WriteAllText(Path.Combine(snapshot, "model.safetensors.index.json"), """{"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}""");
        File.WriteAllText(Path.Combine(snapshot, "model-00001-of-00002.safetensors"), "");
        File.WriteAllText(Path.Combine(snapshot, "model-00002-of-00002.safetensors"), "");
        File.Delete(Path.Combine(snapshot, "model.safetensors"));
        CheckpointFolder.Locate("org/model", cache: Cache).Should().Be(snapshot);

        File.Delete(Path.Combine(snapshot, missing));

        Error("org/model").WithMessage($"org/model: *without {missing}*`pull org/model`*");
    }

    [Test]
    public void Locate_OfALinkThatLeadsNowhere_IsNotWhole()
    {
        var snapshot = Snapshot(Commit, "refs/main");
        File.Delete(Path.Combine(snapshot, "model.safetensors"));
        File.CreateSymbolicLink(Path.Combine(snapshot, "model.safetensors"), "../../blobs/gone");

        Error("org/model").WithMessage("*without model.safetensors*");
    }

    [Test]
    public void Locate_ForAProcessor_NeedsNoWeights()
    {
        var snapshot = Snapshot(Commit, "refs/main");
        File.Delete(Path.Combine(snapshot, "model.safetensors"));

        CheckpointFolder.Locate("org/model", withWeights: false, Cache).Should().Be(snapshot);
    }

    [Test]
    public void Locate_OfAPartOfAPair_IsItsFolder()
    {
        var part = Path.Combine(Snapshot(Commit, "refs/main"), "rlvr");
        Fill(part);

        CheckpointFolder.Locate("org/model/rlvr", cache: Cache).Should().Be(part);
        Error("org/model/base").WithMessage("*with a folder base*");
    }

    [TestCase("")]
    [TestCase("../../../etc")]
    [TestCase("main")]
    public void Find_OfAReferenceThatIsNoCommit_IsNothing(string content)
    {
        Snapshot(Commit, "refs/main");
        File.WriteAllText(Path.Combine(Repository, "refs", "main"), content);

        CheckpointFolder.Find("org/model", Cache).Should().BeNull();
    }

    private FluentAssertions.Specialized.ExceptionAssertions<CheckpointException> Error(string name) =>
        this.Invoking(_ => CheckpointFolder.Locate(name, cache: Cache)).Should().Throw<CheckpointException>();

    private string Snapshot(string commit, string? reference = null)
    {
        if (reference is not null)
        {
            var file = Path.Combine(Repository, reference);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, commit);
        }

        return Fill(Path.Combine(Repository, "snapshots", commit));
    }

    private static string Fill(string path)
    {
        Directory.CreateDirectory(path);
        File.WriteAllText(Path.Combine(path, "config.json"), "{}");
        File.WriteAllText(Path.Combine(path, "model.safetensors"), "");
        return path;
    }
}
