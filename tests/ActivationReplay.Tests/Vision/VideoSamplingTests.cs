using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Vision;

public sealed class VideoSamplingTests
{
    private static VideoInfo Clip(int frames, double rate = 10) => new("clip.mp4", frames, rate, 64, 48);

    [Test]
    public void Select_ByDefault_TakesTwoFramesASecondFromFirstToLast()
    {
        var selection = new VideoSampling().Select(Clip(96, 24));

        selection.Numbers.Should().Equal(0, 14, 27, 41, 54, 68, 81, 95);
        selection.FramesPerSecond.Should().Be(2);
        selection.SecondsPerGrid().Should().Be(1);
    }

    // Halves to even, then doubled: 5 → 4, 7 → 8.
    [TestCase(4, 4)]
    [TestCase(5, 4)]
    [TestCase(6, 6)]
    [TestCase(7, 8)]
    public void Select_OfACount_RoundsItToTheNearestEven(int asked, int taken) =>
        new VideoSampling { FrameCount = asked }.Select(Clip(100)).Numbers.Should().HaveCount(taken);

    // By rate a count is rounded down: 3.5 s × 2 = 7 → 6.
    [TestCase(35, 6)]
    [TestCase(10, 4, Description = "the least")]
    [TestCase(3, 2, Description = "what there is")]
    [TestCase(10_000, 768, Description = "the most")]
    public void Select_ByRate_IsEvenAndWithinItsBounds(int frames, int taken) =>
        new VideoSampling { FramesPerSecond = 2 }.Select(Clip(frames)).Numbers.Should().HaveCount(taken);

    [Test]
    public void Select_WithBounds_RoundsTheLeastUpAndTheMostDown()
    {
        new VideoSampling { MinFrames = 9 }.Select(Clip(20)).Numbers.Should().HaveCount(10);
        new VideoSampling { FramesPerSecond = 10, MaxFrames = 9 }.Select(Clip(20)).Numbers.Should().HaveCount(8);
    }

    [Test]
    public void Select_BetweenTimes_IncludesBothEndsAndRatesByTheFramesBetween()
    {
        var selection = new VideoSampling { FrameCount = 4, Start = 1, End = 3 }.Select(Clip(96, 24));

        selection.Numbers.Should().Equal(24, 40, 56, 72);
        selection.FramesInRange.Should().Be(49);
        selection.FramesPerSecond.Should().Be(4 / 49.0 * 24);
    }

    // A shorter clip gives what it has, the last frame twice where the number is odd; a longer one as without.
    [TestCase(40, new[] { 0, 13, 26, 39 })]
    [TestCase(3, new[] { 0, 1, 2, 2 })]
    [TestCase(2, new[] { 0, 1 })]
    [TestCase(1, new[] { 0, 0 })]
    public void Select_OfAtMost_TakesWhatThereIs(int frames, int[] numbers) =>
        new VideoSampling { FrameCount = 4, AtMost = true }.Select(Clip(frames)).Numbers.Should().Equal(numbers);

    [Test]
    public void Select_OfAtMost_KeepsTheRateOfAShortClip() =>
        new VideoSampling { FrameCount = 4, AtMost = true }.Select(Clip(2)).FramesPerSecond.Should().Be(10);

    [Test]
    public void Select_OfHalves_RoundsToEven() =>
        new VideoSampling { FrameCount = 4 }.Select(Clip(5)).Numbers.Should().Equal(0, 1, 3, 4);

    [TestCase(2.5, 2.5)]
    [TestCase(3, 1)]
    [TestCase(50, null)]
    public void Select_OfNoTime_IsRefused(double start, double? end)
    {
        var select = () => new VideoSampling { Start = start, End = end }.Select(Clip(100));

        select.Should().Throw<MediaException>().WithMessage("clip.mp4: has no two frames from *; it lasts 10 s.");
    }

    [Test]
    public void Select_OfOneFrame_IsRefused()
    {
        var select = () => new VideoSampling().Select(Clip(1));

        select.Should().Throw<MediaException>().WithMessage("clip.mp4: has 1 frames to take 0 from; at least 2 are needed.");
    }

    [Test]
    public void Select_OfMoreThanThereAre_IsRefused()
    {
        var select = () => new VideoSampling { FrameCount = 16 }.Select(Clip(11));

        select.Should().Throw<MediaException>().WithMessage("*has 11 frames to take 16 from; at least 16 are needed.");
    }

    [Test]
    public void SizeOf_ByDefault_KeepsAFrameWithin128To768Tokens()
    {
        var sampling = new VideoSampling();

        sampling.SizeOf(96, 96, 4, 28).Should().Be((336, 336));
        var (height, width) = sampling.SizeOf(1080, 1920, 4, 28);
        (height * width).Should().BeInRange(500_000, 602_112);
    }

    [Test]
    public void SizeOf_OfManyFrames_SharesTheTotal()
    {
        var (height, width) = new VideoSampling { TotalPixels = 2_000_000 }.SizeOf(1080, 1920, 20, 28);

        (height * width).Should().BeInRange(150_000, 200_000); // 2 000 000 / 10 temporal steps
    }

    [Test]
    public void SizeOf_PrefersItsOwnLimitsToTheCallers()
    {
        new VideoSampling().SizeOf(100, 100, 4, 28, minPixels: 784, maxPixels: 3136).Should().Be((56, 56));
        new VideoSampling { MinPixels = 784, MaxPixels = 784 }.SizeOf(100, 100, 4, 28, 784, 3136).Should().Be((28, 28));
    }

    [Test]
    public void SizeOf_WithLimitsThatCross_IsAnArgumentError()
    {
        var size = () => new VideoSampling { MaxPixels = 50_176 }.SizeOf(100, 100, 4, 28);

        size.Should().Throw<ArgumentException>().WithMessage("The smallest area of a frame, 100352 pixels, is over the largest, 50176.");
    }

    [Test]
    public void Settings_OutOfRange_AreRefusedByName()
    {
        var settings = new (string Name, Action Set)[]
        {
            ("FrameCount", () => _ = new VideoSampling { FrameCount = 0 }),
            ("FrameCount", () => _ = new VideoSampling { FrameCount = VideoSampling.MostFrames + 1 }),
            ("FramesPerSecond", () => _ = new VideoSampling { FramesPerSecond = double.NaN }),
            ("MinFrames", () => _ = new VideoSampling { MinFrames = 0 }),
            ("MaxFrames", () => _ = new VideoSampling { MaxFrames = 1 }),
            ("MinPixels", () => _ = new VideoSampling { MinPixels = 0 }),
            ("MaxPixels", () => _ = new VideoSampling { MaxPixels = -1 }),
            ("TotalPixels", () => _ = new VideoSampling { TotalPixels = 0 }),
            ("Start", () => _ = new VideoSampling { Start = -1 }),
            ("End", () => _ = new VideoSampling { End = double.PositiveInfinity }),
        };

        foreach (var (name, set) in settings)
        {
            set.Should().Throw<ArgumentOutOfRangeException>().WithMessage($"{name} is *; allowed: *");
        }
    }

    [Test]
    public void Settings_OfACountAndARate_ExcludeEachOther()
    {
        var both = () => new VideoSampling { FrameCount = 4, FramesPerSecond = 2 };

        both.Should().Throw<ArgumentException>().WithMessage("FrameCount and FramesPerSecond exclude each other*");
    }
}
