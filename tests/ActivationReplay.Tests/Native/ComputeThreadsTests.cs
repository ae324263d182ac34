using System.Collections.Concurrent;
using ActivationReplay.Native;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Native;

[NonParallelizable] // changes the number of threads
public sealed class ComputeThreadsTests
{
    private int threads;

    [SetUp]
    public void Remember() => threads = get_num_threads();

    [TearDown]
    public void Restore() => set_num_threads(threads);

    [Test]
    public void Split_CoversEachPartOnce([Values(1, 2, 3)] int count, [Values(0, 1, 2, 7, 1000)] int items)
    {
        set_num_threads(count);
        var times = new int[items];

        ComputeThreads.Split(items, (first, end) =>
        {
            for (var i = first; i < end; i++)
            {
                Interlocked.Increment(ref times[i]);
            }
        });

        times.Where(n => n != 1).Should().BeEmpty();
    }

    [Test]
    public void Split_WithinAnother_RunsAllOfIt()
    {
        set_num_threads(2);
        var sum = 0;

        ComputeThreads.Split(4, (first, end) =>
            ComputeThreads.Split(10, (from, to) => Interlocked.Add(ref sum, (end - first) * (to - from))));

        sum.Should().Be(40);
    }

    [Test]
    public void Split_WhereTheWorkThrows_ThrowsThatAndGoesOnWorking()
    {
        set_num_threads(2);

        FluentActions.Invoking(() => ComputeThreads.Split(8, (first, _) => throw new InvalidDataException($"part {first}")))
            .Should().Throw<InvalidDataException>().WithMessage("part *");
        Split_CoversEachPartOnce(2, 7);
    }

    [Test]
    [Platform("Linux")]
    public void Split_OnLinux_UsesLibtorchsThreads()
    {
        set_num_threads(2);
        var used = new ConcurrentBag<int>();

        for (var i = 0; i < 20; i++)
        {
            ComputeThreads.Split(2, (_, _) => used.Add(Environment.CurrentManagedThreadId));
        }

        ComputeThreads.AreLibtorchs.Should().BeTrue();
        // The caller and one that stays: a pool would be free to change it.
        used.Distinct().Should().HaveCount(2).And.Contain(Environment.CurrentManagedThreadId);
    }
}
