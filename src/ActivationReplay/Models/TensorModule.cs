using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>A module that maps one tensor to one tensor.</summary>
public abstract class TensorModule(string name) : nn.Module(name)
{
    /// <summary>Applies the module to <paramref name="x"/>.</summary>
    public abstract Tensor Forward(Tensor x);
}
