using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>A part of a model that maps one tensor to one tensor.</summary>
public abstract class TensorModule(string name) : nn.Module(name)
{
    /// <summary>The part's value at <paramref name="x"/>.</summary>
    public abstract Tensor Forward(Tensor x);
}
