using ActivationReplay.Native;
using ActivationReplay.Training.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Stages;

/// <summary>Answers a question about visual tokens by linear maps of their features. It is discarded after the stage.</summary>
internal sealed class CellClassifier : nn.Module
{
    private readonly Parameter weight;
    private readonly Tensor[] factors; // int64 [classes] each

    public CellClassifier(VisionQuestion question, long width, ulong seed)
        : base(nameof(CellClassifier))
    {
        var views = new Dictionary<string, Tensor>();
        long[] shape = [question.Rows, width];
        Group = new FlatGroup([KeyValuePair.Create(nameof(weight), shape)], views);
        views[nameof(weight)].copy_(InitialWeights.Create(question.Weights, shape, seed));
        weight = new Parameter(views[nameof(weight)].alias(), requires_grad: false);
        factors = [.. question.Factors.Select(f => tensor(f.ToArray()))];
        RegisterComponents();
        Group.Attach(this);
    }

    /// <summary>Its weights for the optimiser.</summary>
    public FlatGroup Group { get; }

    /// <summary>Logits [N, classes] of features [N, D].</summary>
    public Tensor Forward(Tensor features) => nn.functional.linear(
        features, factors.Select(rows => weight.index_select(0, rows)).Aggregate((sum, next) => sum.Plus(next)));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Group.Dispose();
            foreach (var rows in factors)
            {
                rows.Dispose();
            }
        }

        base.Dispose(disposing);
    }
}
