using System.Runtime.Versioning;
using ActivationReplay.Native;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Native;

public sealed class PatchedLibraryTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("patched-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Store_ByManyAtOnce_LeavesOneWholeFile()
    {
        var image = new byte[100_000];
        new Random(1).NextBytes(image);
        var cache = Path.Combine(_folder, "cache");

        Parallel.For(0, 8, _ => PatchedLibrary.Store(cache, "lib.so", image));

        Directory.GetFiles(cache).Should().ContainSingle();
        File.ReadAllBytes(Path.Combine(cache, "lib.so")).Should().Equal(image);
    }

    [Test]
    public void Store_OverOtherBytes_ReplacesThem()
    {
        File.WriteAllText(Path.Combine(_folder, "lib.so"), "damaged");

        var path = PatchedLibrary.Store(_folder, "lib.so", [1, 2, 3]);

        File.ReadAllBytes(path).Should().Equal(1, 2, 3);
    }

    [Test]
    [Platform(Exclude = "Win")]
    [UnsupportedOSPlatform("windows")]
    public void Store_MakesFilesOfTheUserAlone()
    {
        var path = PatchedLibrary.Store(Path.Combine(_folder, "new"), "lib.so", [1]);

        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        File.GetUnixFileMode(path).Should().Be(Owner);
        File.GetUnixFileMode(Path.GetDirectoryName(path)!).Should().Be(Owner);
    }

    [Test]
    public void Load_OfSomethingElse_SaysWhatToInstall()
    {
        var path = Path.Combine(_folder, "lib.so");
        File.WriteAllText(path, "text");

        FluentActions.Invoking(() => PatchedLibrary.Load(path, new HashSet<string>())).Should().Throw<LibtorchException>()
            .WithMessage($"{path}*GLIBCXX_3.4.32*not an ELF file*libstdc++*");
    }
}
