using System.CommandLine;
using ActivationReplay.Ablations.Configuration;

namespace ActivationReplay.Ablations.Storage;

/// <summary>Command lines as a shell takes them.</summary>
internal static class CommandLines
{
    /// <summary>The command that starts the program: from the root of the repository, or as an installed tool.</summary>
    public static string Program { get; } = RepositoryPaths.Top() is null
        ? "activation-replay"
        : "dotnet run -c Release --project ablations/ActivationReplay.Ablations --";

    /// <summary>The arguments of a command line.</summary>
    public static string Of(ParseResult parsed) => Join(parsed.Tokens.Select(t => t.Value));

    /// <summary>Arguments joined, those with blanks or signs of the shell in quotes.</summary>
    public static string Join(IEnumerable<string> arguments) => string.Join(' ', arguments.Select(Quote));

    private static string Quote(string argument) =>
        argument.Length > 0 && argument.All(c => char.IsLetterOrDigit(c) || "-_./:=,@%+".Contains(c, StringComparison.Ordinal))
            ? argument
            : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
