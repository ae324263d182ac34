using ActivationReplay.Ablations.Execution;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Execution;

public sealed class HalvingTests
{
    [TestCase(8, "8")]
    [TestCase(5, "4! 4!")]
    [TestCase(3, "2! 2! 2! 2!")]
    [TestCase(1, "1! 1! 1! 1! 1! 1! 1! 1!")]
    public void Run_WithRoomForSomeItems_HalvesUntilTheyFit_InOrder(int room, string expected)
    {
        var taken = new List<string>();

        var results = Halving.Run(Items(8), 100, (part, wasHalved) =>
        {
            Room.For(part.Count, room);
            taken.Add($"{part.Count}{(wasHalved ? "!" : "")}");
            return part;
        });

        results.Should().Equal(Items(8));
        string.Join(' ', taken).Should().Be(expected);
    }

    [Test]
    public void Run_TakesNoMoreThanIsAllowed() =>
        Halving.Run<int, (int, bool)>(Items(5), 2, (part, wasHalved) => [(part.Count, wasHalved)]).Should().Equal((2, false), (2, false), (1, false));

    [Test]
    public void Run_OfAnItemThatDoesNotFitAlone_HasItsOwnResult_AndThoseOfTheOthers() =>
        Halving.Run(
            Items(4),
            4,
            (part, _) =>
            {
                Room.For(part.Contains(2) ? part.Count + 1 : part.Count, 1);
                return part;
            },
            (item, _) => [-item]).Should().Equal(0, 1, -2, 3);

    [Test]
    public void Run_WithoutAResultForOne_LetsItsExceptionPass() =>
        FluentActions.Invoking(() => Halving.Run<int, int>(Items(4), 4, (part, _) => throw Room.Exhausted())).Should().Throw<System.Runtime.InteropServices.ExternalException>();

    [Test]
    public void Run_OfAnotherError_DoesNotHalve()
    {
        var calls = 0;
        FluentActions.Invoking(() => Halving.Run<int, int>(Items(4), 4, (_, _) =>
        {
            calls++;
            throw new InvalidOperationException("broken");
        })).Should().Throw<InvalidOperationException>();
        calls.Should().Be(1);
    }

    private static IReadOnlyList<int> Items(int count) => [.. Enumerable.Range(0, count)];
}
