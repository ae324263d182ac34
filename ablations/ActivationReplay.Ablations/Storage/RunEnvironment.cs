namespace ActivationReplay.Ablations.Storage;

/// <summary>What computed a part of a run: versions, source and machine.</summary>
public sealed record RunEnvironment
{
    /// <summary>Version of this project.</summary>
    public required string Project { get; init; }

    /// <summary>The commit that was checked out, or null where this is no git checkout.</summary>
    public string? GitCommit { get; init; }

    /// <summary>Whether files differed from that commit.</summary>
    public bool? GitDirty { get; init; }

    /// <summary>The .NET runtime.</summary>
    public required string DotNet { get; init; }

    public required string TorchSharp { get; init; }

    public required string Libtorch { get; init; }

    /// <summary>System and architecture.</summary>
    public required string System { get; init; }

    /// <summary>The processor's name, where the system tells it.</summary>
    public string? Cpu { get; init; }

    /// <summary>Cores that the process may use.</summary>
    public int Cores { get; init; }

    /// <summary>Memory that the process may use, bytes.</summary>
    public long Memory { get; init; }

    /// <summary>Where the models were.</summary>
    public required string Device { get; init; }

    /// <summary>Threads of one tensor operation.</summary>
    public int Threads { get; init; }

    /// <summary>Questions that were computed side by side.</summary>
    public int Workers { get; init; }
}

/// <summary>One start of a run.</summary>
/// <param name="Command">The command line.</param>
/// <param name="Started">UTC.</param>
/// <param name="Environment">What computed it.</param>
public sealed record RunSession(string Command, string Started, RunEnvironment Environment);
