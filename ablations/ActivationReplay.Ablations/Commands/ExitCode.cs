namespace ActivationReplay.Ablations.Commands;

/// <summary>The exit codes of the process.</summary>
public static class ExitCode
{
    /// <summary>All rows good.</summary>
    public const int Success = 0;

    /// <summary>Some rows failed.</summary>
    public const int RowsFailed = 1;

    /// <summary>Bad usage or configuration.</summary>
    public const int Usage = 2;

    /// <summary>A checkpoint (or libtorch) that cannot be used.</summary>
    public const int Checkpoint = 3;

    /// <summary>A fault of the program itself; its details are in a log.</summary>
    public const int Fault = 70;

    /// <summary>Ended by SIGTERM after some work, with <c>run --requeue</c>: a cluster is to queue it again. EX_TEMPFAIL of sysexits.h.</summary>
    public const int Requeue = 75;

    /// <summary>Interrupted with Ctrl+C; what was computed is written.</summary>
    public const int Interrupted = 130;

    /// <summary>Ended by SIGTERM; what was computed is written.</summary>
    public const int Terminated = 143;
}
