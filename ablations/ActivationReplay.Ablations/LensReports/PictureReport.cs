using System.Globalization;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Inputs;
using ActivationReplay.Lens;
using ActivationReplay.Text;
using ActivationReplay.Vision;
using static TorchSharp.torch;

namespace ActivationReplay.Ablations.LensReports;

/// <summary>Writes the files of one sample: entropy.png, kl.png (for further pictures entropy-2.png, …) and tokens.csv.</summary>
internal sealed class PictureReport(Processor processor, IReadOnlyList<int>? layers)
{
    /// <summary>Writes the files into a folder, which is made; of a video a file a temporal step: entropy-1.png for its first, and so on.</summary>
    /// <returns>The rows of tokens.csv.</returns>
    public IReadOnlyList<ChangedTokensRow> Write(
        string folder, LensComparison comparison, ModelInputs inputs, Question question)
    {
        Directory.CreateDirectory(folder);
        List<RgbImage> shown = [.. question.Messages.SelectMany(m => m.Content).SelectMany(part => Shown(part, question.Limits))];

        // A temporal step is as a picture by itself.
        var steps = inputs.Spans.SelectMany(s => Enumerable.Range(0, s.T).Select(t => s with { Start = s.Start + (t * s.H * s.W), T = 1 })).ToList();
        foreach (var (index, (span, picture)) in steps.Zip(shown).Index())
        {
            var suffix = index == 0 && !span.IsVideo ? "" : string.Create(CultureInfo.InvariantCulture, $"-{index + 1}");
            Draw("entropy", "Entropy of the base model's logit lens, nats", comparison.BaseEntropy);
            Draw("kl", "KL(base ‖ rlvr) of the logit lens, nats", comparison.Kl);

            void Draw(string name, string title, Tensor values) => PictureHeatMap.Save(
                Path.Combine(folder, $"{name}{suffix}.png"), title, picture, span.H, span.W, Panels(values, comparison.Positions, span));
        }

        var tokens = ChangedTokens.Find(comparison, inputs, processor.Tokenizer);
        CsvTable.Write(Path.Combine(folder, "tokens.csv"), tokens);
        return tokens;
    }

    /// <summary>The layers that are drawn by default: 0, L/4, L/2, 3L/4 and L.</summary>
    internal static IReadOnlyList<int> Spread(int last) => [.. Enumerable.Range(0, 5).Select(i => last * i / 4).Distinct()];

    private IReadOnlyList<RgbImage> Shown(ContentPart part, PixelLimits limits) => part switch
    {
        ImagePart picture => [processor.Images.Resize(ImageDecoder.Decode(picture.Image), limits.MinPixels, limits.MaxPixels)],
        VideoPart video => processor.Steps(video.Source, limits),
        _ => [],
    };

    private List<HeatPanel> Panels(Tensor values, IReadOnlyList<int> positions, VisualSpan span)
    {
        var last = (int)values.shape[0] - 1;
        int[] columns = [.. positions.Index().Where(p => p.Item >= span.Start && p.Item < span.End).Select(p => p.Index)];
        var all = values.data<float>().ToArray();
        return
        [
            .. (layers ?? Spread(last)).Select(l => new HeatPanel(
                l == last ? $"leaving layer {l - 1}" : $"entering layer {l}",
                [.. columns.Select(c => all[(l * positions.Count) + c])])),
        ];
    }
}
