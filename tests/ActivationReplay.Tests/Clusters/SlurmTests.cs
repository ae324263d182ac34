using ActivationReplay.Ablations.Clusters;
using ActivationReplay.Ablations.Storage;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Clusters;

/// <summary>What is read of sbatch and squeue, with scripts in their place.</summary>
[NonParallelizable]
[Platform(Include = "Linux,MacOsX", Reason = "The programs are shell scripts.")]
public sealed class SlurmTests
{
    private FakePrograms programs = null!;

    [SetUp]
    public void Create() => programs = new FakePrograms();

    [TearDown]
    public void Delete() => programs.Dispose();

    [TestCase("123", "123", null)]
    [TestCase("sbatch: a word of the cluster\n123;west", "123", "west")]
    public void Submit_ReadsTheNumberAndTheCluster(string said, string id, string? cluster)
    {
        programs.Add("sbatch", $"printf '%s\\n' '{said}'");

        Slurm.Submit("job.sh", [1, 2]).Should().Match<SubmittedJob>(j => j.Id == id && j.Cluster == cluster && j.Shards.Count == 2);
    }

    [Test]
    public void Submit_ThatIsRefused_SaysWhatSbatchSaid()
    {
        programs.Add("sbatch", "echo 'sbatch: error: invalid partition specified: gpu' >&2; exit 1");

        FluentActions.Invoking(() => Slurm.Submit("job.sh", [])).Should().Throw<SlurmException>().WithMessage("*job.sh*invalid partition*");
    }

    [Test]
    public void Submit_OfSomethingElse_IsRefused()
    {
        programs.Add("sbatch", "echo 'Submitted batch job'");

        FluentActions.Invoking(() => Slurm.Submit("job.sh", [])).Should().Throw<SlurmException>().WithMessage("*Submitted batch job*");
    }

    [Test]
    public void Submit_WithoutSlurm_NamesTheWayWithoutIt()
    {
        using var none = new FakePrograms(alone: true);

        FluentActions.Invoking(() => Slurm.Submit("job.sh", [])).Should().Throw<SlurmException>().WithMessage("*--local P*");
    }

    [Test]
    public void Queue_ReadsTasksAndStates()
    {
        programs.AddSqueue("CLUSTER: west", "41_1|RUNNING|1:02|n1", "41_2|PENDING|0:00|(Priority)", "42|PENDING|0:00|(Dependency)", "41_3|NODE_FAIL|0:07|", "41_4|COMPLETING|0:07|n2");

        Slurm.Queue([new SubmittedJob("41", [1, 2, 3, 4], ""), new SubmittedJob("42", [], "")]).Should().Equal(
            new QueueEntry("41", 1, "RUNNING", true, "1:02", "n1"),
            new QueueEntry("41", 2, "PENDING", true, "0:00", "(Priority)"),
            new QueueEntry("42", null, "PENDING", true, "0:00", "(Dependency)"),
            new QueueEntry("41", 3, "NODE_FAIL", false, "0:07", ""),
            new QueueEntry("41", 4, "COMPLETING", true, "0:07", "n2"));
    }

    [Test]
    public void Queue_OfJobsThatAreForgotten_IsEmpty_AndOfOneThatFailsIsAnError()
    {
        programs.Add("squeue", "echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1");
        Slurm.Queue([new SubmittedJob("41", [1], "")]).Should().BeEmpty();

        programs.Add("squeue", "echo 'slurm_load_jobs error: Unable to contact slurm controller (connect failure)' >&2; exit 1");
        FluentActions.Invoking(() => Slurm.Queue([new SubmittedJob("41", [1], "")])).Should().Throw<SlurmException>().WithMessage("*connect failure*");
    }
}
