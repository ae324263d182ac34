using ActivationReplay.Inputs;
using ActivationReplay.Models;
using ActivationReplay.Native;
using ActivationReplay.Replay.Objective;
using ActivationReplay.Replay.Recordings;
using static TorchSharp.torch;

namespace ActivationReplay.Replay.Methods;

/// <summary>
/// A control without a base: offsets at the input of one layer that smooth the lens over neighbouring visual tokens. The
/// loss sums, over non-overlapping 3×3 windows of each temporal step (cut at the border, single tokens skipped, 0 where a
/// grid has fewer than 3 rows or columns), the mean squared deviation of the tokens' logits from the window's mean, over
/// tokens × vocabulary; it is divided by the number of learnable tokens.
/// </summary>
public sealed class LocalSmooth : ReplayMethod<LocalSmoothSettings>
{
    private const int Side = 3;

    /// <inheritdoc/>
    public override string Id => "local-smooth";

    /// <inheritdoc/>
    public override LocalSmoothSettings Defaults(int modelLayers) => LocalSmoothSettings.For(modelLayers);

    /// <inheritdoc/>
    public override IEnumerable<RecordingNeed> Needs(LocalSmoothSettings settings) => [new(ModelRole.Rlvr, settings.Layer + 1)];

    /// <inheritdoc/>
    public override Preparation Prepare(ReplayContext context, LocalSmoothSettings settings)
    {
        var inputs = context.Inputs;
        var model = context.Model(ModelRole.Rlvr);
        settings.Check(model.Layers);
        if (inputs.VisualPositions.Count == 0)
        {
            return new Preparation(ModelRole.Rlvr, Intervention.None);
        }

        using var scope = NewDisposeScope();
        var grid = LearnableGrid.Of(inputs.Spans, settings);
        var states = context.Recorded(ModelRole.Rlvr, settings.Layer + 1).StatesAt(settings.Layer, inputs.VisualPositions);
        var deviations = Deviations(inputs.Spans, model);
        var gram = Gram(model);
        var (cells, trace) = JointLoop.Minimise([context], model, [new OffsetPath(grid.Count, [settings])], (c, _) =>
        {
            var loss = Loss(grid.Upsample(c[0])).unsqueeze(0);
            return (loss, [.. Gradients.Of(loss.sum(), [c[0]])]);
        })[0][0];
        return new Preparation(
            ModelRole.Rlvr,
            Offsets.AddedAt(settings.Layer, inputs, grid.Upsample(cells)),
            trace,
            cells.DetachFromDisposeScope());

        // Σ_v (z_t − z̄)_v² = d W_UᵀW_U dᵀ for d = n(h_t) − mean n(h): no logits are made.
        Tensor Loss(Tensor offsets)
        {
            var normalised = model.Normalise(states.Plus(offsets.to_type(states.dtype))).to_type(ScalarType.Float32);
            var d = mm(deviations, normalised);
            return mm(d, gram).mul(d).sum() / Scalars.Of(grid.Count);
        }
    }

    /// <summary>
    /// The linear map [N, N] from tokens to deviations from their window's mean, each row scaled by
    /// 1/√(tokens in the window × vocabulary); rows outside of windows are 0.
    /// </summary>
    private static Tensor Deviations(IReadOnlyList<VisualSpan> spans, QwenVlModel model)
    {
        var count = spans.Sum(s => s.Count);
        var map = new float[(long)count * count];
        foreach (var window in Windows(spans).Where(w => w.Count > 1))
        {
            var scale = 1 / Math.Sqrt((double)window.Count * model.Config.Text.VocabularySize);
            foreach (var row in window)
            {
                foreach (var column in window)
                {
                    map[(long)row * count + column] = (float)(scale * ((row == column ? 1 : 0) - 1.0 / window.Count));
                }
            }
        }

        return tensor(map, [count, count], ScalarType.Float32, model.Device);
    }

    private static IEnumerable<List<int>> Windows(IReadOnlyList<VisualSpan> spans)
    {
        var start = 0;
        foreach (var span in spans)
        {
            for (var step = 0; step < span.T && span.H >= Side && span.W >= Side; step++)
            {
                var first = start + step * span.H * span.W;
                for (var top = 0; top < span.H; top += Side)
                {
                    for (var left = 0; left < span.W; left += Side)
                    {
                        yield return [.. from row in Enumerable.Range(top, Math.Min(Side, span.H - top))
                                         from column in Enumerable.Range(left, Math.Min(Side, span.W - left))
                                         select first + row * span.W + column];
                    }
                }
            }

            start += span.Count;
        }
    }

    // W_UᵀW_U [D, D] fp32, in chunks of rows.
    private static Tensor Gram(QwenVlModel model)
    {
        const long ChunkRows = 8192;
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var head = model.HeadWeight;
        var gram = zeros([head.shape[1], head.shape[1]], ScalarType.Float32, head.device);
        for (var start = 0L; start < head.shape[0]; start += ChunkRows)
        {
            using var chunk = NewDisposeScope();
            var rows = head.narrow(0, start, Math.Min(ChunkRows, head.shape[0] - start)).to_type(ScalarType.Float32);
            gram.PlusInPlace(mm(rows.t(), rows));
        }

        return gram.MoveToOuterDisposeScope();
    }
}
