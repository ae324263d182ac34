using ActivationReplay.Native;
using ActivationReplay.Training.Tasks;
using ActivationReplay.Training.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Stages;

/// <summary>
/// Classifies the content of a grid cell from its visual token. The logit of "red 7" is the sum of those of "red" and "7", so that
/// features represent colour and kind separately. It is discarded after the stage.
/// </summary>
internal sealed class CellClassifier : nn.Module
{
    private const int Colours = 5; // none, then four
    private const int Kinds = 13; // none, three shapes, nine digits
    private readonly Parameter weight;
    private readonly Tensor colourOfClass;
    private readonly Tensor kindOfClass;

    public CellClassifier(long width, ulong seed)
        : base(nameof(CellClassifier))
    {
        var views = new Dictionary<string, Tensor>();
        long[] shape = [Colours + Kinds, width];
        Group = new FlatGroup([KeyValuePair.Create(nameof(weight), shape)], views);
        views[nameof(weight)].copy_(InitialWeights.Create("classifier.weight", shape, seed));
        weight = new Parameter(views[nameof(weight)].alias(), requires_grad: false);
        var classes = Enumerable.Range(0, SceneObject.Classes).ToList();
        colourOfClass = tensor(classes.Select(c => c == 0 ? 0L : c < 13 ? 1 + ((c - 1) / 3) : 1 + ((c - 13) / 9)).ToArray());
        kindOfClass = tensor(classes.Select(c => Colours + (c == 0 ? 0L : c < 13 ? 1 + ((c - 1) % 3) : 4 + ((c - 13) % 9))).ToArray());
        RegisterComponents();
        Group.Attach(this);
    }

    /// <summary>Its weights for the optimiser.</summary>
    public FlatGroup Group { get; }

    /// <summary>Logits [N, 49] of features [N, D].</summary>
    public Tensor Forward(Tensor features)
    {
        var rows = weight.index_select(0, colourOfClass).Plus(weight.index_select(0, kindOfClass));
        return nn.functional.linear(features, rows);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Group.Dispose();
            colourOfClass.Dispose();
            kindOfClass.Dispose();
        }

        base.Dispose(disposing);
    }
}
