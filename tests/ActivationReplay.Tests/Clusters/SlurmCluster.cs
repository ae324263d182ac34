using System.Diagnostics;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Tests.Checkpoints;
using NUnit.Framework;

namespace ActivationReplay.Tests.Clusters;

/// <summary>A Slurm of a test's own on this machine: its controller and two nodes of four cores, which do not measure what they are given.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class SlurmCluster : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly string? configuration = Environment.GetEnvironmentVariable("SLURM_CONF");

    /// <summary>Starts it; skips the test where it is not installed, or may not be started.</summary>
    public SlurmCluster()
    {
        try
        {
            if (new[] { "munged", "slurmctld", "slurmd", "sbatch", "squeue" }.FirstOrDefault(p => ProgramOutput.Of(p, ["--version"]) is null && ProgramOutput.Of(p, ["-V"]) is null) is { } missing)
            {
                Assert.Ignore($"{missing} is not here; .ci/run installs Slurm (slurmctld, slurmd, slurm-client, munge) where it may.");
            }

            if (!Environment.IsPrivilegedProcess)
            {
                Assert.Ignore("slurmd starts jobs as root alone.");
            }

            Start();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Runs a command of Slurm's.</summary>
    /// <returns>What it said.</returns>
    public static string Run(string program, params string[] arguments)
    {
        var said = ProgramOutput.Of(program, arguments)!;
        return said.Code == 0 ? said.Text : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {said.Errors} {said.Text}");
    }

    public void Dispose()
    {
        if (File.Exists(folder.PathOf("slurm.conf")))
        {
            ProgramOutput.Of("scontrol", ["shutdown"]);
            ProgramOutput.Of("munged", [$"--socket={folder.PathOf("munge", "socket")}", $"--pid-file={folder.PathOf("munge", "pid")}", "--stop"]);

            // They take a moment to write their last.
            SpinWait.SpinUntil(() => Directory.GetFiles(folder.PathOf("run")).Length == 0, TimeSpan.FromSeconds(10));
        }

        Environment.SetEnvironmentVariable("SLURM_CONF", configuration);
        folder.Dispose();
    }

    private void Start()
    {
        foreach (var part in new[] { "munge", "state", "spool/n1", "spool/n2", "log", "run" })
        {
            Directory.CreateDirectory(folder.PathOf(part));
        }

        // The folder of the socket must be passable, and the key nobody else's.
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_101_101);
        File.WriteAllBytes(folder.PathOf("munge", "key"), RandomNumberGenerator.GetBytes(1024));
        File.SetUnixFileMode(folder.PathOf("munge", "key"), UnixFileMode.UserRead);
        File.WriteAllText(folder.PathOf("slurm.conf"), Configuration(20000 + (Environment.ProcessId % 4000 * 10)));
        Environment.SetEnvironmentVariable("SLURM_CONF", folder.PathOf("slurm.conf"));
        Daemon(
            "munged", $"--socket={folder.PathOf("munge", "socket")}", $"--key-file={folder.PathOf("munge", "key")}", $"--log-file={folder.PathOf("log", "munged")}",
            $"--pid-file={folder.PathOf("munge", "pid")}", $"--seed-file={folder.PathOf("munge", "seed")}");
        Daemon("slurmctld");
        Daemon("slurmd", "-N", "n1");
        Daemon("slurmd", "-N", "n2");
        if (!SpinWait.SpinUntil(() => ProgramOutput.Of("sinfo", ["--noheader", "--format=%D %T"])?.Text == "2 idle", TimeSpan.FromSeconds(30)))
        {
            throw new InvalidOperationException($"The cluster does not start: {ProgramOutput.Of("sinfo", [])} {File.ReadAllText(folder.PathOf("log", "slurmctld.log"))}");
        }
    }

    // A daemon keeps what it was given for output open: what it says is not waited for.
    private static void Daemon(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}");
        }
    }

    private string Configuration(int port) => $"""
        ClusterName=test
        SlurmctldHost=localhost(127.0.0.1)
        SlurmUser=root
        SlurmdUser=root
        AuthType=auth/munge
        AuthInfo=socket={folder.PathOf("munge", "socket")},cred_expire=5
        CryptoType=crypto/munge
        SlurmctldPort={port}
        SlurmdPort={port + 1}
        StateSaveLocation={folder.PathOf("state")}
        SlurmdSpoolDir={folder.PathOf("spool")}/%n
        SlurmctldPidFile={folder.PathOf("run")}/slurmctld.pid
        SlurmdPidFile={folder.PathOf("run")}/slurmd-%n.pid
        SlurmctldLogFile={folder.PathOf("log")}/slurmctld.log
        SlurmdLogFile={folder.PathOf("log")}/slurmd-%n.log
        ProctrackType=proctrack/linuxproc
        TaskPlugin=task/none
        JobAcctGatherType=jobacct_gather/none
        SelectType=select/cons_tres
        SelectTypeParameters=CR_Core
        SwitchType=switch/none
        MpiDefault=none
        AccountingStorageType=accounting_storage/none
        ReturnToService=2
        RequeueExit=75
        SlurmdParameters=config_overrides
        SchedulerType=sched/backfill
        SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0,sched_min_interval=0
        NodeName=n1 NodeHostname={Environment.MachineName} NodeAddr=127.0.0.1 Port={port + 2} CPUs=4
        NodeName=n2 NodeHostname={Environment.MachineName} NodeAddr=127.0.0.1 Port={port + 3} CPUs=4
        PartitionName=main Nodes=n[1-2] Default=YES MaxTime=INFINITE State=UP

        """;
}
