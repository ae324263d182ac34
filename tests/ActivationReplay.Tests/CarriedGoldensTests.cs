using System.Text.Json;
using ActivationReplay.Checkpoints;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests;

/// <summary>The part of the recordings that a clone has: small, yet of every kind.</summary>
public sealed class CarriedGoldensTests
{
    private const string Checkpoint = "chat_template.json config.json generation_config.json model.safetensors "
        + "preprocessor_config.json tokenizer.json tokenizer_config.json";

    private static string[] Files => Directory.GetFiles(Goldens.Carried, "*", SearchOption.AllDirectories);

    private static IReadOnlyList<string> Cases => Goldens.FoldersIn(Path.Combine(Goldens.Carried, "cases"));

    [Test]
    public void Carried_IsUnderTenMegabytes() =>
        Files.Sum(path => new FileInfo(path).Length).Should().BeInRange(1, 9_999_999);

    // Parity takes what is not recorded as left out, so a lost file would go unseen.
    [TestCase("", "README.md qwen-tokenizer.json.br")]
    [TestCase("pairs/a/base", Checkpoint)]
    [TestCase("pairs/a/rlvr", Checkpoint)]
    [TestCase("pairs/c/base", Checkpoint)]
    [TestCase("pairs/c/rlvr", Checkpoint)]
    [TestCase("cases/a-image", "case.json expected.safetensors replay.json replay.safetensors shapes.png training.json "
        + "training.safetensors")]
    [TestCase("cases/a-text", "case.json expected.safetensors")]
    [TestCase("cases/c-image", "case.json expected.safetensors replay.json replay.safetensors shapes.png")]
    [TestCase("prepare", "resize.json tokenizer.json")]
    [TestCase("prepare/images", "expected.safetensors images.json grey-alpha.png interlaced-like.gif lossless.webp one-bit.png "
        + "palette.png plain.bmp rgba.png rotated-by-exif.jpg tiny.png")]
    public void Carried_HasItsFiles(string folder, string names) =>
        Directory.GetFiles(Path.Combine(Goldens.Carried, folder)).Select(path => Path.GetFileName(path))
            .Should().BeEquivalentTo(names.Split(' '));

    [Test]
    public void Carried_HasACaseOfEachFamily() =>
        Cases.Select(name => Json(name, "case.json").GetProperty("pair").GetString()!).Distinct()
            .Select(pair => ModelConfig.Load(Path.Combine(Goldens.Carried, "pairs", pair, "base")).Family)
            .Should().BeEquivalentTo(Enum.GetValues<ModelFamily>());

    [Test]
    public void Carried_HasEveryRecordedMethod() =>
        Cases.Where(name => File.Exists(PathOf(name, "replay.json")))
            .SelectMany(name => Json(name, "replay.json").EnumerateObject())
            .Select(variant => variant.Value.GetProperty("method").GetString()).Distinct()
            .Should().BeEquivalentTo("replay", "mid-layer", "reverse", "cross-model", "local-smooth");

    [Test]
    public void Carried_HasEveryQuantity()
    {
        Tensors("expected.safetensors").Should().BeEquivalentTo(
            "input_ids", "position_ids", "image_grid_thw", "lens_kl", "rlvr.hidden_states",
            "base.visual_features", "base.logits", "base.lens_entropy",
            "rlvr.visual_features", "rlvr.logits", "rlvr.lens_entropy");
        Tensors("replay.safetensors").Select(name => name.Split('.')[1]).Distinct().Should().BeEquivalentTo(
            "gradient", "delta", "masks", "entropy", "hidden_states");
    }

    private static IEnumerable<string> Tensors(string file) => Cases
        .Select(name => PathOf(name, file)).Where(File.Exists).SelectMany(path =>
        {
            using var tensors = SafetensorsFile.Open(path);
            return tensors.Entries.Keys.ToArray();
        }).Distinct();

    private static string PathOf(string name, string file) => Path.Combine(Goldens.Carried, "cases", name, file);

    private static JsonElement Json(string name, string file)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(PathOf(name, file)));
        return json.RootElement.Clone();
    }
}
