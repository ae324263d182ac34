namespace ActivationReplay.Tests.Commands;

/// <summary>The process's console while a command runs in a test: what it prints is kept and not shown.</summary>
internal sealed class QuietConsole : IDisposable
{
    private readonly TextWriter output = Console.Out;
    private readonly TextWriter error = Console.Error;
    // Not disposed: the console of the commands is made once in a process, and writes to what was standard output then.
    private readonly StringWriter printed = new();
    private readonly StringWriter errors = new();

    public QuietConsole()
    {
        Console.SetOut(printed);
        Console.SetError(errors);
    }

    /// <summary>What was written to standard output so far.</summary>
    public string Printed => printed.ToString();

    /// <summary>What was written to standard error so far.</summary>
    public string Errors => errors.ToString();

    public void Dispose()
    {
        Console.SetOut(output);
        Console.SetError(error);
        errors.Dispose();
    }
}
