using ActivationReplay.Generation;
using ActivationReplay.Models;
using ActivationReplay.Tests.Models;
using NUnit.Framework;

namespace ActivationReplay.Tests.Generation;

/// <summary>A tiny model and a generator of its answers.</summary>
public abstract class GeneratorTest
{
    /// <summary>Random weights in fp32 on the CPU.</summary>
    private protected QwenVlModel Model { get; private set; } = null!;

    /// <summary>Ends answers at two of its ids.</summary>
    private protected TextGenerator Generator { get; private set; } = null!;

    [SetUp]
    public void Load()
    {
        Model = Tiny.Model(5);
        Generator = new TextGenerator(Model, [3, 7]);
    }

    [TearDown]
    public void Unload() => Model.Dispose();

    private protected static GenerationRequest Request(EncodedPrompt prompt, GenerationSettings settings) =>
        new(prompt, Intervention.None, settings);
}
