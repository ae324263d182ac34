using System.Globalization;
using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.LensReports;
using ActivationReplay.Ablations.Planning;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Checkpoints;
using ActivationReplay.Inputs;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Commands;

/// <summary><c>lens</c> and <c>calibrate</c> on conversations, with the pair that calls.</summary>
public sealed class AgentLensTests : CommandTest
{
    private static readonly string[] s_run =
        ["run", "agents", "--dataset", "zooming:test:4", "--methods", "none", "--set", "baselines=none", "--tool", "zoom"];

    private readonly SharedRuns shared = new();

    [OneTimeTearDown]
    public void DeleteRuns() => shared.Dispose();

    [Test]
    public async Task Lens_OfARun_ComparesThePromptsOfEachTurn()
    {
        var run = await shared.Of("run", s_run);
        var samples = CsvTable.Read<SampleRow>(Path.Combine(run, "samples.csv"));
        var most = samples.Max(s => s.Agent!.Turns!.Value);
        most.Should().BeGreaterThan(1, "the pair zooms in");

        foreach (var turn in new[] { 1, most })
        {
            var output = Folder.PathOf($"turn-{turn}");
            (await Invoke("lens", "--run", run, "--turn", turn.ToString(CultureInfo.InvariantCulture), "--pictures", "1", "--out", output))
                .Should().Be(ExitCode.Success, Errors);

            var compared = CsvTable.Read<LensSampleRow>(Path.Combine(output, "lens-samples.csv"));
            compared.Select(c => c.Sample).Should().Equal(samples.Where(s => s.Agent!.Turns >= turn).Select(s => s.Sample));
            // 16 tokens of the picture, and those of the parts that were seen before this turn.
            compared.Should().OnlyContain(c => c.Error == null && c.Kl > 0 && (turn == 1 ? c.Positions == 16 : c.Positions > 16));
            Directory.GetFiles(Directory.GetDirectories(Path.Combine(output, "pictures")).Single(), "entropy*.png").Should().HaveCount(turn);
        }

        var last = CsvTable.Read<LensSampleRow>(Path.Combine(Folder.PathOf($"turn-{most}"), "lens-samples.csv"));
        last.Join(samples, c => c.Sample, s => s.Sample, (c, s) => (c.Positions, s.VisualTokens, s.Agent!.Turns))
            .Where(p => p.Turns == most).Should().OnlyContain(p => p.Positions == p.VisualTokens);
    }

    [TestCase("--turn 2", "--run RUN names it")]
    [TestCase("--run {0} --turn 5", "allowed are 1 to 4")]
    [TestCase("--run {0} --turn 4", "has that many turns")]
    [TestCase("--run {0} --cell replay", "the run has 'none'")]
    [TestCase("--run {0} --dataset counting:test:1", "has its own questions; --dataset")]
    [TestCase("--run {0} --dtype bfloat16", "has its own pair; --dtype")]
    [TestCase("--run {1}", "no conversations with a tool")]
    public async Task Lens_OfNoSuchTurn_SaysWhatThereIs(string options, string expected)
    {
        var run = await shared.Of("run", s_run);
        var other = await shared.Of("other", "run", "--limit", "1", "--methods", "none", "--set", "baselines=none");

        (await Invoke(["lens", .. string.Format(CultureInfo.InvariantCulture, options, run, other).Split(' '), "--out", Folder.PathOf("lens")]))
            .Should().Be(ExitCode.Usage);

        Errors.Should().Contain(expected);
        Directory.Exists(Folder.PathOf("lens")).Should().BeFalse();
    }

    [Test]
    public async Task Calibrate_OfAConfiguration_MeasuresThePromptsThatItAsks()
    {
        await Calibrate("agents", "agents.json");
        await Calibrate("agents", "bare.json", "--system-prompt-file", "none");
        await Calibrate("agents", "large.json", "--min-pixels", "50176", "--max-pixels", "50176");

        // The system message is 15 tokens with its ends; 224 × 224 pixels are 64 tokens, not 16.
        Positions("agents.json").Should().BeGreaterThan(Positions("bare.json"));
        Positions("large.json").Should().Be(Positions("agents.json") + (2 * (64 - 16)));

        async Task Calibrate(string config, string file, params string[] more) =>
            (await Invoke(["calibrate", config, "--dataset", "zooming:validation:2", .. more, "--out", Folder.PathOf(file)])).Should().Be(ExitCode.Success, Errors);

        int Positions(string file) => System.Text.Json.JsonDocument.Parse(File.ReadAllText(Folder.PathOf(file))).RootElement.GetProperty("positions").GetInt32();
    }

    [Test]
    public void Planned_OfAConversation_HasATurnAndAPartMoreThanItsFirstPrompt()
    {
        var config = RunConfigReader.Read(
            Path.Combine(Goldens.Repository, "ablations", "configs", "agents.yaml"), ["dataset.path=zooming:test:1", "generation.max-new-tokens=64"]);
        var sample = QuestionFile.Read(config)[0].Sample!;
        var processor = Processor.Load(config.Pair.Base, ModelConfig.Load(config.Pair.Base));

        var (first, planned) = (processor.Measure(AskedPrompt.First(config, sample)), PromptShapes.Of(config, processor, sample, null));

        (planned.Visual, planned.Patches).Should().Be((2 * first.Visual, 2 * first.Patches));
        planned.Length.Should().BeGreaterThan(first.Length + first.Visual + 64);
    }
}
