using System.Diagnostics;
using System.Runtime.Versioning;
using ActivationReplay.Tests.Checkpoints;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Benchmarks;

/// <summary>The kit's script around programs that only say what they were asked: its order, limits, and what it does about failures.</summary>
[Platform("Linux")]
[UnsupportedOSPlatform("windows")]
public sealed class GpuKitTests
{
    private TempFolder folder = null!;

    [SetUp]
    public void MakePublished()
    {
        folder = new TempFolder();
        Directory.CreateDirectory(folder.PathOf("kit"));
        Directory.CreateDirectory(folder.PathOf("program"));
        foreach (var file in new[] { "run-gpu-kit.sh", "table.py" })
        {
            File.Copy(Path.Combine(Goldens.Repository, "ablations", "gpu", file), folder.PathOf("kit", file));
        }
    }

    [TearDown]
    public void Delete() => folder.Dispose();

    [Test]
    public void Kit_RunsEachStepWhateverAnotherDoes()
    {
        Program("ActivationReplay.Ablations", "case $1 in parity) exit 139 ;; *) echo $@ ;; esac");
        Program("ActivationReplay.Benchmarks", "echo $@");

        var code = Run("--small");

        code.Should().Be(1, "a step failed");
        Steps().Should().Equal(
            ("doctor", "0"), ("parity-fp32", "139"), ("loop", "0"), ("generation", "0"), ("profile", "0"), ("run", "0"), ("parity-bf16", "139"), ("reference", "0"));
        Log("run").Should().Contain("run quick --limit 2 --device cpu").And.Contain($"--libtorch {folder.Path}").And.NotContain("unchecked");
        Log("loop").Should().Contain("gpu loop --shape tiny");
    }

    [Test]
    public void Kit_WithoutSmall_MeasuresThePublishedShape()
    {
        Program("ActivationReplay.Ablations", "true");
        Program("ActivationReplay.Benchmarks", "echo $@");

        Run();

        Log("loop").Should().Contain("gpu loop --shape qwen2.5-vl-7b").And.Contain("--dtype bfloat16");
    }

    [Test]
    public void Kit_WhereSymbolsAreMissing_GoesOnUnchecked()
    {
        Program("ActivationReplay.Ablations", "case \"$*\" in *unchecked*) echo went on ;; doctor*) echo 'or go on with --libtorch-unchecked'; exit 3 ;; *) exit 3 ;; esac");
        Program("ActivationReplay.Benchmarks", "case \"$*\" in *unchecked*) true ;; *) exit 3 ;; esac");

        Run("--small");

        Steps().Take(4).Should().Equal(("doctor", "3"), ("doctor-unchecked", "0"), ("parity-fp32", "0"), ("loop", "0"));
    }

    [Test]
    public void Kit_OutOfTime_EndsTheStepAndLeavesTheRestOut()
    {
        Program("ActivationReplay.Ablations", "case $1 in parity) exec sleep 60 ;; *) true ;; esac");
        Program("ActivationReplay.Benchmarks", "true");

        Run("--small", "--seconds", "7");

        Steps().Should().StartWith([("doctor", "0"), ("parity-fp32", "124"), ("loop", "124")]);
        Log("loop").Should().Contain("no time left");
        File.ReadAllText(folder.PathOf("out", "gpu.md")).Should().Contain("| parity-fp32 |").And.Contain("not measured");
    }

    private int Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(
            "bash", [folder.PathOf("kit", "run-gpu-kit.sh"), folder.Path, folder.PathOf("out"), "--device", "cpu", "--libtorch", folder.Path, .. arguments])
        {
            RedirectStandardOutput = true,
        })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }

    private void Program(string name, string body)
    {
        var path = folder.PathOf("program", name);
        File.WriteAllText(path, $"#!/usr/bin/env bash\n{body}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    // The machine's own tools aside.
    private IEnumerable<(string Step, string Code)> Steps() => File.ReadAllLines(folder.PathOf("out", "steps.csv")).Skip(1)
        .Select(l => l.Split(',')).Where(l => l[0] is not ("nvidia-smi" or "anchor")).Select(l => (l[0], l[2]));

    private string Log(string step) => File.ReadAllText(folder.PathOf("out", $"{step}.log"));
}
