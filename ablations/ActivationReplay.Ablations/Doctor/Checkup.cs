using System.Reflection;
using ActivationReplay.Ablations.Errors;

namespace ActivationReplay.Ablations.Doctor;

/// <summary>Runs checks in turn and prints each finding as it is there, so that a process that dies has said how far it came.</summary>
internal static class Checkup
{
    private const int NameWidth = 12;

    /// <summary>Runs them all, whatever one of them finds.</summary>
    /// <returns>Whether nothing failed.</returns>
    public static bool Run(IEnumerable<ICheck> checks, TextWriter output)
    {
        var isWell = true;
        foreach (var check in checks)
        {
            var finding = Find(check);
            isWell &= finding.Health != Health.Failure;
            Print(check.Name, finding, output);
        }

        return isWell;
    }

    private static Finding Find(ICheck check)
    {
        try
        {
            return check.Run();
        }
        catch (Exception e)
        {
            var cause = e is TypeInitializationException or TargetInvocationException && e.InnerException is { } inner ? inner : e;
            return Finding.Fail(ErrorLine.Of(cause), "This should not happen: please report it with all that doctor printed.");
        }
    }

    private static void Print(string name, Finding finding, TextWriter output)
    {
        var word = finding.Health switch
        {
            Health.Ok => "ok",
            Health.Warning => "warn",
            _ => "FAIL",
        };
        var lines = finding.Says.Split('\n', StringSplitOptions.TrimEntries);
        output.WriteLine($"{word,-5} {name.PadRight(NameWidth)} {lines[0]}");
        foreach (var line in lines.Skip(1).Concat(finding.Advice is { } advice ? $"-> {advice}".Split('\n', StringSplitOptions.TrimEntries) : []))
        {
            output.WriteLine($"{"",-5} {"".PadRight(NameWidth)} {line}");
        }

        output.Flush();
    }
}
