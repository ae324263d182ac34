using ActivationReplay.Lens;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Objective;
using ActivationReplay.Tests.Models;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Replay.Objective;

public sealed class KlLossTests
{
    [Test]
    public void Values_OfAProbabilityThatIsZeroInFp32_AreFinite()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var student = Tiny.Model(1);
        var target = new TopTokens(tensor(new long[] { 4, 7 }).view(1, 2), tensor([1f, 0f]).view(1, 2));

        var (values, gradient) = new KlLoss(student, target, KlDirection.Forward).Evaluate(randn(1, 32), ones(1));

        float.IsFinite(values.item<float>()).Should().BeTrue();
        gradient.isfinite().all().item<bool>().Should().BeTrue();
    }
}
