using ActivationReplay.Ablations.Commands;
using ActivationReplay.Tests.Checkpoints;
using FluentAssertions;

namespace ActivationReplay.Tests.Commands;

/// <summary>Runs that several tests of a class look at or go on with: each is computed once, when it is first asked for.</summary>
internal sealed class SharedRuns : IDisposable
{
    private readonly TempFolder folder = new();

    /// <summary>The folder of a run, which is only to be read.</summary>
    /// <param name="name">The run among those of the class.</param>
    /// <param name="arguments">Of the command line that computes it, without --out.</param>
    public async Task<string> Of(string name, params string[] arguments)
    {
        var path = folder.PathOf(name);
        if (!Directory.Exists(path))
        {
            (await CommandLine.RunAsync([.. arguments, "--out", path])).Should().Be(ExitCode.Success, Console.Error.ToString());
        }

        return path;
    }

    /// <summary>Puts a copy of a run into a folder, where a test may change it.</summary>
    public async Task CopyTo(string target, string name, params string[] arguments) => FolderCopy.Make(await Of(name, arguments), target);

    public void Dispose() => folder.Dispose();
}
