using System.CommandLine;

namespace ActivationReplay.Ablations.Outputs;

/// <summary><c>--overwrite</c>: the one way in which a command replaces what it made before.</summary>
internal static class Overwrite
{
    /// <summary>The option, the same for every command.</summary>
    public static Option<bool> Option() => new("--overwrite")
    {
        Description = "Replace what an earlier call of this command made there. Nothing else is ever replaced.",
    };
}
