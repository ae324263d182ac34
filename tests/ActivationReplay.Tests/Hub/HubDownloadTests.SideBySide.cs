using System.Text;
using ActivationReplay.Checkpoints;
using ActivationReplay.Files;
using ActivationReplay.Hub;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Hub;

/// <summary>Files, downloads and revisions beside each other.</summary>
public sealed partial class HubDownloadTests
{
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
}
