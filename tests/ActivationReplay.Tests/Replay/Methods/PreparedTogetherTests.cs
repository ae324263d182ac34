using ActivationReplay.Models;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Recordings;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Replay.Methods;

/// <summary>What is freed where one of several cannot be prepared.</summary>
[NonParallelizable]
public sealed class PreparedTogetherTests
{
    [Test]
    public void Each_WhereOneFails_FreesThoseBefore()
    {
        var before = LiveTensors.Settled();

        FluentActions.Invoking(() => PreparedTogether.Lists([1, 2, 0], n => PreparedTogether.Each(Enumerable.Range(0, n + 1).ToList(), _ => Made(n))))
            .Should().Throw<InvalidOperationException>();

        Tensor.TotalCount.Should().Be(before);

        static Preparation Made(int number) => number > 0
            ? new Preparation(ModelRole.Rlvr, new Intervention([new StateEdit(0, EditKind.Add, [0], zeros(1, 4).DetachFromDisposeScope())]))
            : throw new InvalidOperationException("This one cannot be prepared.");
    }

    [Test]
    public void Each_KeepsTheOrder()
    {
        var made = PreparedTogether.Each([1, 2], n => new Preparation(ModelRole.Rlvr, Intervention.None, Selected: [[n]]));

        made.Select(p => p.Selected![0][0]).Should().Equal(1, 2);
    }
}
