using System.ComponentModel;
using System.Diagnostics;

namespace ActivationReplay.Ablations.Storage;

/// <summary>What another program said, and how it ended.</summary>
/// <param name="Code">Its exit code.</param>
/// <param name="Text">Standard output, without blanks around it.</param>
/// <param name="Errors">Standard error, without blanks around it.</param>
internal sealed record ProgramOutput(int Code, string Text, string Errors)
{
    /// <summary>Runs a program to its end.</summary>
    /// <returns>Null where there is no such program.</returns>
    public static ProgramOutput? Of(string program, IReadOnlyList<string> arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var errors = process.StandardError.ReadToEndAsync();
            var text = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return new ProgramOutput(process.ExitCode, text, errors.Result.Trim());
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
