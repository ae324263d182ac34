using System.Diagnostics;

namespace ActivationReplay.Replay.Recordings;

/// <summary>Wall-clock seconds of what the methods on one prompt share, and which of it was asked for.</summary>
public sealed class SharedTimes
{
    private readonly Dictionary<ModelRole, double> vision = [];
    private readonly Dictionary<Recording, double> recordings = [];
    private readonly HashSet<ModelRole> encoded = [];
    private readonly HashSet<Recording> used = [];
    private double nested;

    /// <summary>All seconds so far, each piece of work once.</summary>
    public double Total => vision.Values.Sum() + recordings.Values.Sum();

    /// <summary>Seconds of the vision tower passes that were asked for since <see cref="Begin"/>, whenever they ran.</summary>
    public double Vision => encoded.Sum(role => vision[role]);

    /// <summary>Seconds of the recordings that were asked for since <see cref="Begin"/>, whenever they ran.</summary>
    public double Recordings => used.Sum(Of);

    /// <summary>Seconds that a recording took, without the vision tower's pass before it; 0 where it came from disk.</summary>
    public double Of(Recording recording) => recordings.GetValueOrDefault(recording);

    /// <summary>Forgets what was asked for, not what it took.</summary>
    public void Begin()
    {
        encoded.Clear();
        used.Clear();
    }

    internal T Encode<T>(ModelRole role, Func<T> work)
    {
        var watch = Stopwatch.StartNew();
        var result = work();
        vision[role] = watch.Elapsed.TotalSeconds;
        nested += vision[role];
        return result;
    }

    internal Recording Record(Func<Recording> work)
    {
        var watch = Stopwatch.StartNew();
        nested = 0;
        var result = work();
        recordings[result] = watch.Elapsed.TotalSeconds - nested;
        return result;
    }

    internal void Use(ModelRole role) => encoded.Add(role);

    internal Recording Use(Recording recording)
    {
        used.Add(recording);
        return recording;
    }
}
