using ActivationReplay.Kernels;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Kernels;

public sealed class HostMemoryTests
{
    [Test]
    public void Rows_OfAnotherTypeLayoutOrDevice_SayWhatIsNeeded()
    {
        using var scope = NewDisposeScope();
        Refused(() => Read(zeros(3, ScalarType.BFloat16)), "*Float32*BFloat16*");
        Refused(() => Read(zeros(3, 4).t()), "*not contiguous*[4, 3]*");
        Refused(() => Read(zeros([2], ScalarType.Float32, META)), "*on META*");
        Refused(() => ColumnRows.Read(zeros(2, 3), zeros(1)), "*Int64*Float32*");
    }

    // More than a span holds; a view of one number, so that no memory is needed.
    [Test]
    public void Rows_OfMoreThanTwoGigabytes_AreContiguousToo()
    {
        using var scope = NewDisposeScope();
        Refused(() => Read(zeros(1, 1).expand(1 << 15, 1 << 15)), "*not contiguous*");
    }

    [Test]
    public void Rows_AreTheTensorsOwn()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new float[] { 0, 1, 2, 3, 4, 5 }).view(2, 3);

        new HostRows(x)[1][1] = 9;

        x[1, 1].item<float>().Should().Be(9);
        new HostRows(x.narrow(0, 1, 1))[0][0].Should().Be(3);
    }

    private static float Read(Tensor x) => new HostRows(x, 1)[0][0];

    private static void Refused(Action read, string message) =>
        FluentActions.Invoking(read).Should().Throw<InvalidOperationException>().WithMessage(message);
}
