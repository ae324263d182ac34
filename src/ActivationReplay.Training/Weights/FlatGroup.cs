using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Weights;

/// <summary>A group of weights and their gradients, each as one fp32 vector of n numbers.</summary>
internal sealed class FlatGroup : IDisposable
{
    private readonly List<(string Key, long[] Shape, long Offset, long Count)> slices = [];

    /// <summary>Allocates the vector and adds a view of each weight to <paramref name="views"/>.</summary>
    public FlatGroup(IEnumerable<KeyValuePair<string, long[]>> layout, Dictionary<string, Tensor> views)
    {
        var offset = 0L;
        foreach (var (key, shape) in layout)
        {
            var count = shape.Aggregate(1L, (a, b) => a * b);
            slices.Add((key, shape, offset, count));
            offset += count;
        }

        Values = zeros(offset).DetachFromDisposeScope();
        Decays = zeros(offset).DetachFromDisposeScope();
        using var scope = NewDisposeScope();
        foreach (var (key, shape, start, count) in slices)
        {
            views[key] = Values.narrow(0, start, count).view(shape).DetachFromDisposeScope();
            Decays.narrow(0, start, count).fill_(shape.Length > 1 ? Scalars.One : Scalars.Zero);
        }
    }

    /// <summary>The weights.</summary>
    public Tensor Values { get; }

    /// <summary>The gradients of the weights, one vector for each attached module; backward passes add to them.</summary>
    public List<Tensor> Gradients { get; } = [];

    /// <summary>1 where weight decay acts (matrices), else 0 (biases, norms).</summary>
    public Tensor Decays { get; }

    /// <summary>Makes a module's parameters of this group trainable, their gradients views of a new vector.</summary>
    /// <remarks>Several modules that share these weights can compute gradients side by side.</remarks>
    public void Attach(nn.Module module)
    {
        var gradient = zeros_like(Values).DetachFromDisposeScope();
        Gradients.Add(gradient);
        var parameters = module.named_parameters().ToDictionary(p => p.name, p => p.parameter, StringComparer.Ordinal);
        using var scope = NewDisposeScope();
        foreach (var (key, shape, start, count) in slices)
        {
            var parameter = parameters[key];
            parameter.requires_grad_(true);
            parameter.grad = gradient.narrow(0, start, count).view(shape);
        }
    }

    /// <summary>The sum of all gradients, in the first vector; the others are cleared.</summary>
    public Tensor SumGradients()
    {
        foreach (var other in Gradients.Skip(1))
        {
            Gradients[0].PlusInPlace(other);
            other.zero_();
        }

        return Gradients[0];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Values.Dispose();
        Gradients.ForEach(g => g.Dispose());
        Decays.Dispose();
    }
}
