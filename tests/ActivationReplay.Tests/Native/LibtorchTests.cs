using ActivationReplay.Native;
using FluentAssertions;
using NUnit.Framework;
using TorchSharp;

namespace ActivationReplay.Tests.Native;

public sealed class LibtorchTests
{
    [Test]
    public void Load_MakesTorchSharpCompute()
    {
        Libtorch.Load();
        using var scope = torch.NewDisposeScope();

        torch.ones(2, 2).sum().item<float>().Should().Be(4);
    }

    [Test]
    public void Load_AgainFromManyThreads_DoesNothing() =>
        FluentActions.Invoking(() => Parallel.For(0, 16, _ => Libtorch.Load())).Should().NotThrow();
}
