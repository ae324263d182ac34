using System.Net;
using ActivationReplay.Checkpoints;
using ActivationReplay.Hub;
using ActivationReplay.Tests.Checkpoints;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Hub;

/// <summary>Downloads from a server that does what servers do. Several downloads run in one process, as processes would.</summary>
public sealed partial class HubDownloadTests
{
    private const string Model = "org/model";
    private const string Token = "hf_secret";
    private const string FirstShard = "model-00001-of-00002.safetensors";

    private static readonly HubId s_id = new(Model);

    private TempFolder folder = null!;
    private FakeHub hub = null!;

    private HubCache Cache => new(folder.PathOf("hub"));

    private string Repository => folder.PathOf("hub", "models--org--model");

    private string Snapshot => Path.Combine(Repository, "snapshots", FakeHub.Commit);

    [SetUp]
    public void Start()
    {
        (folder, hub) = (new TempFolder(), new FakeHub());
        hub.AddModel(Model);
    }

    [TearDown]
    public void Stop()
    {
        hub.Dispose();
        folder.Dispose();
    }

    [Test]
    public async Task Pull_LaysTheFilesOutAsPythonToolsDo()
    {
        (await Pull()).Should().Equal(Snapshot);

        string[] wanted = ["config.json", "merges.txt", FirstShard, "model-00002-of-00002.safetensors", "model.safetensors.index.json", "tokenizer.json"];
        Directory.GetFiles(Snapshot).Select(Path.GetFileName).Order(StringComparer.Ordinal).Should().Equal(wanted.Order(StringComparer.Ordinal), "nothing else is read, and pickles never");
        foreach (var name in wanted)
        {
            var bytes = hub.BytesOf(Model, name);
            var isLarge = name.EndsWith("safetensors", StringComparison.Ordinal) || name == "tokenizer.json";
            new FileInfo(Path.Combine(Snapshot, name)).LinkTarget.Should().Be($"../../blobs/{(isLarge ? FakeHub.Sha256(bytes) : FakeHub.GitHash(bytes))}");
            File.ReadAllBytes(Path.Combine(Snapshot, name)).Should().Equal(bytes);
        }

        File.ReadAllText(Path.Combine(Repository, "refs", "main")).Should().Be(FakeHub.Commit);
        Directory.GetFiles(Path.Combine(Repository, "blobs")).Should().HaveCount(wanted.Length, "nothing unfinished is left");
        CheckpointFolder.Find(Model, Cache).Should().Be(Snapshot);
        hub.Asked.Concat(hub.Served).Should().NotContain(s => s.Path.Contains(".bin", StringComparison.Ordinal) || s.Path.Contains("README", StringComparison.Ordinal));
    }

    [Test]
    public async Task Pull_OfWhatIsThere_FetchesNothing()
    {
        await Pull();
        var before = hub.Asked.Count + hub.Served.Count;

        await Pull();

        (hub.Asked.Count + hub.Served.Count - before).Should().Be(1, "the list alone");
    }

    [Test]
    public async Task Pull_WhereALinkLeadsNowhere_FetchesTheFileAnew()
    {
        await Pull();
        File.Delete(Path.Combine(Repository, "blobs", FakeHub.Sha256(hub.BytesOf(Model, FirstShard))));

        await Pull();

        File.ReadAllBytes(Path.Combine(Snapshot, FirstShard)).Should().Equal(hub.BytesOf(Model, FirstShard));
    }

    [Test]
    public async Task Pull_OfARevision_AsksForItAndNamesIt()
    {
        await Pull(new HubId(Model, "refs/pr/7"));

        hub.Asked[0].Path.Should().Be("/api/models/org/model/revision/refs%2Fpr%2F7?blobs=true");
        File.ReadAllText(Path.Combine(Repository, "refs", "refs", "pr", "7")).Should().Be(FakeHub.Commit);
        CheckpointFolder.Find($"{Model}@refs/pr/7", Cache).Should().Be(Snapshot);
        CheckpointFolder.Find(Model, Cache).Should().BeNull();
    }

    [Test]
    public async Task Pull_OfACommit_NeedsNoName()
    {
        await Pull(new HubId(Model, FakeHub.Commit));

        Directory.Exists(Path.Combine(Repository, "refs")).Should().BeFalse();
        CheckpointFolder.Find($"{Model}@{FakeHub.Commit}", Cache).Should().Be(Snapshot);
    }

    [Test]
    public async Task Pull_OfAPair_FetchesBothFolders()
    {
        foreach (var part in new[] { "base", "rlvr" })
        {
            hub.AddFolder("org/pair", Path.Combine(Goldens.Repository, "ablations", "pairs", "counting", part), part + "/");
        }

        await Pull(new HubId("org/pair"));

        using var pair = CheckpointPair.Open(
            CheckpointFolder.Locate("org/pair/base", cache: Cache), CheckpointFolder.Locate("org/pair/rlvr", cache: Cache));
        pair.Base.Fingerprint.Should().NotBe(pair.Rlvr.Fingerprint);
        new FileInfo(Path.Combine(pair.Base.Folder, "config.json")).LinkTarget.Should().StartWith("../../../blobs/");

        // Both parts of it are one repository; and all of it is there, so that nothing need be asked.
        using var again = Download(offline: true);
        var whole = (await again.Pull([new HubId("org/pair") { Part = "base" }, new HubId("org/pair") { Part = "rlvr" }])).Should().HaveCount(2).And.Subject;
        whole.Distinct().Should().ContainSingle().Which.Should().Be(Path.GetDirectoryName(pair.Base.Folder));
    }

    private static void InterlockedMax(ref int most, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref most)) < value && Interlocked.CompareExchange(ref most, value, seen) != seen)
        {
        }
    }

    private static async Task<string> Failing(Func<Task> act) => (await act.Should().ThrowAsync<HubException>()).Which.Message;

    private HubDownload Download(
        int tries = 3, TimeSpan? patience = null, Uri? endpoint = null, bool offline = false, int parallel = 1, long free = long.MaxValue) =>
        new(new HubSettings { Endpoint = endpoint ?? hub.Address, Token = Token, Cache = Cache, IsOffline = offline })
        {
            Retry = new Retry(tries, TimeSpan.FromMilliseconds(1)),
            Patience = patience ?? TimeSpan.FromSeconds(20),
            FreeSpace = _ => free,
            Parallel = parallel,
        };

    private async Task<IReadOnlyList<string>> Pull(HubId? id = null, int tries = 3, TimeSpan? patience = null, Uri? endpoint = null)
    {
        using var download = Download(tries, patience, endpoint);
        return await download.Pull([id ?? s_id]);
    }

    private bool IsShard(HttpListenerContext context) =>
        context.Request.Url!.Port == hub.Storage.Port && context.Request.Url.AbsolutePath.Contains(FakeHub.Sha256(hub.BytesOf(Model, FirstShard)), StringComparison.Ordinal);

    private string?[] Ranges() =>
        [.. hub.Served.Where(s => s.Path.Contains(FakeHub.Sha256(hub.BytesOf(Model, FirstShard)), StringComparison.Ordinal)).Select(s => s.Range)];

    // The beginning of a file, as a call that broke off leaves it.
    private void Leave(string name, byte[] bytes)
    {
        Directory.CreateDirectory(Path.Combine(Repository, "blobs"));
        File.WriteAllBytes(Path.Combine(Repository, "blobs", FakeHub.Sha256(hub.BytesOf(Model, name)) + ".incomplete"), bytes);
    }

    // A part of what was announced, then the end of the connection.
    private static void SendPart(HttpListenerContext context, byte[] all, int from, int count, Action? thenWait = null)
    {
        context.Response.StatusCode = from == 0 ? 200 : 206;
        if (from > 0)
        {
            context.Response.AddHeader("Content-Range", FormattableString.Invariant($"bytes {from}-{all.Length - 1}/{all.Length}"));
        }

        context.Response.ContentLength64 = all.Length - from;
        context.Response.OutputStream.Write(all, from, count);
        context.Response.OutputStream.Flush();
        thenWait?.Invoke();
        context.Response.Abort();
    }
}
