using ActivationReplay.Ablations.Commands;
using ActivationReplay.Tests.Checkpoints;
using NUnit.Framework;

namespace ActivationReplay.Tests.Commands;

/// <summary>
/// What a test of commands needs: a folder of its own, and the process's console, which commands write to; so nothing runs beside
/// it.
/// </summary>
[NonParallelizable]
public abstract class CommandTest
{
    private QuietConsole console = null!;

    /// <summary>A folder of the test's own.</summary>
    private protected TempFolder Folder { get; private set; } = null!;

    /// <summary>What was written to standard output so far.</summary>
    protected string Printed => console.Printed;

    /// <summary>What was written to standard error so far.</summary>
    protected string Errors => console.Errors;

    [SetUp]
    public void Redirect()
    {
        Folder = new TempFolder();
        console = new QuietConsole();
    }

    [TearDown]
    public void Restore()
    {
        console.Dispose();
        Folder.Dispose();
    }

    /// <summary>Runs a command.</summary>
    /// <returns>Its exit code.</returns>
    protected static Task<int> Invoke(params string[] arguments) => CommandLine.RunAsync(arguments);
}
