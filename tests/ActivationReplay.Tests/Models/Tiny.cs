using ActivationReplay.Checkpoints;
using ActivationReplay.Inputs;
using ActivationReplay.Models;
using ActivationReplay.Vision;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Models;

/// <summary>Models and prompts of a few thousand weights, random but the same each time.</summary>
internal static class Tiny
{
    public const int ImageToken = 90;
    public const int VideoToken = 91;

    public static ModelConfig Config(ModelFamily family = ModelFamily.Qwen25Vl) => new()
    {
        Family = family,
        Text = new TextConfig
        {
            HiddenSize = 32,
            Layers = 4,
            Heads = 4,
            KvHeads = 2,
            HeadSize = 8,
            IntermediateSize = 48,
            VocabularySize = 96,
            RmsNormEpsilon = 1e-6,
            RopeTheta = 10_000,
            MropeSection = [2, 1, 1],
            TieWordEmbeddings = false,
            MaxPositions = 1024,
        },
        Vision = new VisionConfig
        {
            Depth = 2,
            HiddenSize = 16,
            IntermediateSize = 24,
            Heads = 2,
            OutHiddenSize = 32,
            InChannels = 3,
            PatchSize = 14,
            SpatialMergeSize = 2,
            TemporalPatchSize = 2,
            WindowSize = family == ModelFamily.Qwen25Vl ? 56 : 0,
            FullAttentionBlocks = new HashSet<int> { 1 },
            TokensPerSecond = 2,
        },
        ImageTokenId = ImageToken,
        VideoTokenId = VideoToken,
        VisionStartTokenId = 92,
        VisionEndTokenId = 93,
        StoredType = ScalarType.Float32,
    };

    /// <summary>A model whose weights depend on the seed alone.</summary>
    public static QwenVlModel Model(
        int seed, ModelFamily family = ModelFamily.Qwen25Vl, ScalarType type = ScalarType.Float32, bool isGpu = false) =>
        new(Config(family), new Weights(seed, type: type), isGpu ? Backend.Gpu : null);

    /// <summary>The model of a seed with every weight moved a little, as training moves it.</summary>
    public static QwenVlModel Neighbour(int seed) => new(Config(), new Weights(seed, moved: 0.05));

    /// <summary>Text, then pictures, each of so many rows and columns of visual tokens and with text after it.</summary>
    public static ModelInputs Prompt(int pictures = 1, int before = 5, int after = 4, int seed = 0, int rows = 2, int columns = 3)
    {
        using var scope = NewDisposeScope();
        var random = new Random(seed);
        var grid = new PatchGrid(1, 2 * rows, 2 * columns);
        var ids = new List<int>(Enumerable.Range(0, before).Select(_ => random.Next(80)));
        var spans = new List<VisualSpan>();
        for (var p = 0; p < pictures; p++)
        {
            spans.Add(new VisualSpan(ids.Count, 1, rows, columns, IsVideo: false));
            ids.AddRange(Enumerable.Repeat(ImageToken, rows * columns));
            ids.AddRange(Enumerable.Range(0, after).Select(_ => random.Next(80)));
        }

        var values = Enumerable.Range(0, pictures * grid.Count * 1176).Select(_ => (float)(random.NextDouble() * 2 - 1)).ToArray();
        var pixels = pictures == 0 ? null : tensor(values).view(pictures * grid.Count, 1176);
        return new ModelInputs(
            ids, pixels, [.. Enumerable.Repeat(grid, pictures)], spans,
            RotaryPositions.Compute(ids.Count, spans, [.. spans.Select(_ => 1.0)]));
    }

    internal sealed class Weights(int seed, double moved = 0, ScalarType type = ScalarType.Float32) : IWeights
    {
        public Tensor Get(string key, params ReadOnlySpan<long> shape)
        {
            using var scope = NewDisposeScope();
            var movement = new Random(key.Length + 1);
            var random = new Random(seed * 31 + key.Aggregate(7, (hash, c) => unchecked(hash * 31 + c)));
            var dimensions = shape.ToArray();
            var count = dimensions.Aggregate(1L, (a, b) => a * b);
            var fan = dimensions.Length == 1 ? 100 : dimensions[1..].Aggregate(1L, (a, b) => a * b);
            // Large enough heads and embeddings make entropies and answers differ between positions.
            var scale = key.Contains("embed", StringComparison.Ordinal) ? 1 : (key.StartsWith("lm_head", StringComparison.Ordinal) ? 4 : 1) / Math.Sqrt(fan);
            var offset = key.Contains("norm", StringComparison.Ordinal) && key.EndsWith("weight", StringComparison.Ordinal) ? 1 : 0;
            var values = new float[count];
            for (var i = 0L; i < count; i++)
            {
                values[i] = (float)(offset + scale * (Gaussian(random) + moved * Gaussian(movement)));
            }

            return tensor(values).view(dimensions).to_type(type).MoveToOuterDisposeScope();
        }

        private static double Gaussian(Random random) =>
            Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }
}
