using ActivationReplay.Native;
using ActivationReplay.Tests.Checkpoints;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Native;

[Platform("Linux")]
public sealed class BindingsCheckTests
{
    [Test]
    public void Missing_OfTheVersionThatTorchSharpIsBuiltFor_IsNothing()
    {
        BindingsCheck.Missing(DoctoredBindings.Original, DoctoredBindings.Libtorch).Should().BeEmpty();
        using var elf = ElfFile.Open(DoctoredBindings.Original);
        ElfSymbols.NeededUnversioned(elf).Should().HaveCountGreaterThan(1000, "they are looked up")
            .And.Contain([DoctoredBindings.Function, DoctoredBindings.Table]).And.NotContain("malloc");
    }

    [Test]
    public void Describe_ListsWhatIsMissing_WithBothVersions()
    {
        using var folder = new TempFolder();
        var bindings = Doctor(folder, DoctoredBindings.Function);

        var missing = BindingsCheck.Missing(bindings, DoctoredBindings.Libtorch);

        missing.Should().Equal(DoctoredBindings.Renamed(DoctoredBindings.Function));
        BindingsCheck.Describe(missing, bindings, DoctoredBindings.Libtorch with { Version = "2.4.1+cu121" }).Should()
            .Contain("libtorch 2.4.1+cu121").And.Contain($"built for libtorch {Libtorch.BuiltFor}").And.Contain("1 of the ")
            .And.Contain("at::_ops::Qlock_diag::call(c10::ArrayRef<at::Tensor>)").And.Contain("--libtorch-unchecked");
    }

    [Test]
    public void Describe_OfManyMissing_CountsThoseItDoesNotList()
    {
        string[] missing = [.. Enumerable.Range(0, 23).Select(i => $"_ZN2at{i}")];

        var text = BindingsCheck.Describe(missing, DoctoredBindings.Original, DoctoredBindings.Libtorch);

        text.Should().Contain("23 of the").And.Contain("and 3 more").And.NotContain("_ZN2at20");
    }

    [Test]
    public void Missing_OfADamagedLibrary_NamesTheFile()
    {
        using var folder = new TempFolder();
        var bindings = folder.PathOf("libLibTorchSharp.so");
        File.WriteAllBytes(bindings, File.ReadAllBytes(DoctoredBindings.Original)[..100_000]);

        FluentActions.Invoking(() => BindingsCheck.Missing(bindings, DoctoredBindings.Libtorch)).Should().Throw<LibtorchException>()
            .WithMessage($"{bindings} cannot be read: *cut short*");
    }

    [Test]
    public void MakeOptional_LeavesNothingThatIsNeededButTheRest()
    {
        var image = DoctoredBindings.With(DoctoredBindings.Function);
        using var elf = ElfFile.Of(image);
        var before = ElfSymbols.NeededUnversioned(elf);

        ElfSymbols.MakeOptional(image, new HashSet<string> { DoctoredBindings.Renamed(DoctoredBindings.Function) });

        ElfSymbols.NeededUnversioned(elf).Should().Equal(before.Where(n => n != DoctoredBindings.Renamed(DoctoredBindings.Function)));
    }

    [TestCase("_ZN3c105ErrorD1Ev", "c10::Error::~Error()")]
    [TestCase("plain", "plain")]
    public void Demangle_GivesNamesAsTheSourceHasThem(string name, string plain) => DynamicLinker.Demangle(name).Should().Be(plain);

    private static string Doctor(TempFolder folder, params string[] names)
    {
        var path = folder.PathOf("libLibTorchSharp.so");
        File.WriteAllBytes(path, DoctoredBindings.With(names));
        return path;
    }
}
