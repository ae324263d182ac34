using System.Diagnostics;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Tests.Checkpoints;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Storage;

/// <summary>Machines are names here: what has another name cannot see this process, and must go by its signs of life.</summary>
public sealed class FolderLeaseTests
{
    // Silence is long beside a beat, so that a machine under load is not taken for dead.
    private static readonly LeaseTerms s_here = new("here", TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(2));
    private static readonly LeaseTerms s_there = s_here with { Machine = "there" };
    private static readonly LeaseTerms s_mute = s_there with { Beat = TimeSpan.FromHours(1) };

    private TempFolder folder = null!;

    private string File => folder.PathOf(".lease");

    [SetUp]
    public void Create() => folder = new TempFolder();

    [TearDown]
    public void Delete() => folder.Dispose();

    [Test]
    public void Take_OfALeaseThatBeats_IsRefusedAndNamesItsHolder()
    {
        using var held = Take(s_there);
        var said = new List<string>();

        FluentActions.Invoking(() => FolderLease.Take(folder.Path, s_here, said.Add, CancellationToken.None)).Should().Throw<FolderHeldException>()
            .WithMessage($"*process {Environment.ProcessId} on {Environment.MachineName}*");

        said.Should().ContainSingle().Which.Should().Contain("waiting up to 2 s");
        held.Check();
    }

    [TestCase(0)]
    [TestCase(-100_000)]
    [TestCase(100_000)]
    public void Take_OfASilentLease_SucceedsWhateverTheClocksSay(double seconds)
    {
        using var dead = Take(s_mute);
        System.IO.File.SetLastWriteTimeUtc(File, DateTime.UtcNow.AddSeconds(seconds));
        var watch = Stopwatch.StartNew();

        using var next = Take(s_here);

        watch.Elapsed.Should().BeGreaterThanOrEqualTo(s_here.Silence);
        next.Check();
        FluentActions.Invoking(dead.Check).Should().Throw<IOException>().WithMessage("*taken over, by process*");
    }

    [Test]
    public void Take_OfADeadProcessOfThisMachine_WaitsForNothing()
    {
        int process;
        using (var gone = Process.Start(new ProcessStartInfo("dotnet", "--version") { RedirectStandardOutput = true })!)
        {
            process = gone.Id;
            gone.WaitForExit();
        }

        System.IO.File.WriteAllText(File, (LeaseHolder.Here("here") with { Process = process }).Text(7));

        using var lease = Take(s_here with { Silence = TimeSpan.FromHours(1) });

        lease.Check();
    }

    [Test]
    public void Take_OfALeaseThatIsNotWhole_WaitsForASignOfLife()
    {
        System.IO.File.WriteAllText(File, "");

        using var lease = Take(s_here);

        FolderLease.HolderOf(folder.Path)!.Machine.Should().Be("here");
    }

    [Test]
    public void Take_OfOneDeadLeaseByMany_GivesItToOne()
    {
        using var dead = Take(s_mute);
        var taken = new List<FolderLease>();
        var refused = 0;
        var takers = Enumerable.Range(0, 8).Select(i => new Thread(() =>
        {
            try
            {
                var lease = Take(s_here with { Machine = $"machine {i}" });
                lock (taken)
                {
                    taken.Add(lease);
                }
            }
            catch (FolderHeldException)
            {
                Interlocked.Increment(ref refused);
            }
        })).ToList();
        takers.ForEach(t => t.Start());
        takers.ForEach(t => t.Join());

        taken.Should().ContainSingle();
        refused.Should().Be(7);
        taken[0].Check();
        taken[0].Dispose();
        Directory.GetFiles(folder.Path).Should().BeEmpty();
    }

    [Test]
    public void Take_OfALeaseThatIsGivenBackMeanwhile_Succeeds()
    {
        using var held = Take(s_mute);
        var taker = Task.Run(() => Take(s_here with { Silence = TimeSpan.FromMinutes(5) }));
        taker.Wait(TimeSpan.FromMilliseconds(300)).Should().BeFalse();

        held.Dispose();

        using var lease = taker.Result;
        lease.Check();
    }

    [Test]
    public void Take_ThatIsCancelled_ChangesNothing()
    {
        using var held = Take(s_mute);
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        FluentActions.Invoking(() => FolderLease.Take(folder.Path, s_here, null, soon.Token)).Should().Throw<OperationCanceledException>();

        held.Check();
    }

    [Test]
    public void Dispose_AfterATakeover_LeavesTheNextHolders()
    {
        var dead = Take(s_mute);
        using var next = Take(s_here);

        dead.Dispose();

        next.Check();
    }

    [Test]
    public void ARunFolderThatWasTakenOver_WritesNothingMore()
    {
        using var sleeper = RunFolder.Open(folder.Path, terms: s_mute);
        sleeper.Add([MadeRuns.Entry(MadeRuns.Row("none", "a", true))]);

        // On this machine the lock of the system would tell, too: a name of another's looks past it.
        using var next = RunFolder.Open(folder.Path, terms: s_here);

        FluentActions.Invoking(() => sleeper.Add([MadeRuns.Entry(MadeRuns.Row("none", "b", true))])).Should().Throw<IOException>();
        FluentActions.Invoking(sleeper.Discard).Should().Throw<IOException>();
        FluentActions.Invoking(sleeper.Check).Should().Throw<IOException>();
        next.Entries.Should().HaveCount(1);
        RunFolder.Peek(folder.Path).Should().HaveCount(1);
    }

    private FolderLease Take(LeaseTerms terms) => FolderLease.Take(folder.Path, terms, null, CancellationToken.None);
}
