using ActivationReplay.Native;
using NUnit.Framework;

namespace ActivationReplay.Tests;

/// <summary>Covers this namespace and all below it: every test of the assembly.</summary>
[SetUpFixture]
public sealed class LibtorchSetUp
{
    [OneTimeSetUp]
    public void Load() => Libtorch.Load();
}
