using ActivationReplay.Ablations.Clusters;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Native;
using ActivationReplay.Tests.Checkpoints;
using ActivationReplay.Tests.Storage;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Clusters;

/// <summary>Processes side by side; what they run are shell scripts.</summary>
[Platform(Include = "Linux,MacOsX", Reason = "The programs are shell scripts.")]
public sealed class LocalShardsTests
{
    private static readonly Submission s_submission = new() { Command = "submit", Answers = [4, 4, 4], Samples = 1 };

    private TempFolder folder = null!;

    [SetUp]
    public void Create()
    {
        folder = new TempFolder();
        Directory.CreateDirectory(folder.PathOf(Submission.Jobs));
        foreach (var shard in s_submission.Shards)
        {
            Directory.CreateDirectory(Submission.Folder(folder.Path, shard));
        }
    }

    [TearDown]
    public void Delete() => folder.Dispose();

    [Test]
    public async Task Each_HasItsSlotAndItsLog()
    {
        var shards = Shards("echo \"$2 on $CUDA_VISIBLE_DEVICES with $DOTNET_PROCESSOR_COUNT\"; echo wrong >&2", LocalSlots.Of(2, new PairDevices("cuda", "cuda"), 16, 2, visible: "5,7"));

        await shards.Begin(s_submission.Shards, CancellationToken.None);

        foreach (var shard in s_submission.Shards)
        {
            var lines = await File.ReadAllLinesAsync(Submission.Log(folder.Path, shard));
            lines.Should().HaveCount(2).And.Contain("wrong");
            lines.Should().ContainSingle(l => l == $"{shard} on 5 with 8" || l == $"{shard} on 7 with 8");
        }
    }

    [Test]
    public async Task AShardThatDies_IsStartedAnew()
    {
        var shards = Shards("echo x >> \"$1/starts\"; [ $(wc -l < \"$1/starts\") -lt 3 ] && kill -KILL $$; exit 0");

        await shards.Begin(s_submission.Shards, CancellationToken.None);

        s_submission.Shards.Should().AllSatisfy(s => Starts(s).Should().Be(3));
    }

    [Test]
    public async Task AShardThatAlwaysDies_IsGivenUp_AndTheOthersGoOn()
    {
        var shards = Shards("echo x >> \"$1/starts\"; [ \"$2\" = 2/3 ] && kill -KILL $$; exit 0");

        await shards.Begin(s_submission.Shards, CancellationToken.None);

        s_submission.Shards.Select(Starts).Should().Equal(1, 4, 1);
        var look = shards.Look();
        look.IsOver.Should().BeTrue();
        look.Shards[1].Should().Match<ShardStatus>(s => s.State == "ended with 137, 3 times started anew" && s.Where.EndsWith("shard-2.log"));
    }

    [Test]
    public async Task AShardThatGetsOnBetweenItsDeaths_IsNotGivenUp()
    {
        await File.WriteAllLinesAsync(folder.PathOf("lines"), Enumerable.Range(0, 4).Select(i => Line($"{i}")));
        var shards = Shards("echo x >> \"$1/starts\"; n=$(wc -l < \"$1/starts\"); [ $((n % 3)) = 0 ] && sed -n \"$((n / 3))p\" \"$3/lines\" >> \"$1/journal.jsonl\"; [ $n -lt 12 ] && kill -KILL $$; exit 0");

        await shards.Begin(s_submission.Shards.Take(1), CancellationToken.None);

        Starts(s_submission.Shards.First()).Should().Be(12);
        shards.Look().Shards[0].Should().Match<ShardStatus>(s => s.State == "finished" && s.Done == 4);
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public async Task AShardThatWouldEndTheSameAgain_IsNotStartedAnew(int code)
    {
        var shards = Shards($"echo x >> \"$1/starts\"; exit {code}");

        await shards.Begin(s_submission.Shards, CancellationToken.None);

        s_submission.Shards.Should().AllSatisfy(s => Starts(s).Should().Be(1));
        shards.Look().Shards.Should().AllSatisfy(s => s.State.Should().Be($"ended with {code}"));
    }

    [Test]
    public async Task Cancel_EndsAllAsSigtermDoes_AndBeginsNoMore()
    {
        using var stop = new CancellationTokenSource();
        var shards = Shards("trap 'echo kept; exit 143' TERM; echo x >> \"$1/starts\"; while :; do sleep 0.05; done");
        var ended = shards.Begin(s_submission.Shards, stop.Token);
        SpinWait.SpinUntil(() => s_submission.Shards.Take(2).All(s => Starts(s) == 1), TimeSpan.FromSeconds(30)).Should().BeTrue();

        await stop.CancelAsync();

        await ended.WaitAsync(TimeSpan.FromSeconds(30));
        s_submission.Shards.Select(Starts).Should().Equal(1, 1, 0);
        (await File.ReadAllTextAsync(Submission.Log(folder.Path, s_submission.Shards.First()))).Should().Contain("kept");
    }

    [Test]
    public void Slots_ShareTheCores() =>
        LocalSlots.Of(3, new PairDevices("cpu", "cpu"), cores: 8, gpus: 0, visible: null).Should().HaveCount(3)
            .And.AllSatisfy(s => s.Should().Equal(new Dictionary<string, string> { ["DOTNET_PROCESSOR_COUNT"] = "2" }));

    [TestCase("cuda", "cuda", 3, "0 1 2")]
    [TestCase("cuda:0", "cuda:1", 2, "0,1 2,3")]
    [TestCase("cuda", "cpu", 4, "0 1 2 3")]
    public void Slots_HaveGpusOfTheirOwn(string @base, string rlvr, int processes, string expected) =>
        LocalSlots.Of(processes, new PairDevices(@base, rlvr), cores: 8, gpus: 4, visible: null).Select(s => s["CUDA_VISIBLE_DEVICES"])
            .Should().Equal(expected.Split(' '));

    [Test]
    public void Slots_WithoutEnoughGpus_SayHowManyThereCanBe() =>
        FluentActions.Invoking(() => LocalSlots.Of(2, new PairDevices("cuda:0", "cuda:1"), cores: 8, gpus: 3, visible: null)).Should().Throw<ArgumentException>()
            .WithMessage("--local 2: each process needs 2 GPUs*there are 3*up to 1 process*");

    // The script's arguments: the shard's folder, its name, and the run's folder.
    private LocalShards Shards(string script, IReadOnlyList<IReadOnlyDictionary<string, string>>? slots = null) => new(
        folder.Path,
        s_submission,
        slots ?? LocalSlots.Of(2, new PairDevices("cpu", "cpu"), 2, 0, null),
        shard => ["sh", "-c", script, "shard", Submission.Folder(folder.Path, shard), shard.ToString(), folder.Path]);

    private int Starts(Ablations.Configuration.Shard shard) =>
        Path.Combine(Submission.Folder(folder.Path, shard), "starts") is var file && File.Exists(file) ? File.ReadAllLines(file).Length : 0;

    private string Line(string sample)
    {
        using var made = RunFolder.Open(folder.PathOf("made", sample));
        made.Add([MadeRuns.Entry(MadeRuns.Row("none", sample, true))]);
        return File.ReadAllText(RunFolder.Journal(made.Path)).TrimEnd('\n');
    }
}
