using ActivationReplay.Checkpoints;
using ActivationReplay.Inputs;
using ActivationReplay.Tests.Checkpoints;
using ActivationReplay.Tests.Vision;
using ActivationReplay.Text;
using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Inputs;

public sealed class ProcessorVideoTests
{
    // Six frames of a clip of 40 at 10 a second: three temporal steps, 2 / (6 / 40 · 10) = 1⅓ s apart, two positions a
    // second: trunc(0, 2.67, 5.33).
    [Test]
    public void Prepare_OfAFile_SpansTheSampleAndTimesIt()
    {
        using var clips = new Clips();
        var video = VideoPart.FromFile(clips.Grey("clip.mp4"), new VideoSampling { FrameCount = 6 });

        using var inputs = Prepare(video);

        inputs.Grids.Should().Equal(new PatchGrid(3, 4, 4));
        var span = inputs.Spans.Should().ContainSingle().Subject;
        span.Should().Be(new VisualSpan(span.Start, 3, 2, 2, IsVideo: true));
        inputs.Positions[0].Skip(span.Start).Take(span.Count).Select(p => p - span.Start)
            .Should().Equal(0, 0, 0, 0, 2, 2, 2, 2, 5, 5, 5, 5);
    }

    // The file's frames already have their size: as pictures they give the same patches.
    [Test]
    public void Prepare_OfAFile_EqualsItsFramesAsPictures()
    {
        using var clips = new Clips();
        var path = clips.Grey("clip.mp4", size: "56x56");
        clips.Run("frame%d.png", "-i", path, "-vf", "select=eq(n\\,0)+eq(n\\,39),setpts=N/TB", "-fps_mode", "vfr");
        MediaFile[] frames = [.. new[] { 1, 2 }.Select(i => MediaFile.FromPath(clips.PathOf($"frame{i}.png")))];

        using var file = Prepare(VideoPart.FromFile(path, new VideoSampling { FrameCount = 2 }));
        using var list = Prepare(new VideoPart(frames, 2 / 4.0));

        file.Ids.Should().Equal(list.Ids);
        file.Positions.Should().BeEquivalentTo(list.Positions);
        file.Pixels!.Equals(list.Pixels!).Should().BeTrue();
    }

    // qwen-vl-utils gives frames of at least 128 tokens; a video processor that allows four shrinks them, unless a caller asked.
    [TestCase(null, 4)]
    [TestCase(12544L, 16)]
    public void Prepare_OfAFile_KeepsTheVideoProcessorsLimit_UnderTheCallers(long? asked, int tokens)
    {
        using var clips = new Clips();
        using var folder = new TempFolder();
        var source = Goldens.CarriedPathOf("pairs", "a", "base");
        TinyCheckpoint.CopyProcessor(folder.Path);
        File.WriteAllText(folder.PathOf("processor_config.json"), """{"video_processor": {"size": {"shortest_edge": 784, "longest_edge": 3136}}}""");
        var video = VideoPart.FromFile(
            clips.Grey("clip.mp4", size: "56x56"), new VideoSampling { FrameCount = 2, MinPixels = asked, MaxPixels = asked });

        using var inputs = Processor.Load(folder.Path, ModelConfig.Load(source)).Prepare([ChatMessage.User(video, new TextPart("What?"))]);

        inputs.Spans.Should().ContainSingle().Which.Count.Should().Be(tokens);
    }

    private static ModelInputs Prepare(VideoPart video)
    {
        using var pair = CheckpointPair.Open(Goldens.PathOf("pairs", "a"));
        var processor = Processor.Load(pair.BaseProcessorFolder, pair.Base.Config);
        return processor.Prepare([ChatMessage.User(video, new TextPart("What?"))], new PixelLimits(784, 3136));
    }
}
