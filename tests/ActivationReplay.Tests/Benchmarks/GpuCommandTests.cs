using System.Diagnostics;
using System.Globalization;
using ActivationReplay.Ablations.Commands;
using ActivationReplay.Benchmarks;
using ActivationReplay.Checkpoints;
using ActivationReplay.Synthetic;
using ActivationReplay.Tests.Commands;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Benchmarks;

/// <summary>What the kit runs on a machine with a GPU, here on the CPU and a small shape.</summary>
public sealed class GpuCommandTests : CommandTest
{
    private static readonly string[] s_small =
        ["--shape", "tiny", "--rounds", "1", "--visual-tokens", "16", "--loop-layers", "2", "--iterations", "2"];

    [TestCase("loop", "loop", "loop iteration", "loop iteration floor", "product rate", "copy rate")]
    [TestCase("reference", "reference-shaped iteration")]
    [TestCase("profile", "loop iteration, unobserved", "loop iteration, launches", "loop iteration: norm, C# kernels and calls", "loop iteration: products", "decoded token, waits")]
    [TestCase("generation", "vision", "prefill", "decode step, 64", "decode bandwidth, 1", "8 samples at once", "8 samples one by one")]
    public void Gpu_OfAPart_WritesWhatTheTableLooksFor(string part, params string[] measures)
    {
        BenchmarkProgram.Run(["gpu", part, .. s_small, "--out", Folder.Path]).Should().Be(ExitCode.Success);

        var rows = File.ReadAllLines(Folder.PathOf($"gpu-{part}.csv"));
        rows[0].Should().Be("Measure,Value,Unit,Detail");
        var table = File.ReadAllText(Folder.PathOf($"gpu-{part}.md"));
        foreach (var measure in measures)
        {
            var line = rows.Single(r => r.StartsWith($"{measure},", StringComparison.Ordinal) || r.StartsWith($"\"{measure}\",", StringComparison.Ordinal));
            var value = Number(line[(line[0] == '"' ? measure.Length + 3 : measure.Length + 1)..]);
            // A loop's time is a difference of two: on so small a model, with others at work, it may be below 0.
            value.Should().Match(v => double.IsFinite(v) && (v > 0 || measure.StartsWith("loop", StringComparison.Ordinal)), measure);
            table.Should().Contain($"| {measure} |");
        }
    }

    [TestCase("--visual-tokens", "0")]
    [TestCase("--iterations", "0")]
    [TestCase("--share", "1.5")]
    public void Gpu_WithAValueOutOfRange_SaysWhatIsAllowed(string option, string value)
    {
        BenchmarkProgram.Run(["gpu", "loop", "--shape", "tiny", option, value, "--out", Folder.Path]).Should().Be(ExitCode.Usage);
        Errors.Should().Contain(option).And.NotContain("   at ");
    }

    [Test]
    public void Table_PutsGoalsBesideMeasures_AndFailsWhereOneIsMissed()
    {
        Write("steps.csv", "step,seconds,exit_code\ndoctor,3.1,0\nparity-fp32,8.0,0\nloop,20.0,0\nanchor,30.0,0\ngeneration,9.0,0\n");
        Write("parity-fp32.log", "…\n245 within limits, 0 over, 0 not supported\n");
        Write("anchor.log", "== anchor\n{\"seconds_median\": 0.2, \"peak_extra_mb\": 10000, \"torch\": \"2.11.0\", \"device\": \"Fake\"}\n");
        Write("gpu-loop.csv", "Measure,Value,Unit,Detail\nloop,1.25,seconds,\nloop iteration,0.05,seconds,\nloop memory,3000000000,bytes,\n");
        Write(
            "gpu-generation.csv",
            "Measure,Value,Unit,Detail\ncopy rate,4000000000000,bytes/s,\n\"decode bandwidth, 1\",2000000000000,bytes/s,\n8 samples at once,1,seconds,\n8 samples one by one,6,seconds,\n");

        var (code, table) = Table();

        code.Should().Be(1, "decoding misses its goal");
        table.Should().Contain("| doctor | 3.1 | 0 |")
            .And.Contain("| parity-fp32 | 8.0 | 0 | quantities over the fp32 limits | <= 0 | 0 | yes |")
            .And.Contain("| seconds of the loop | <= 1.5 | 1.25 | yes |").And.Contain("| an iteration / the anchor's | <= 0.3 | 0.25 | yes |")
            .And.Contain("| extra memory / the anchor's | <= 0.4 | 0.3 | yes |").And.Contain("decode bandwidth / copy, 1 sequence | >= 0.6 | 0.5 | no |")
            .And.Contain("| 8 samples at once / one by one | <= 0.2 | 0.1667 | yes |").And.Contain("The anchor: 2.11.0 on Fake");
        File.ReadAllText(Folder.PathOf("gpu.csv")).Should().StartWith("step,seconds,exit code,what,goal,value,met\n");
    }

    [Test]
    public void Table_OfAStepThatFailed_SaysThatNothingWasMeasured()
    {
        Write("steps.csv", "step,seconds,exit_code\ndoctor,1,3\ndoctor-unchecked,2,0\nparity-fp32,8,139\n");

        var (code, table) = Table();

        code.Should().Be(1);
        table.Should().Contain("| parity-fp32 | 8 | 139 | quantities over the fp32 limits | <= 0 |  | not measured |");
    }

    [Test]
    public void Weights_DrawnOnTheDevice_AreOfTheSameLawAndTheSameEachTime()
    {
        var config = ModelConfig.Load(Path.Combine(AppContext.BaseDirectory, "Shapes", "tiny"));
        using var scope = NewDisposeScope();

        var drawn = Draw(seed: 1);

        drawn.std().item<float>().Should().BeApproximately(1 / MathF.Sqrt(config.Text.HiddenSize), 0.01f, "4096 numbers: 0.125 ± 0.0014");
        drawn.allclose(Draw(seed: 1), 0, 0).Should().BeTrue();
        drawn.allclose(Draw(seed: 2)).Should().BeFalse();

        Tensor Draw(ulong seed)
        {
            using var weights = new RandomWeights(config, seed, ScalarType.Float32) { DrawsOnDevice = true };
            return weights.Draw("model.layers.0.self_attn.q_proj.weight", [config.Text.HiddenSize, config.Text.HiddenSize]);
        }
    }

    private static double Number(string rest) => double.Parse(rest.Split(',')[0], CultureInfo.InvariantCulture);

    private void Write(string file, string text) => File.WriteAllText(Folder.PathOf(file), text);

    private (int Code, string Table) Table()
    {
        var script = Path.Combine(Goldens.Repository, "ablations", "gpu", "table.py");
        try
        {
            using var python = Process.Start(new ProcessStartInfo("python3", [script, Folder.Path]) { RedirectStandardOutput = true })!;
            var table = python.StandardOutput.ReadToEnd();
            python.WaitForExit();
            return (python.ExitCode, table);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore("There is no python3 here.");
            throw;
        }
    }
}
