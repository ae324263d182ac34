namespace ActivationReplay.Ablations.Storage;

/// <summary>The environment in which a part of a run was computed: versions, source and machine.</summary>
public sealed record RunEnvironment
{
    /// <summary>Version of this project.</summary>
    public required string Project { get; init; }

    /// <summary>The commit that the program was built from, or null where it was built outside of git.</summary>
    public string? GitCommit { get; init; }

    /// <summary>
    /// Whether the repository's files differed from that commit; null where the program is in no such repository.
    /// </summary>
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

    /// <summary>The device of the models.</summary>
    public required string Device { get; init; }

    /// <summary>Threads of one tensor operation.</summary>
    public int Threads { get; init; }

    /// <summary>Questions that were computed side by side.</summary>
    public int Workers { get; init; }
}

/// <summary>One start of a run.</summary>
/// <param name="Command">The command line.</param>
/// <param name="Started">UTC.</param>
/// <param name="Environment">The environment.</param>
public sealed record RunSession(string Command, string Started, RunEnvironment Environment);
