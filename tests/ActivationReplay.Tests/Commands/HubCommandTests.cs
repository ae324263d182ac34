using ActivationReplay.Ablations.Commands;
using ActivationReplay.Hub;
using ActivationReplay.Tests.Hub;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Commands;

/// <summary>Commands on models of the hub: <c>pull</c>, and what takes a checkpoint.</summary>
public sealed class HubCommandTests : CommandTest
{
    private static readonly string s_pair = Path.Combine(Goldens.Repository, "ablations", "pairs", "counting");

    private static readonly string[] s_variables = ["HF_ENDPOINT", "HF_TOKEN", "HF_HOME", "HF_HUB_CACHE", "HF_HUB_OFFLINE", "LMUData"];

    private readonly Dictionary<string, string?> before = [];
    private FakeHub hub = null!;

    [SetUp]
    public void Start()
    {
        hub = new FakeHub();
        hub.AddFolder("org/base", Path.Combine(s_pair, "base"));
        hub.AddFolder("org/rlvr", Path.Combine(s_pair, "rlvr"));
        foreach (var variable in s_variables)
        {
            before[variable] = Environment.GetEnvironmentVariable(variable);
            Environment.SetEnvironmentVariable(variable, null);
        }

        Environment.SetEnvironmentVariable("HF_ENDPOINT", hub.Address.AbsoluteUri);
        Environment.SetEnvironmentVariable("HF_HOME", Folder.PathOf("hf"));
        Environment.SetEnvironmentVariable("HF_TOKEN", "hf_secret");
    }

    [TearDown]
    public void Stop()
    {
        foreach (var (variable, value) in before)
        {
            Environment.SetEnvironmentVariable(variable, value);
        }

        hub.Dispose();
    }

    [Test]
    public async Task Pull_ThenRun_AnswersWithTheModelsOfTheHub()
    {
        (await Invoke("pull", "org/base", "org/rlvr")).Should().Be(ExitCode.Success, Errors);
        Printed.Should().Contain($"org/base is in {Folder.PathOf("hf", "hub", "models--org--base", "snapshots", FakeHub.Commit)}")
            .And.MatchRegex(@"\d+/\d+ files, 0\.0\d/0\.0\d GB").And.NotContain("secret");

        (await Invoke("run", "--base", "org/base", "--rlvr", "org/rlvr@" + FakeHub.Commit, "--limit", "1", "--methods", "none", "--max-new-tokens", "2", "--out", Folder.PathOf("r")))
            .Should().Be(ExitCode.Success, Errors);
        File.ReadAllText(Folder.PathOf("r", "samples.csv")).Should().Contain("org/base").And.Contain("org/rlvr@" + FakeHub.Commit);

        // The run is that of the same weights in folders.
        (await Invoke("run", "--pair", s_pair, "--limit", "1", "--methods", "none", "--max-new-tokens", "2", "--out", Folder.PathOf("r"))).Should().Be(ExitCode.Success, Errors);
    }

    [Test]
    public async Task Pull_OfAPair_IsAPair()
    {
        foreach (var part in new[] { "base", "rlvr" })
        {
            hub.AddFolder("org/pair", Path.Combine(s_pair, part), part + "/");
        }

        (await Invoke("pull", "org/pair")).Should().Be(ExitCode.Success, Errors);
        (await Invoke("validate", "--pair", "org/pair", "--limit", "1")).Should().Be(ExitCode.Success, Errors);
        (await Invoke("evaluate", "--pair", "org/pair", "--count", "1", "--samples", "1")).Should().Be(ExitCode.Success, Errors);
    }

    [TestCase("run")]
    [TestCase("validate")]
    [TestCase("lens")]
    [TestCase("calibrate")]
    public async Task ACommand_OnAModelThatIsNotPulled_SaysSo(string command)
    {
        (await Invoke(command, "--base", "org/base", "--rlvr", "org/rlvr", "--limit", "1")).Should().Be(ExitCode.Checkpoint);

        Errors.Should().Contain("`pull org/base`").And.NotContain("   at ");
    }

    [Test]
    public async Task MakeCheckpoint_TakesShapeAndProcessorOfTheHub()
    {
        (await Invoke("pull", "org/base")).Should().Be(ExitCode.Success, Errors);

        (await Invoke("make-checkpoint", "--config", "org/base", "--processor", "org/base", "--out", Folder.PathOf("c"))).Should().Be(ExitCode.Success, Errors);
        File.Exists(Folder.PathOf("c", "tokenizer.json")).Should().BeTrue();
    }

    [TestCase("model")]
    [TestCase("https://huggingface.co/org/model")]
    public async Task Pull_OfNoId_IsBadUsage(string text)
    {
        (await Invoke("pull", text)).Should().Be(ExitCode.Usage);

        Errors.Should().Contain("ORG/NAME");
    }

    [TestCase("0")]
    [TestCase("17")]
    public async Task Pull_OfTooManyAtOnce_IsBadUsage(string parallel) =>
        (await Invoke("pull", "org/base", "--parallel", parallel)).Should().Be(ExitCode.Usage);

    [Test]
    public async Task Pull_OfAModelThatIsNotThere_EndsInALine()
    {
        (await Invoke("pull", "org/none")).Should().Be(ExitCode.Checkpoint);

        Errors.Trim().Should().StartWith("error: org/none: ").And.NotContain("\n").And.NotContain("secret");
    }

    [Test]
    public async Task Pull_Offline_AsksNothing()
    {
        Environment.SetEnvironmentVariable("HF_HUB_OFFLINE", "1");

        (await Invoke("pull", "org/base")).Should().Be(ExitCode.Checkpoint);
        Errors.Should().Contain("HF_HUB_OFFLINE");
        hub.Asked.Should().BeEmpty();
    }

    [Test]
    public void Progress_SaysSpeedAndTimeLeft()
    {
        PullProgress.Line(new HubProgress(9_610_000_000, 16_580_000_000, 6_000_000_000, 3, 5), TimeSpan.FromSeconds(60))
            .Should().Be("3/5 files, 9.61/16.58 GB, 100.0 MB/s, 0:01:09 left");
        PullProgress.Line(new HubProgress(0, 16_580_000_000, 0, 0, 5), TimeSpan.Zero).Should().Be("0/5 files, 0.00/16.58 GB");
    }

    [Test]
    public async Task Progress_OffATerminal_IsALineNowAndThen()
    {
        using var output = new StringWriter();
        var seconds = new Queue<double>([0, 0, 1, 6, 6, 7, 7]);

        await PullProgress.ShowLines(output, () => TimeSpan.FromSeconds(seconds.Count > 1 ? seconds.Dequeue() : seconds.Peek()), onProgress =>
        {
            for (var i = 0; i < 4; i++)
            {
                onProgress(new HubProgress(i, 3, i, i, 3));
            }

            return Task.FromResult(0);
        });

        output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().HaveCount(3).And.Contain(l => l.StartsWith("3/3 files", StringComparison.Ordinal));
    }

    [Test]
    public async Task ADataSet_ByItsName_IsVlmEvalKits()
    {
        Directory.CreateDirectory(Folder.PathOf("lmu"));
        File.Copy(Path.Combine(Evaluation.DatasetFiles.Carried, "mcq.tsv"), Folder.PathOf("lmu", "MathVista_MINI.tsv"));
        Environment.SetEnvironmentVariable("LMUData", Folder.PathOf("lmu"));

        (await Invoke("run", "--dry-run", "--dataset", "MathVista_MINI", "--limit", "1")).Should().Be(ExitCode.Success, Errors);
        (await Invoke("calibrate", "--dataset", "MathVista_MINI", "--limit", "1", "--out", Folder.PathOf("t.json"))).Should().Be(ExitCode.Success, Errors);
        (await Invoke("validate", "--dataset", "MathVerse_MINI")).Should().Be(ExitCode.Usage);
        Errors.Should().Contain("no MathVerse_MINI.tsv in " + Folder.PathOf("lmu")).And.Contain("LMUData");
    }
}
