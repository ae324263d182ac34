using ActivationReplay.Checkpoints;
using ActivationReplay.Text;
using ActivationReplay.Vision;
using static TorchSharp.torch;

namespace ActivationReplay.Ablations.Parity;

/// <summary>The <c>prepare/</c> folder: sizes, decoded and resized pictures, tokenizer, videos.</summary>
internal sealed class PrepareParity(string root, string? dump)
{
    private const int Factor = 28;
    private readonly string folder = Path.Combine(root, "prepare");
    private readonly List<ParityRow> rows = [];

    public IReadOnlyList<ParityRow> Run()
    {
        IfPresent("resize.json", Sizes);
        IfPresent("tokenizer.json", Tokens);
        IfPresent(Path.Combine("images", "images.json"), Pictures);
        rows.AddRange(new VideoParity(root, dump).Run());
        return rows;
    }

    private void IfPresent(string name, Action<string> compare)
    {
        var path = Path.Combine(folder, name);
        if (File.Exists(path))
        {
            compare(path);
        }
    }

    private void Sizes(string path)
    {
        var recorded = ParityJson.Read<IReadOnlyList<ResizeFile>>(path);
        IReadOnlyList<ResizeFile> computed = [.. recorded.Select(r => r with { Resized = Resized(r) })];
        var wrong = recorded.Zip(computed).Count(p => !(p.First.Resized ?? []).SequenceEqual(p.Second.Resized ?? []));
        rows.Add(ParityRow.Exact("prepare", "smart_resize", wrong, recorded.Count));
        Dump("resize.json", computed);
    }

    private static int[]? Resized(ResizeFile size)
    {
        try
        {
            var (height, width) = SmartResize.Compute(size.Height, size.Width, Factor, size.MinPixels, size.MaxPixels);
            return [height, width];
        }
        catch (MediaException)
        {
            // A refusal is recorded as null.
            return null;
        }
    }

    private void Tokens(string path)
    {
        var tokenizerFolder = Path.Combine(root, "qwen-tokenizer");
        if (!Directory.Exists(tokenizerFolder))
        {
            rows.Add(ParityRow.NotSupported("prepare", "tokenizer", $"{tokenizerFolder} is not there"));
            return;
        }

        var tokenizer = QwenTokenizer.Load(tokenizerFolder);
        var recorded = ParityJson.Read<IReadOnlyList<TokenFile>>(path);
        IReadOnlyList<TokenFile> computed =
        [
            .. recorded.Select(r =>
            {
                var ids = tokenizer.Encode(r.Text);
                return new TokenFile(r.Text, ids, tokenizer.Decode(ids, skipSpecialTokens: false), tokenizer.Decode(ids));
            }),
        ];
        Exact("token ids", (a, b) => b.Ids is null || a.Ids!.SequenceEqual(b.Ids));
        Exact("decoded", (a, b) => b.Decoded is null || a.Decoded == b.Decoded);
        Exact("decoded without specials", (a, b) => b.DecodedPlain is null || a.DecodedPlain == b.DecodedPlain);
        Dump("tokenizer.json", computed);

        void Exact(string quantity, Func<TokenFile, TokenFile, bool> equal) => rows.Add(ParityRow.Exact(
            "prepare", quantity, computed.Zip(recorded).Count(p => !equal(p.First, p.Second)), recorded.Count));
    }

    private void Pictures(string path)
    {
        using var scope = NewDisposeScope();
        var images = Path.GetDirectoryName(path)!;
        var expectedPath = Path.Combine(images, "expected.safetensors");
        using var expected = File.Exists(expectedPath) ? SafetensorsFile.Open(expectedPath) : null;
        var computed = new Dictionary<string, Tensor>();
        foreach (var (name, settings) in ParityJson.Read<Dictionary<string, ImageSettingsFile>>(path))
        {
            var picture = ImageDecoder.Decode(MediaFile.FromPath(Path.Combine(images, name)));
            var (height, width) = SmartResize.Compute(
                picture.Height, picture.Width, Factor, settings.MinPixels, settings.MaxPixels);
            Compare($"{name}.rgb", name, picture, limit: 0);
            Compare($"{name}.resized", name, BicubicResizer.Resize(picture, height, width), limit: 1);
        }

        if (dump is not null)
        {
            Directory.CreateDirectory(Path.Combine(dump, "prepare", "images"));
            SafetensorsWriter.Write(Path.Combine(dump, "prepare", "images", "expected.safetensors"), computed);
        }

        void Compare(string quantity, string file, RgbImage picture, int limit)
        {
            var bytes = tensor(picture.Pixels.ToArray(), ScalarType.Byte).view(picture.Height, picture.Width, 3);
            computed[quantity] = bytes;
            if (expected?.Entries.ContainsKey(quantity) != true)
            {
                return;
            }

            var recorded = expected.Read(quantity);
            if (Path.GetExtension(file).ToUpperInvariant() is ".JPG" or ".JPEG")
            {
                rows.Add(ParityRow.Of("prepare", $"{quantity} (99%)", TensorErrors.Quantile(bytes, recorded, 0.99), 2, "of 255"));
                rows.Add(ParityRow.Of("prepare", $"{quantity} (all)", TensorErrors.Largest(bytes, recorded), 4, "of 255"));
            }
            else
            {
                rows.Add(ParityRow.Of("prepare", quantity, TensorErrors.Largest(bytes, recorded), limit, "of 255"));
            }
        }
    }

    private void Dump<T>(string name, T value)
    {
        if (dump is not null)
        {
            ParityJson.Write(Path.Combine(dump, "prepare", name), value);
        }
    }

    private sealed record ResizeFile(int Height, int Width, long MinPixels, long MaxPixels, IReadOnlyList<int>? Resized);

    private sealed record TokenFile(string Text, IReadOnlyList<int>? Ids, string? Decoded, string? DecodedPlain);

    private sealed record ImageSettingsFile(long MinPixels, long MaxPixels);
}
