using System.CommandLine;
using ActivationReplay.Native;

namespace ActivationReplay.Ablations.Commands;

/// <summary>Which libtorch a command computes with. Of every command, and applied before any begins.</summary>
internal sealed class LibtorchOptions
{
    /// <summary>The option that names the folder.</summary>
    public const string FolderName = "--libtorch";

    /// <summary>The option that goes on in spite of what is missing.</summary>
    public const string UncheckedName = "--libtorch-unchecked";

    private readonly Option<string?> folder = new(FolderName)
    {
        Description = "Computes with an installed libtorch: the folder torch/lib of a PyTorch, or an unpacked one. "
            + $"Default: {Libtorch.FolderVariable}, else the build's own.",
        HelpName = "DIR",
        Recursive = true,
    };

    private readonly Option<bool> isUnchecked = new(UncheckedName)
    {
        Description = "Takes it even if it lacks functions that are needed: the process ends where one is called.",
        Recursive = true,
    };

    public void AddTo(RootCommand root)
    {
        root.Options.Add(folder);
        root.Options.Add(isUnchecked);
    }

    /// <summary>Chooses it; it is looked at when libtorch is loaded.</summary>
    /// <exception cref="LibtorchException">libtorch is loaded already, from elsewhere.</exception>
    /// <exception cref="ArgumentException">The folder's name is empty, or none is given to go on with.</exception>
    public void Apply(ParseResult parsed)
    {
        var chosen = parsed.GetValue(folder);
        var goOn = parsed.GetValue(isUnchecked);
        if (chosen is not null)
        {
            Libtorch.Use(chosen.Length > 0 ? chosen : throw new ArgumentException($"{FolderName}: the name of a folder is missing"), goOn);
        }
        else if (goOn)
        {
            Libtorch.Use(
                Environment.GetEnvironmentVariable(Libtorch.FolderVariable) is { Length: > 0 } named
                    ? named
                    : throw new ArgumentException($"{UncheckedName} is about an installed libtorch: give {FolderName} DIR, too"),
                isUnchecked: true);
        }
    }

    /// <summary>The options that make another process of ours choose as this one did.</summary>
    public static IReadOnlyList<string> Arguments() => Libtorch.Asked is { } asked
        ? [FolderName, asked.Folder, .. asked.IsUnchecked ? [UncheckedName] : Array.Empty<string>()]
        : [];
}
