using System.Net;
using System.Text;
using ActivationReplay.Checkpoints;
using ActivationReplay.Files;
using ActivationReplay.Hub;
using ActivationReplay.Tests.Checkpoints;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Hub;

/// <summary>Downloads from a server that does what servers do. Several downloads run in one process, as processes would.</summary>
public sealed class HubDownloadTests
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

    [Test]
    public async Task AConnectionThatBreaks_GoesOnWhereItBroke()
    {
        var breaks = 3;
        hub.Before = context =>
        {
            if (!IsShard(context) || Interlocked.Decrement(ref breaks) < 0)
            {
                return false;
            }

            var from = context.Request.Headers["Range"] is { } range ? int.Parse(range["bytes=".Length..^1]) : 0;
            SendPart(context, hub.BytesOf(Model, FirstShard), from, count: 20_000);
            return true;
        };

        await Pull();

        File.ReadAllBytes(Path.Combine(Snapshot, FirstShard)).Should().Equal(hub.BytesOf(Model, FirstShard));
        Ranges().Should().Equal(null, "bytes=20000-", "bytes=40000-", "bytes=60000-");
    }

    [Test]
    public async Task ACallThatBreaks_IsGoneOnWithByTheNext()
    {
        hub.Before = context =>
        {
            if (!IsShard(context))
            {
                return false;
            }

            SendPart(context, hub.BytesOf(Model, FirstShard), 0, count: 20_000);
            return true;
        };
        (await Failing(() => Pull(tries: 1))).Should().Contain(FirstShard).And.Contain("the same command goes on");
        CheckpointFolder.Find(Model, Cache).Should().BeNull("the name leads to nothing that is not whole");

        hub.Before = _ => false;
        await Pull();

        File.ReadAllBytes(Path.Combine(Snapshot, FirstShard)).Should().Equal(hub.BytesOf(Model, FirstShard));
        Ranges()[^1].Should().Be("bytes=20000-");
    }

    [Test]
    public async Task Cancelled_KeepsWhatItHas()
    {
        using var source = new CancellationTokenSource();
        hub.Before = context =>
        {
            if (!IsShard(context))
            {
                return false;
            }

            SendPart(context, hub.BytesOf(Model, FirstShard), 0, count: 20_000, thenWait: () => source.Token.WaitHandle.WaitOne());
            return true;
        };
        var partial = Path.Combine(Repository, "blobs", FakeHub.Sha256(hub.BytesOf(Model, FirstShard)) + ".incomplete");
        var pull = Download().Pull([s_id], _ =>
        {
            if (LinkedFile.Length(partial) == 20_000)
            {
                source.Cancel();
            }
        }, source.Token);

        await pull.Invoking(p => p).Should().ThrowAsync<OperationCanceledException>();
        LinkedFile.Length(partial).Should().Be(20_000);
    }

    [Test]
    public async Task AServerThatIgnoresTheRange_IsReadFromTheStart()
    {
        Leave(FirstShard, hub.BytesOf(Model, FirstShard)[..30_000]);
        hub.Before = context =>
        {
            if (!IsShard(context))
            {
                return false;
            }

            FakeHub.Send(context, 200, hub.BytesOf(Model, FirstShard));
            return true;
        };

        await Pull();

        File.ReadAllBytes(Path.Combine(Snapshot, FirstShard)).Should().Equal(hub.BytesOf(Model, FirstShard));
    }

    [Test]
    public async Task ABeginningThatIsWrong_IsFetchedAnew()
    {
        Leave(FirstShard, new byte[30_000]);

        await Pull();

        File.ReadAllBytes(Path.Combine(Snapshot, FirstShard)).Should().Equal(hub.BytesOf(Model, FirstShard));
        Ranges().Should().Equal("bytes=30000-", null);
    }

    [Test]
    public async Task ABeginningThatIsTooLong_IsFetchedAnew()
    {
        Leave(FirstShard, new byte[300_000]);

        await Pull();

        File.ReadAllBytes(Path.Combine(Snapshot, FirstShard)).Should().Equal(hub.BytesOf(Model, FirstShard));
    }

    [Test]
    public async Task BytesThatAreNotTheFiles_AreRefused()
    {
        hub.Before = context =>
        {
            if (!IsShard(context))
            {
                return false;
            }

            FakeHub.Send(context, 200, new byte[hub.BytesOf(Model, FirstShard).Length]);
            return true;
        };

        (await Failing(() => Pull())).Should().Contain(FirstShard).And.Contain("hash").And.Contain(FakeHub.Sha256(hub.BytesOf(Model, FirstShard)));
        Directory.GetFiles(Path.Combine(Repository, "blobs"), FakeHub.Sha256(hub.BytesOf(Model, FirstShard)) + "*").Should().BeEmpty();
        File.Exists(Path.Combine(Snapshot, FirstShard)).Should().BeFalse();
    }

    [TestCase(-5, "says that the file has 99995 bytes, but the hub says 100000")]
    [TestCase(5, "says that the file has 100005 bytes, but the hub says 100000")]
    public async Task ASizeThatIsNotTheHubs_IsRefused(int more, string message)
    {
        hub.Before = context =>
        {
            if (!IsShard(context))
            {
                return false;
            }

            FakeHub.Send(context, 200, new byte[hub.BytesOf(Model, FirstShard).Length + more]);
            return true;
        };

        (await Failing(() => Pull())).Should().Contain(message);
        File.Exists(Path.Combine(Snapshot, FirstShard)).Should().BeFalse();
    }

    [TestCase(90_000, "ended after 90000 of 100000 bytes")]
    [TestCase(110_000, "sends more than the 100000 bytes")]
    public async Task AnAnswerOfNoSize_MayNeitherEndEarlyNorLate(int count, string message)
    {
        hub.Before = context =>
        {
            if (!IsShard(context))
            {
                return false;
            }

            context.Response.SendChunked = true;
            context.Response.OutputStream.Write(new byte[count]);
            context.Response.Close();
            return true;
        };

        (await Failing(() => Pull(tries: 1))).Should().Contain(message);
    }

    [Test]
    public async Task TheToken_GoesToTheHubAlone()
    {
        hub.Before = context =>
        {
            // As the hub sends small files: by another address of its own.
            if (context.Request.Url!.AbsolutePath.EndsWith("resolve/" + FakeHub.Commit + "/config.json", StringComparison.Ordinal) && context.Request.Url.Query.Length == 0)
            {
                FakeHub.Send(context, 307, null, ("Location", context.Request.Url.AbsolutePath + "?moved"));
                return true;
            }

            return false;
        };

        await Pull();

        hub.Served.Should().HaveCount(3).And.OnlyContain(s => s.Token == null);
        hub.Asked.Should().OnlyContain(s => s.Token == "Bearer " + Token).And.Contain(s => s.Path.EndsWith("?moved", StringComparison.Ordinal));
    }

    [TestCase("file:///etc/passwd", "file://")]
    [TestCase("ftp://127.0.0.1/x", "ftp://")]
    [TestCase("/org/model/resolve/circle", "circle")]
    public async Task ARedirectThatLeadsNowhereGood_IsRefused(string location, string message)
    {
        hub.Before = context =>
        {
            FakeHub.Send(context, 302, null, ("Location", location));
            return true;
        };

        (await Failing(() => Pull())).Should().Contain(message).And.NotContain(Token);
        hub.Asked.Count.Should().BeLessThan(10);
    }

    [TestCase(401, "RepoNotFound", "HF_TOKEN")]
    [TestCase(401, null, "HF_TOKEN")]
    [TestCase(403, "GatedRepo", "terms must be accepted")]
    [TestCase(404, "RepoNotFound", "no such model")]
    [TestCase(404, "RevisionNotFound", "no revision main")]
    public async Task ARefusal_SaysWhatToDo_AndIsNotTriedAgain(int status, string? code, string message)
    {
        hub.Before = context =>
        {
            FakeHub.Send(context, status, Encoding.UTF8.GetBytes("no"), code is null ? [] : [("X-Error-Code", code)]);
            return true;
        };

        (await Failing(() => Pull())).Should().StartWith(Model).And.Contain(message).And.Contain(status.ToString()).And.NotContain(Token);
        hub.Asked.Should().ContainSingle();
    }

    [TestCase(500)]
    [TestCase(503)]
    [TestCase(429)]
    public async Task AServerThatIsBusy_IsAskedAgain(int status)
    {
        var busy = 2;
        hub.Before = context =>
        {
            if (Interlocked.Decrement(ref busy) < 0)
            {
                return false;
            }

            FakeHub.Send(context, status, null, ("Retry-After", "0"));
            return true;
        };

        (await Pull()).Should().Equal(Snapshot);
    }

    [Test]
    public async Task AServerThatAsksToWait_IsGivenTheTime()
    {
        var busy = 1;
        hub.Before = context =>
        {
            if (Interlocked.Decrement(ref busy) < 0)
            {
                return false;
            }

            FakeHub.Send(context, 429, null, ("Retry-After", "1"));
            return true;
        };
        var watch = System.Diagnostics.Stopwatch.StartNew();

        await Pull();

        watch.Elapsed.Should().BeGreaterThan(TimeSpan.FromSeconds(0.9), "less is against what it asked for; the clocks of timers are coarse");
    }

    [Test]
    public async Task AServerThatStaysBusy_IsGivenUp()
    {
        hub.Before = context =>
        {
            FakeHub.Send(context, 503);
            return true;
        };

        (await Failing(() => Pull(tries: 3))).Should().Contain("503").And.Contain("3 tries");
        hub.Asked.Should().HaveCount(3);
    }

    // Addresses of large files are signed and expire: the hub gives a new one.
    [Test]
    public async Task AnAddressThatHasExpired_IsAskedForAgain()
    {
        var expired = 1;
        hub.Before = context =>
        {
            if (!IsShard(context) || Interlocked.Decrement(ref expired) < 0)
            {
                return false;
            }

            FakeHub.Send(context, 403);
            return true;
        };

        (await Pull()).Should().Equal(Snapshot);
        hub.Asked.Count(s => s.Path.EndsWith(FirstShard, StringComparison.Ordinal)).Should().Be(2);
    }

    [Test]
    public async Task AServerThatIsSilent_IsGivenUp()
    {
        using var end = new ManualResetEventSlim();
        hub.Before = _ =>
        {
            end.Wait();
            return true;
        };

        (await Failing(() => Pull(tries: 2, patience: TimeSpan.FromSeconds(0.2)))).Should().Contain("was silent");
        end.Set();
    }

    [Test]
    public async Task AHubThatIsNotThere_IsSaidInALine()
    {
        var address = hub.Address;
        hub.Dispose();

        (await Failing(() => Pull(tries: 2, endpoint: address))).Should().StartWith(Model).And.Contain("127.0.0.1").And.Contain("2 tries");
    }

    [TestCase("../x")]
    [TestCase("/etc/x")]
    [TestCase("a/../../x")]
    [TestCase("a//x")]
    [TestCase("a\\x")]
    [TestCase("C:x")]
    [TestCase("a\nx")]
    [TestCase("")]
    public async Task ANameThatCouldLieElsewhere_IsRefused(string name)
    {
        hub.Models[Model].Add((name, [1], false));

        (await Failing(() => Pull())).Should().Contain("outside");
        Directory.Exists(folder.PathOf("hub")).Should().BeFalse();
        hub.Asked.Should().ContainSingle();
    }

    [TestCase("../../../../x")]
    [TestCase("")]
    [TestCase("0123456789ABCDEF0123456789ABCDEF01234567")]
    public async Task ACommitThatIsNone_IsRefused(string commit)
    {
        hub.Head = commit;

        (await Failing(() => Pull())).Should().Contain("no commit");
        Directory.Exists(folder.PathOf("hub")).Should().BeFalse();
    }

    [TestCase("[]")]
    [TestCase("<html>")]
    [TestCase("""{"sha": 5, "siblings": []}""")]
    [TestCase("""{"sha": "0123456789abcdef0123456789abcdef01234567"}""")]
    public async Task AnAnswerThatIsNoList_IsSaid(string answer)
    {
        hub.Before = context =>
        {
            FakeHub.Send(context, 200, Encoding.UTF8.GetBytes(answer));
            return true;
        };

        (await Failing(() => Pull())).Should().Contain("no list of files");
    }

    [TestCase("../other.safetensors", "plain name")]
    [TestCase("pytorch_model.bin", "pickle")]
    public async Task AnIndexThatNamesAnythingElse_IsRefused(string shard, string message)
    {
        var files = hub.Models[Model];
        files[files.FindIndex(f => f.Name == "model.safetensors.index.json")] =
            ("model.safetensors.index.json", Encoding.UTF8.GetBytes($$$"""{"weight_map": {"a": "{{{shard}}}"}}"""), false);

        await this.Awaiting(_ => Pull()).Should().ThrowAsync<CheckpointException>().WithMessage($"*{message}*");
        hub.Served.Should().NotContain(s => s.Path.Contains(FakeHub.Sha256(hub.BytesOf(Model, "pytorch_model.bin")), StringComparison.Ordinal));
    }

    [Test]
    public async Task AnIndexOfAFileThatTheModelLacks_IsSaid()
    {
        hub.Models[Model].RemoveAll(f => f.Name == FirstShard);

        (await Failing(() => Pull())).Should().Contain(FirstShard).And.Contain("does not have");
    }

    [Test]
    public async Task AModelOfPicklesAlone_IsNotFetched()
    {
        hub.Models[Model].RemoveAll(f => f.Name.Contains("safetensors", StringComparison.Ordinal));

        (await Failing(() => Pull())).Should().Contain("pickles").And.Contain("refs/pr/");
    }

    [Test]
    public async Task WhatIsNoModel_IsSaid()
    {
        hub.Models[Model].RemoveAll(f => f.Name == "config.json");

        (await Failing(() => Pull())).Should().Contain("config.json");
    }

    [Test]
    public async Task ADiskThatIsTooSmall_IsSeenBeforehand()
    {
        using var download = Download(free: 50_000);

        (await Failing(() => download.Pull([s_id]))).Should().Contain("HF_HUB_CACHE").And.Contain(folder.PathOf("hub"));
        hub.Served.Should().NotContain(s => s.Path.Contains(FakeHub.Sha256(hub.BytesOf(Model, FirstShard)), StringComparison.Ordinal));
    }

    [Test]
    public async Task ADiskThatHoldsTheRest_IsLargeEnough()
    {
        Leave(FirstShard, hub.BytesOf(Model, FirstShard)[..90_000]);
        using var download = Download(free: 120_000);

        (await download.Pull([s_id])).Should().Equal(Snapshot);
    }

    [Test]
    public async Task Offline_NothingIsAsked()
    {
        using var offline = Download(offline: true);
        (await Failing(() => offline.Pull([s_id]))).Should().Contain("HF_HUB_OFFLINE").And.Contain(Model);
        hub.Asked.Should().BeEmpty();

        await Pull();
        var asked = hub.Asked.Count;

        (await offline.Pull([s_id])).Should().Equal(Snapshot);
        hub.Asked.Should().HaveCount(asked);
    }

    [Test]
    public async Task AListWithoutHashes_IsCompletedByTheFilesOwn()
    {
        hub.SaysBlobs = false;

        await Pull();

        File.ReadAllBytes(Path.Combine(Snapshot, FirstShard)).Should().Equal(hub.BytesOf(Model, FirstShard));
        new FileInfo(Path.Combine(Snapshot, FirstShard)).LinkTarget.Should().EndWith(FakeHub.Sha256(hub.BytesOf(Model, FirstShard)));
        hub.Asked.Count(s => s.Method == "HEAD").Should().Be(6);
        hub.Served.Should().OnlyContain(s => s.Method == "GET");
    }

    [Test]
    public async Task AFileWithoutAHash_IsNotFetched()
    {
        hub.SaysBlobs = false;
        hub.Before = context =>
        {
            if (context.Request.HttpMethod != "HEAD")
            {
                return false;
            }

            FakeHub.Send(context, 200, [1], ("ETag", "\"../../x\""));
            return true;
        };

        (await Failing(() => Pull())).Should().Contain("could not be checked");
    }

    [Test]
    public async Task Files_AreFetchedSideBySide_AndNotMoreThanAskedFor()
    {
        const int AtOnce = 3;
        for (var i = 3; i < 10; i++)
        {
            hub.Models[Model].Add(($"model-0000{i}-of-00002.safetensors", Encoding.UTF8.GetBytes($"shard {i}"), true));
        }

        var files = hub.Models[Model];
        var map = string.Join(',', files.Where(f => f.Name.EndsWith(".safetensors", StringComparison.Ordinal)).Select(f => $"\"{f.Name}\": \"{f.Name}\""));
        files[files.FindIndex(f => f.Name == "model.safetensors.index.json")] =
            ("model.safetensors.index.json", Encoding.UTF8.GetBytes($$$"""{"weight_map": { {{{map}}} }}"""), false);
        var (now, most) = (0, 0);
        using var met = new Barrier(AtOnce);
        hub.Before = context =>
        {
            if (context.Request.Url!.Port != hub.Storage.Port || context.Request.Url.AbsolutePath.Contains(FakeHub.Sha256(hub.BytesOf(Model, "tokenizer.json")), StringComparison.Ordinal))
            {
                return false;
            }

            var here = Interlocked.Increment(ref now);
            InterlockedMax(ref most, here);
            // All meet, or none does: a download one after another would wait here until it is given up.
            met.SignalAndWait(TimeSpan.FromSeconds(10)).Should().BeTrue();
            Interlocked.Decrement(ref now);
            return false;
        };

        using var download = Download(parallel: AtOnce);
        await download.Pull([s_id]);

        most.Should().Be(AtOnce);
    }

    [Test]
    public async Task TwoDownloadsAtOnce_FetchEachFileOnce()
    {
        await Task.WhenAll(Pull(), Pull());

        hub.Served.Select(s => s.Path).Should().OnlyHaveUniqueItems();
        File.ReadAllBytes(Path.Combine(Snapshot, FirstShard)).Should().Equal(hub.BytesOf(Model, FirstShard));
    }

    [Test]
    public async Task ANewCommitThatIsNotWhole_LeavesTheNameAtTheOld()
    {
        await Pull();
        hub.Head = new string('f', 40);
        hub.AddModel(Model, shardBytes: 50_000);
        hub.Before = context =>
        {
            if (context.Request.Url!.Port != hub.Storage.Port)
            {
                return false;
            }

            FakeHub.Send(context, 503);
            return true;
        };
        await Failing(() => Pull());
        CheckpointFolder.Locate(Model, cache: Cache).Should().Be(Snapshot);

        hub.Before = _ => false;
        await Pull();

        CheckpointFolder.Locate(Model, cache: Cache).Should().EndWith(hub.Head);
    }

    [Test]
    public async Task Progress_EndsWhereAllIsThere()
    {
        var seen = new List<HubProgress>();
        using var download = Download();

        await download.Pull([s_id], seen.Add);

        var total = Directory.GetFiles(Snapshot).Sum(f => LinkedFile.Length(f)!.Value);
        seen[^1].Should().Be(new HubProgress(total, total, total, 6, 6));
        seen.Should().OnlyContain(p => p.Bytes <= p.TotalBytes && p.Files <= p.TotalFiles);
        seen.Clear();
        await download.Pull([s_id], seen.Add);
        seen[^1].Should().Be(new HubProgress(total, total, 0, 6, 6));
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
