using ActivationReplay.Models;
using FluentAssertions;
using NUnit.Framework;
using TorchSharp;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Models;

public sealed class BackendTests
{
    [TestCase(DeviceType.CPU, ScalarType.Float32, true)]
    [TestCase(DeviceType.CPU, ScalarType.BFloat16, false)]
    [TestCase(DeviceType.CPU, ScalarType.Float64, false)]
    [TestCase(DeviceType.CUDA, ScalarType.Float32, false)]
    public void Kernels_ComputeOnTheCpuInFp32(DeviceType device, ScalarType type, bool kernels)
    {
        using var backend = Backend.For(new Device(device), type);

        backend.HasKernels.Should().Be(kernels);
        (backend.ThinRows > 0).Should().Be(kernels);
    }

    // Few rows, with and without gradients: training goes through the same maps.
    [Test]
    public void Product_OfFewRows_HasGradientsWhereTheyAreAskedFor()
    {
        using var scope = NewDisposeScope();
        using var backend = Backend.For(CPU, ScalarType.Float32);
        manual_seed(4);
        var (x, weight) = (randn(3, 5), randn([7, 5], requires_grad: true));

        var product = backend.Product(x, weight, null);
        var gradient = autograd.grad([product.sum()], [weight])[0];

        gradient.allclose(x.sum(0, keepdim: true).expand(7, -1)).Should().BeTrue();
        using var quiet = no_grad();
        backend.Product(x, weight, null).allclose(product, atol: 1e-6).Should().BeTrue();
    }

    [Test]
    public void Model_Disposed_FreesWhatItsAttentionKept()
    {
        using var scope = NewDisposeScope();
        using var backend = Backend.For(CPU, ScalarType.Float32);
        using var quiet = no_grad();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (NewDisposeScope())
        {
            backend.CausalAttention(ones(1, 5, 2, 4), ones(1, 1, 5, 4), ones(1, 1, 5, 4));
            backend.CausalAttention(ones(1, 900, 2, 4), ones(1, 1, 900, 4), ones(1, 1, 900, 4));
        }

        DisposeScopeManager.Statistics.ThreadTotalLiveCount.Should().BeGreaterThan(before, "the stairs are kept between calls");
        backend.Dispose();
        DisposeScopeManager.Statistics.ThreadTotalLiveCount.Should().Be(before);
    }

    [Test]
    public void Counters_OfSeveralThreads_LoseNothing()
    {
        using var model = Tiny.Model(1);
        using var inputs = Tiny.Prompt();
        using var quiet = no_grad();
        const int Calls = 200;

        Parallel.For(0, Calls, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ =>
        {
            using var scope = NewDisposeScope();
            model.EncodePatches(inputs.Pixels!, inputs.Grids);
            for (var i = 0; i < 1000; i++)
            {
                model.CountPositions(1);
            }
        });

        model.VisionPasses.Should().Be(Calls);
        model.LayerPositions.Should().Be(1000 * Calls);
    }
}
