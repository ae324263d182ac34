using ActivationReplay.Inputs;
using ActivationReplay.Replay;

namespace ActivationReplay.Ablations.Planning;

/// <summary>What the loops of the methods take of memory, in bytes, from shapes alone.</summary>
/// <param name="model">The student.</param>
/// <param name="prompt">The prompt.</param>
/// <param name="vocabularyRows">Rows of the vocabulary at a time.</param>
internal sealed class LoopMemory(ModelMemory model, PromptShape prompt, long? vocabularyRows)
{
    private const int Float = 4;
    private const int Id = 8;
    private const long HeadRows = 8192; // of which local-smooth makes W_UᵀW_U at a time
    private const long KlElements = 1 << 21; // rows of the head, or logits, that a divergence reads at a time
    private const long GpuKlElements = 1 << 27;

    /// <summary>One loop of some variants of a method; 0 where there is none, or nothing to see.</summary>
    /// <param name="variants">The variants of each question.</param>
    /// <param name="questions">The questions whose loops are one batch.</param>
    public long Of(IReadOnlyList<MethodSettings> variants, int questions) => prompt.Visual == 0 ? 0 : variants[0] switch
    {
        SelectionSettings => variants.Cast<SelectionSettings>().GroupBy(v => v.EntryLayer()).Max(group => Kl([.. group], group.Key, Share, questions)),
        GlobalSmoothSettings => variants.Cast<GlobalSmoothSettings>().Max(v => Jittered(v, questions)),
        LocalSmoothSettings => variants.Cast<LocalSmoothSettings>().Max(Windows),
        _ => 0,
    };

    /// <summary>What a prepared variant keeps until it is answered: offsets, or states that replace others.</summary>
    public long Kept(MethodSettings settings) => settings switch
    {
        CrossModelSettings cross => cross.CrossThresholds.Count * (long)prompt.Length * model.Width * model.Element,
        LoopSettings loop => (Learnable(loop) + (Learnable(loop) == prompt.Visual ? 0 : prompt.Visual)) * model.Width * Float,
        _ => 0,
    };

    // The share of visual positions that are compared in a layer, at most.
    private static double Share(DivergenceSettings settings) =>
        settings is SelectionSettings { Selection: not EntropySelection.All, Threshold: { Rule: ThresholdRule.Quantile } threshold } ? threshold.Value : 1;

    private long Learnable(LoopSettings settings) => settings.GridCells is { } cells
        ? Math.Min(prompt.Visual, cells)
        : (long)Math.Ceiling(prompt.Visual * settings.GridRatio * settings.GridRatio);

    private long Kl<T>(IReadOnlyList<T> own, int entry, Func<T, double> share, int questions)
        where T : DivergenceSettings
    {
        // Those that differ only in where they end are one loop. Variants of other questions take as much as more of this one.
        own = [.. own.DistinctBy(v => v.WithoutEnd())];
        T[] variants = [.. Enumerable.Repeat(own, questions).SelectMany(v => v)];
        long count = variants.Length, columns = prompt.Columns, width = model.Width;
        var exit = variants.Max(v => v.UsedLayers()[^1]);
        var layers = exit - entry;
        var element = model.Element;

        // Of each layer: its input, rotated queries, attended values, the attention's output with the residual; keys, values; gate, up.
        var column = element * ((4 * width) + (2 * model.Keys) + (2 * model.Inner));
        var attention = model.Kernels
            ? model.Scores(columns, prompt.First) + (prompt.First * 2 * model.Keys * element)
            // Autograd keeps keys and values joined with the prefix and repeated for each query head.
            : (prompt.First + columns) * element * ((2 * model.Keys) + (2 * width));
        // In the last layer only the compared positions have queries.
        var last = Math.Min(1, variants.Max(share) * variants.Max(v => v.UsedLayers().Count(l => l == exit)) * own.Count);
        var whole = count * ((columns * column) + attention);
        var part = (long)(count * ((columns * element * (width + (2 * model.Keys))) + (last * ((columns * element * ((3 * width) + (2 * model.Inner))) + attention))));
        var kept = layers == 0 ? 0 : ((layers - 1) * whole) + part;

        // The backward pass of one layer: the gradient in fp32 and in the type, those of its parts.
        var backward = layers == 0 ? count * columns * width * Float
            : count * columns * ((3 * width * Float) + (element * (((model.Kernels ? 1 : 3) * model.Inner) + (5 * width) + (6 * model.Keys))));

        // Compared positions of all layers and variants: states, gradients, targets.
        var rows = (long)variants.Sum(v => Math.Ceiling(share(v) * prompt.Visual) * v.UsedLayers().Count);
        var ids = variants.Max(v => v.TopK == 0 ? model.Vocabulary : Math.Min(v.TopK, model.Vocabulary));
        var compared = (rows * width * (element + Math.Max(element, Float))) + (rows * ids * ((2 * (Id + Float)) + Float));
        var divergence = model.OnCpu ? 4 * KlElements * Float : 2 * Math.Min(GpuKlElements, rows * ids * width) * element;
        var targets = model.Lens(rows / variants.Max(v => v.UsedLayers().Count) / count, vocabularyRows);

        // Offsets, their gradients and the optimiser's state; stacked, and as they are added.
        var offsets = variants.Sum(v => Learnable(v) * (v.Optimiser == OptimiserKind.Adam ? 5 : v.Optimiser == OptimiserKind.Momentum ? 3 : 2)) * width * Float
            + (count * prompt.Visual * width * ((2 * Float) + (element == Float ? 0 : element)));
        // The states entering the loop, of each variant; those before, of each question in turn.
        var entering = ((count + 1) * columns * width * element) + (entry == 0 ? 0 : ((entry + 1L) * prompt.End * width * element));
        var prefix = questions * layers * prompt.First * 2 * model.Keys * element;
        var mask = questions * columns * (prompt.First + columns) * ((2 * element) + 1);
        return Math.Max(kept + backward + divergence + offsets, targets) + compared + entering + prefix + mask;
    }

    // Each step encodes another view of each question, then evaluates one variant at every position.
    private long Jittered(GlobalSmoothSettings settings, int questions) =>
        (3 * model.Pixels(prompt)) + (questions * model.Encoded(prompt)) + Math.Max(model.Vision(prompt), Kl([settings], 0, _ => 1, questions));

    private long Windows(LocalSmoothSettings settings)
    {
        var (width, visual) = (model.Width, (long)prompt.Visual);
        var gram = (width * width * 2 * Float) + (Math.Min(HeadRows, model.Vocabulary) * width * (Float + model.Element));
        // The map of deviations, on both sides of its copy; and what autograd keeps of a step.
        return gram + (2 * visual * visual * Float) + (12 * visual * width * Float) + (Learnable(settings) * width * 4 * Float);
    }
}
