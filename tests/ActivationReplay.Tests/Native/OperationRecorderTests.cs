using ActivationReplay.Native;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Native;

[Platform("Linux")] // libtorch's hook is found by the names of its C++ functions
public sealed class OperationRecorderTests
{
    [Test]
    public void Launches_AreThoseOfKernels_NotOfViewsAndMemory()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (a, b) = (randn(4, 6), randn(6, 4));
        using var recorder = new OperationRecorder();

        var product = a.mm(b.t().contiguous().t()); // a copy, a product
        product.view(2, 8).narrow(0, 0, 1).unsqueeze(0).transpose(1, 2).add_(product.view(2, 8).narrow(0, 1, 1).unsqueeze(2)); // a sum
        _ = zeros(3); // a fill

        recorder.Launches.Should().Be(4);
        recorder.Transfers.Should().Be(0);
        recorder.Operations.Single(o => o.Name == "aten::mm").Should().BeEquivalentTo(new { Part = "", Calls = 1, Launches = 1 });
    }

    // A CPU converts before it multiplies two types, a GPU on the way.
    [Test]
    public void Launches_OfAProductOfTwoTypes_AreOne()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (randn(4, 6), randn(4, 6).to_type(ScalarType.BFloat16));
        using var recorder = new OperationRecorder();

        a.mul(b);

        recorder.Launches.Should().Be(1);
    }

    [Test]
    public void Transfers_AreMovesBetweenDevices_AndNotOfTypes()
    {
        using var scope = NewDisposeScope();
        var a = randn(4);
        using var recorder = new OperationRecorder();

        a.cpu().data<float>().ToArray();
        a.to(CPU);
        a.to_type(ScalarType.BFloat16); // stays where it is

        recorder.Transfers.Should().Be(2);
    }

    [Test]
    public void Operations_AreThoseOfTheirPart_WithAutograd_AndOfThisThreadAlone()
    {
        using var scope = NewDisposeScope();
        var a = randn(4, 4).requires_grad_();
        using var recorder = new OperationRecorder();

        using (OperationRecorder.Part("outer"))
        {
            var sum = a.exp().sum();
            using (OperationRecorder.Part("inner"))
            {
                Gradients.Of(sum, [a]);
            }
        }

        Task.Run(() => randn(4).sigmoid().Dispose()).Wait();
        recorder.Operations.Should().Contain(o => o.Part == "outer" && o.Name == "aten::exp" && o.Launches == 1)
            .And.Contain(o => o.Part == "inner" && o.Name == "aten::mul", "the derivative of exp")
            .And.NotContain(o => o.Name == "aten::sigmoid");
        recorder.Operations.Where(o => o.Name == "").Select(o => o.Part).Should().BeEquivalentTo(["outer", "inner"], "their own time");
        recorder.Operations.Should().OnlyContain(o => o.Seconds >= 0);
    }

    [Test]
    public void OneLaunch_IsOne_WhateverIsInIt()
    {
        using var scope = NewDisposeScope();
        using var recorder = new OperationRecorder();

        using (OperationRecorder.OneLaunch("fused"))
        {
            ones(3).exp().sum();
        }

        recorder.Operations.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Name = "fused", Launches = 1 });
    }

    [Test]
    public void Part_WhereNothingIsRecorded_DoesNothing()
    {
        using var part = OperationRecorder.Part("nothing");
        using var scope = NewDisposeScope();

        ones(3).sum().item<float>().Should().Be(3);
    }
}
