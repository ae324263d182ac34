using ActivationReplay.Checkpoints;
using ActivationReplay.Files;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Hub;

/// <summary>Connections that break off, and bytes that are not the file's.</summary>
public sealed partial class HubDownloadTests
{
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
}
