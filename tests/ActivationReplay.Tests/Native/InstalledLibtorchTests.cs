using System.Text;
using ActivationReplay.Native;
using ActivationReplay.Tests.Checkpoints;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Native;

public sealed class InstalledLibtorchTests
{
    private static readonly string s_marker = LibraryNames.File("torch_cpu");
    private TempFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = new TempFolder();

    [TearDown]
    public void DeleteFolder() => folder.Dispose();

    [TestCase("lib", "lib", TestName = "Find_OfTheLibrariesThemselves")]
    [TestCase("lib", "", TestName = "Find_OfAnUnpackedLibtorchOrAWheelsTorch")]
    [TestCase("torch/lib", "", TestName = "Find_OfSitePackages")]
    [TestCase("torch/lib", "torch/", TestName = "Find_OfAWheelsTorch")]
    public void Find_WhereverTheFolderPoints_FindsTheLibraries(string libraries, string given)
    {
        Write($"{libraries}/{s_marker}", "");

        InstalledLibtorch.Find(folder.PathOf(given)).Folder.Should().Be(folder.PathOf(libraries));
    }

    [TestCase("torch/version.py", "from typing import Optional\n__version__ = '2.11.0+cu130'\ncuda: Optional[str] = '13.0'\n", "2.11.0+cu130")]
    [TestCase("torch/build-version", "2.10.0+cpu\n", "2.10.0+cpu")]
    [TestCase("torch/share/cmake/Torch/TorchConfigVersion.cmake", "set(PACKAGE_VERSION \"2.9.1\")\n", "2.9.1")]
    [TestCase("torch/other.txt", "2.9.1", null)]
    public void Find_ReadsTheVersionThatTheFilesName(string file, string text, string? version)
    {
        Write($"torch/lib/{s_marker}", "");
        Write(file, text);

        InstalledLibtorch.Find(folder.Path).Version.Should().Be(version);
    }

    [Test]
    public void HasCuda_IsWhetherTheLibraryForItIsThere()
    {
        Write($"lib/{s_marker}", "");
        InstalledLibtorch.Find(folder.Path).HasCuda.Should().BeFalse();

        Write($"lib/{LibraryNames.File("torch_cuda")}", "");
        InstalledLibtorch.Find(folder.Path).HasCuda.Should().BeTrue();
    }

    [Test]
    public void Find_OfAFolderThatIsNotThere_SaysWhatToGive() => Problem("none").Should().Contain("no such folder").And.Contain("torch/lib").And.Contain("python3 -c");

    [Test]
    public void Find_OfAFolderWithoutLibtorch_SaysWhatWasLookedFor()
    {
        Write("readme.txt", "");

        Problem("").Should().Contain("holds no libtorch").And.Contain(s_marker);
    }

    [Test]
    public void Find_OfAFile_SaysSo()
    {
        Write(s_marker, "");

        Problem(s_marker).Should().Contain("is a file");
    }

    [TestCase("lib/torch_cpu.dll", "Windows")]
    [TestCase("libtorch_cpu.dylib", "macOS")]
    [Platform("Linux")]
    public void Find_OfAnotherSystemsLibraries_NamesTheSystem(string file, string system)
    {
        Write(file, "");

        Problem("").Should().Contain($"for {system}").And.Contain(Path.GetFileName(file)).And.Contain("this process runs on linux");
    }

    [Test]
    public void Load_OfWhatIsNoLibrary_NamesTheFileAndTheReason()
    {
        Write($"lib/{s_marker}", "text");

        FluentActions.Invoking(() => InstalledLibtorch.Find(folder.Path).Load()).Should().Throw<LibtorchException>()
            .WithMessage($"{folder.PathOf("lib", s_marker)}*does not load*");
    }

    [Test]
    public void Use_OfAnotherFolderThanTheOneThatIsLoaded_Refuses()
    {
        Write($"lib/{s_marker}", "");

        FluentActions.Invoking(() => Libtorch.Use(folder.Path)).Should().Throw<LibtorchException>().WithMessage("*loaded already*libtorch*");
        Libtorch.Asked.Should().BeNull("nothing was chosen");
    }

    [Test]
    public void Load_OfTheBuildsOwn_TellsItsVersionAndFolder()
    {
        var used = Libtorch.Load();

        (used.Version, used.IsInstalled).Should().Be((Libtorch.BuiltFor, false));
        used.IsAsBuiltFor.Should().BeTrue();
        File.Exists(Path.Combine(used.Folder!, s_marker)).Should().BeTrue();
    }

    private string Problem(string given) =>
        FluentActions.Invoking(() => InstalledLibtorch.Find(folder.PathOf(given))).Should().Throw<LibtorchException>().Which.Message;

    private void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.PathOf(file))!);
        File.WriteAllText(folder.PathOf(file), text, Encoding.ASCII);
    }
}
