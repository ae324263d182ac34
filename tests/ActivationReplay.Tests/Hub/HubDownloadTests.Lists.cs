using System.Text;
using ActivationReplay.Checkpoints;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Hub;

/// <summary>What a hub may say that a model has.</summary>
public sealed partial class HubDownloadTests
{
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
}
