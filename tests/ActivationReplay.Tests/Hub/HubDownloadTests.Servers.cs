using System.Text;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Hub;

/// <summary>Who gets the token, where redirects may lead, and servers that refuse, are busy or silent.</summary>
public sealed partial class HubDownloadTests
{
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
}
