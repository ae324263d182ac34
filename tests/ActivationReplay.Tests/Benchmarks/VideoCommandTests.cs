using ActivationReplay.Ablations.Commands;
using ActivationReplay.Benchmarks;
using ActivationReplay.Tests.Commands;
using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Benchmarks;

/// <summary>The measurement of reading a film, on one of a second.</summary>
public sealed class VideoCommandTests : CommandTest
{
    private string FilmFolder => Folder.PathOf("films");

    private string FilmFile => Path.Combine(FilmFolder, "film-1s.mp4");

    [Test]
    public void Video_OfAShortFilm_ReadsFfmpegsOwnFrames_AndKeepsTheFilm()
    {
        Run("--seconds", "1").Should().Be(ExitCode.Success, Errors);

        var table = File.ReadAllText(Folder.PathOf("video.md"));
        table.Should().Contain("video --seconds 1 --film DIR --brief --rounds 1").And.MatchRegex(@"\| 16 frames \| \d+\.\d\d s \| \d+\.\d\d s \| \d+\.\d\d \| 16 of 16 \|");
        Printed.Should().Contain("16 frames; read, resized ").And.NotContain("240 frames");
        Directory.GetFiles(FilmFolder).Should().Equal(FilmFile);
    }

    [Test]
    public void Video_WhereTheKeptFilmIsAnother_IsRefusedWithWhatIsNeeded()
    {
        Directory.CreateDirectory(FilmFolder);
        new VideoWriter().Write(FilmFile, [new RgbImage(4, 2, new byte[4 * 2 * RgbImage.Channels])], framesPerSecond: 5);

        Run("--seconds", "1").Should().Be(ExitCode.Usage);

        Errors.Should().Contain($"{FilmFile} has 1 frames of 4×2 pixels, 5 a second").And.Contain("30 of 1920×1080, 30 a second").And.Contain("delete it");
    }

    [Test]
    public void Video_TooShortForItsFrames_SaysHowLongItMustBe()
    {
        BenchmarkProgram.Run(["video", "--seconds", "7", "--out", Folder.Path]).Should().Be(ExitCode.Usage);

        Errors.Should().Contain("--seconds must be at least 8, or 1 with --brief");
    }

    private int Run(params string[] arguments) =>
        BenchmarkProgram.Run(["video", "--brief", "--rounds", "1", "--film", FilmFolder, "--out", Folder.Path, .. arguments]);
}
