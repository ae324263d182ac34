using System.Diagnostics;

namespace ActivationReplay.Replay.Recordings;

/// <summary>Wall-clock seconds of the work that methods on one prompt share, and which of it a method has used.</summary>
public sealed class SharedTimes
{
    private readonly Dictionary<ModelRole, double> vision = [];
    private readonly Dictionary<Recording, double> recordings = [];
    private readonly HashSet<ModelRole> encoded = [];
    private readonly HashSet<Recording> used = [];
    private double nested;

    /// <summary>The seconds of all shared work so far, each piece counted once.</summary>
    public double Total => vision.Values.Sum() + recordings.Values.Sum();

    /// <summary>The seconds of the vision tower passes that were used since <see cref="Begin"/>, whenever they ran.</summary>
    public double Vision => encoded.Sum(role => vision[role]);

    /// <summary>The seconds of the recordings that were used since <see cref="Begin"/>, whenever they ran.</summary>
    public double Recordings => used.Sum(Of);

    /// <summary>The seconds that a recording took, without the vision tower's pass; 0 if it was given.</summary>
    public double Of(Recording recording) => recordings.GetValueOrDefault(recording);

    /// <summary>Begins a new method: nothing counts as used, and seconds are kept.</summary>
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

    // Parts of a question's answers ask for the encoded prompt side by side.
    internal void Use(ModelRole role)
    {
        lock (encoded)
        {
            encoded.Add(role);
        }
    }

    internal Recording Use(Recording recording)
    {
        used.Add(recording);
        return recording;
    }
}
