using ActivationReplay.Lens;
using ActivationReplay.Replay.Objective;
using FluentAssertions;
using NUnit.Framework;
using TorchSharp;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Replay.Objective;

public sealed class LayerTargetTests
{
    // The device of shapes alone stands for another than the recorded model's.
    [Test]
    public void On_PutsTheTargetOnTheStudentsDevice()
    {
        using var scope = NewDisposeScope();
        var target = new LayerTarget(3, [1, 4], new TopTokens(zeros([2, 5], ScalarType.Int64), ones([2, 5])));

        var moved = target.On(META);

        (moved.Tokens.Ids.device_type, moved.Tokens.Probabilities.device_type).Should().Be((DeviceType.META, DeviceType.META));
        (moved.Layer, moved.Rows).Should().Be((3, target.Rows));
        target.On(CPU).Tokens.Ids.data<long>().ToArray().Should().Equal(target.Tokens.Ids.data<long>().ToArray());
    }
}
