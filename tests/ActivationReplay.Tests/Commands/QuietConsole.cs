namespace ActivationReplay.Tests.Commands;

/// <summary>The process's console while a command runs in a test: output is dropped, errors are kept.</summary>
internal sealed class QuietConsole : IDisposable
{
    private readonly TextWriter output = Console.Out;
    private readonly TextWriter error = Console.Error;
    private readonly StringWriter errors = new();

    public QuietConsole()
    {
        Console.SetOut(TextWriter.Null);
        Console.SetError(errors);
    }

    /// <summary>What was said so far.</summary>
    public string Errors => errors.ToString();

    public void Dispose()
    {
        Console.SetOut(output);
        Console.SetError(error);
        errors.Dispose();
    }
}
