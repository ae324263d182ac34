using ActivationReplay.Native;
using NUnit.Framework;

namespace ActivationReplay.Tests;

/// <summary>Covers this namespace and all below it: every test of the assembly.</summary>
[SetUpFixture]
public sealed class LibtorchSetUp
{
    [OneTimeSetUp]
    public void Load()
    {
        Libtorch.Load();
        // The tests' models are tiny: a second thread costs more than it does.
        TorchSharp.torch.set_num_threads(1);
    }
}
