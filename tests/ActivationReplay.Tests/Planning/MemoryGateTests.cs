using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Planning;
using ActivationReplay.Checkpoints;
using ActivationReplay.Inputs;
using ActivationReplay.Native;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Planning;

/// <summary>What is planned, chosen and refused, on machines that a test makes up.</summary>
public sealed class MemoryGateTests
{
    private const long Plenty = 1L << 50;
    private static readonly PromptShape s_prompt = new(700, 640, 2560, 15, 655);
    private static readonly string s_quick = RepositoryPaths.Find("ablations", "configs", "quick.yaml");
    private CheckpointPair pair = null!;

    [OneTimeSetUp]
    public void Open() => pair = CheckpointPair.Open(Path.Combine(Goldens.Repository, "ablations", "pairs", "counting"));

    [OneTimeTearDown]
    public void Close() => pair.Dispose();

    [Test]
    public void Choose_WithRoom_TakesAllTogether()
    {
        var plan = Gate(Config(), new FakeMemory(Plenty)).Choose();

        plan.Sizes.Should().Be(new WorkSizes(4, 2, 4 * 4 * 8));
    }

    [Test]
    public void Choose_WithLess_HalvesQuestionsFirst_AndThePlanHolds()
    {
        var config = Config();
        var whole = Gate(config, new FakeMemory(Plenty)).Choose().Devices.Single().Total;
        var seen = new List<WorkSizes>();
        for (var free = whole * 1.1; ; free *= 0.93)
        {
            var budget = Budget(new FakeMemory((long)free));
            var plan = new MemoryGate(config, pair, s_prompt, budget).Choose();
            seen.Add(plan.Sizes);
            if (!budget.Holds(plan))
            {
                break;
            }

            plan.Devices.Single().Total.Should().BeLessThan((long)free);
        }

        seen[0].Questions.Should().Be(4);
        seen.Select(s => s.Questions).Should().BeInDescendingOrder().And.Contain([2, 1]);
        seen.Where(s => s.Questions > 1).Should().OnlyContain(s => s.Variants == 2 && s.VocabularyRows == null);
        seen.Should().Contain(s => s.Questions == 1 && s.Sequences < 4 * 8);
    }

    // Where the loop takes most, first fewer loops are one batch; the questions are answered together as before.
    [Test]
    public void Choose_OnAGpu_BatchesLoops_AndHalvesThemFirst_WhereTheyTakeMost()
    {
        var config = Config("--device", "cuda");
        config = config with { Generation = config.Generation with { MaxNewTokens = 8, Samples = 1 } };
        var whole = Gate(config, new FakeMemory(Plenty, Plenty)).Choose();
        whole.Sizes.Loops.Should().Be(4);
        var (four, two, one) = (Plan(4), Plan(2), Plan(1));

        four.Loop.Should().BeInRange(3 * two.Loop / 2, 2 * two.Loop, "but for the rows of the head that a divergence reads at a time, which are of all of them");
        ChosenWith((four.Total + two.Total) / 2).Should().Be(whole.Sizes with { Loops = 2 });
        ChosenWith((two.Total + one.Total) / 2).Should().Be(whole.Sizes with { Loops = 1 });

        DevicePlan Plan(int loops) => new MemoryGate(config, pair, s_prompt, Budget(new FakeMemory(Plenty, Plenty))).Of(whole.Sizes with { Loops = loops }).Devices.Single();

        // 5 % of what is free are left.
        WorkSizes ChosenWith(long used) => Gate(config, new FakeMemory(Plenty, (long)(used / 0.95))).Choose().Sizes;
    }

    [TestCase("cpu", 1)]
    [TestCase("cuda", 4)]
    [TestCase("base=cuda:0,rlvr=cuda:1", 4)]
    public void Choose_WithRoom_BatchesLoops_OnGpusAlone(string device, int loops) =>
        Gate(Config("--device", device), new FakeMemory(Plenty, Plenty, Plenty)).Choose().Sizes.Loops.Should().Be(loops);

    [Test]
    public void Choose_OfAShard_DoesNotDependOnWhatIsFree()
    {
        // Both have 2 GB in all.
        var (full, empty) = (new SharedMachine(2_000_000_000, 300_000_000), new SharedMachine(2_000_000_000, 1_900_000_000));

        Gate(Config(), full, isShard: true).Choose().Sizes.Should().Be(Gate(Config(), empty, isShard: true).Choose().Sizes);
        Gate(Config(), full).Choose().Sizes.Should().NotBe(Gate(Config(), empty).Choose().Sizes);
    }

    [Test]
    public void Check_OfWhatCannotFit_NamesWaysThatFit_EachTried()
    {
        var config = Config("--dtype", "float32");
        // Of a long video, so that the work is more than the program.
        var prompt = new PromptShape(8060, 8000, 32000, 15, 8015);
        var least = new MemoryPlanner(config, pair, prompt).Smallest().Devices.Single();
        // Less than what it needs even if the estimate is as much too high as it may be.
        var budget = Budget(new FakeMemory(least.Least - 1));
        var ways = MemoryWay.Of(config, prompt, Picture, budget).ToList();

        var refused = new MemoryGate(config, pair, prompt, budget)
            .Invoking(g => g.Check(p => p.Smallest(), ways)).Should().Throw<MemoryPlanException>().Which.Message;

        refused.Should().StartWith("cpu does not hold this").And.Contain("--memory unchecked");
        foreach (var way in ways)
        {
            var fits = budget.Holds(new MemoryPlanner(way.Config, pair, way.Prompt).Smallest());
            (refused.Contains($": {way.Words} (", StringComparison.Ordinal) || refused.Contains($"; {way.Words} (", StringComparison.Ordinal)).Should().Be(fits, way.Words);
        }

        ways.Should().Contain(w => budget.Holds(new MemoryPlanner(w.Config, pair, w.Prompt).Smallest()));
    }

    [Test]
    public void Check_WhereNothingFits_SaysSo()
    {
        var refused = Gate(Config(), new FakeMemory(1000)).Invoking(g => g.Check(p => p.Smallest(), Ways(Config()))).Should().Throw<MemoryPlanException>().Which.Message;

        refused.Should().Contain("Nothing that was tried fits: --models one").And.Contain("prompt.max-pixels=");
    }

    [Test]
    public void Check_WithTwoGpus_TriesEachModelOnItsOwn()
    {
        var config = Config("--device", "cuda");
        var both = new MemoryPlanner(config, pair, s_prompt).Smallest().Devices.Single();
        var gpus = new FakeMemory(1000, both.Least - 1, both.Least - 1);

        var refused = Gate(config, gpus).Invoking(g => g.Check(p => p.Smallest(), MemoryWay.Of(config, s_prompt, null, Budget(gpus))))
            .Should().Throw<MemoryPlanException>().Which.Message;

        refused.Should().StartWith("cuda:0 does not hold this").And.Contain("--device base=cuda:0,rlvr=cuda:1").And.Contain("--device cpu");
    }

    [Test]
    public void Check_OfMappedWeights_IsNotRefusedForThem()
    {
        var config = Config("--dtype", "stored");
        var plan = new MemoryPlanner(config, pair, s_prompt).Smallest().Devices.Single();
        plan.Weights.Should().Be(0);
        plan.Mapped.Should().BePositive();

        Gate(config, new FakeMemory(plan.Least)).Invoking(g => g.Check(p => p.Smallest(), Ways(config))).Should().NotThrow();
        Gate(config, new FakeMemory(plan.Least - 1)).Invoking(g => g.Check(p => p.Smallest(), Ways(config))).Should().Throw<MemoryPlanException>();
    }

    [Test]
    public void Check_Unchecked_RefusesNothing_AndTakesAllTogether()
    {
        var config = Config("--memory", "unchecked");
        var budget = new MemoryBudget(MemoryLimit.Parse(config.Pair.Memory)!.Value, new FakeMemory(1));
        var gate = new MemoryGate(config, pair, s_prompt, budget);

        gate.Invoking(g => g.Check(p => p.Smallest(), Ways(config))).Should().NotThrow();
        gate.Choose().Sizes.Questions.Should().Be(4);
    }

    [Test]
    public void Plan_OfOneModelAtATime_CountsOneModel()
    {
        var both = new MemoryPlanner(Config(), pair, s_prompt).Smallest().Devices.Single();
        var one = new MemoryPlanner(Config("--models", "one"), pair, s_prompt).Smallest().Devices.Single();

        one.Weights.Should().Be(both.Weights / 2);
        one.Held.Should().BeLessThan(both.Held);
    }

    [Test]
    public void Plan_OfADeviceForEach_HasEachModelOnItsOwn()
    {
        var both = new MemoryPlanner(Config("--device", "cuda"), pair, s_prompt).Smallest();
        var split = new MemoryPlanner(Config("--device", "base=cuda:0,rlvr=cuda:1"), pair, s_prompt).Smallest();

        both.Devices.Select(d => d.Device).Should().Equal("cuda:0");
        split.Devices.Select(d => d.Device).Should().Equal("cuda:0", "cuda:1");
        split.Devices.Sum(d => d.Weights).Should().Be(both.Devices[0].Weights);
        split.Devices[0].Loop.Should().Be(0, "the loop is RLVR's");
        split.Devices[1].Loop.Should().Be(both.Devices[0].Loop);
    }

    [Test]
    public void Memory_OfAGpu_IsWhatItsDriverSays_AndOfOneThatIsNotThere_IsNotKnown()
    {
        var source = new FakeMemory(5, 70, 80);

        source.Of("cuda:1").Should().Be(new DeviceMemory(160, 80));
        source.Of("cuda:2").Should().BeNull();
    }

    [TestCase("free", null, false)]
    [TestCase("unchecked", null, true)]
    [TestCase("0.5", 500_000_000L, false)]
    [TestCase("24", 24_000_000_000L, false)]
    public void Limit_IsRead(string text, long? bytes, bool isUnchecked) => MemoryLimit.Parse(text).Should().Be(new MemoryLimit(bytes, isUnchecked));

    [TestCase("0")]
    [TestCase("-1")]
    [TestCase("lots")]
    [TestCase("")]
    public void Limit_OfAnotherForm_IsNone(string text) => MemoryLimit.Parse(text).Should().BeNull();

    private static IEnumerable<MemoryWay> Ways(RunConfig config) =>
        MemoryWay.Of(config, s_prompt, Picture, Budget(new FakeMemory(1000)));

    private static PromptShape Picture(long pixels) => new((int)(pixels / 784) + 60, (int)(pixels / 784), (int)(pixels / 196), 15, (int)(pixels / 784) + 15);

    private static MemoryBudget Budget(IMemorySource source, bool isShard = false) => new(MemoryLimit.Parse("free")!.Value, source, isShard);

    private MemoryGate Gate(RunConfig config, IMemorySource source, bool isShard = false) => new(config, pair, s_prompt, Budget(source, isShard));

    // Four questions at a time, base, none and two variants of replay, eight answers of many tokens: every part counts.
    private static RunConfig Config(params string[] options) => RunConfigReader.Read(
        s_quick,
        ["replay.selection=[low, high]", "generation.samples=8", "generation.max-new-tokens=2000", "generation.batch=4", "generation.temperature=1"],
        [.. options.Chunk(2).Select(o => (IReadOnlyList<ConfigValue>)[ConfigValue.OfOption(o[0], $"pair.{o[0][2..]}", o[1])])]);

    private sealed class SharedMachine(long total, long free) : IMemorySource
    {
        public DeviceMemory? Of(string device) => new DeviceMemory(total, free);
    }
}
