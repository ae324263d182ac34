using System.Globalization;
using ActivationReplay.Inputs;
using ActivationReplay.Replay.Recordings;

namespace ActivationReplay.Ablations.Execution;

/// <summary>
/// Recordings of a stretch of questions on disk, where one model is in memory at a time: what the model that goes leaves for the
/// one that comes. Safe for several threads, each with questions of its own.
/// </summary>
internal sealed class RecordingShelf : IDisposable
{
    private readonly ReplayPair pair;
    private readonly string folder;

    /// <summary>Begins with an empty folder; one that an interrupted run left is deleted.</summary>
    public RecordingShelf(ReplayPair pair, string folder)
    {
        (this.pair, this.folder) = (pair, folder);
        Clear();
    }

    /// <summary>Writes the recordings of a role that a question's context holds.</summary>
    /// <param name="question">The question's index.</param>
    /// <param name="context">Its context.</param>
    /// <param name="role">Whose recordings.</param>
    /// <param name="withStates">Whether states are read from them later; entropies and targets always are kept.</param>
    public void Keep(int question, ReplayContext context, ModelRole role, bool withStates)
    {
        Directory.CreateDirectory(folder);
        foreach (var held in context.Held.Where(h => h.Role == role))
        {
            RecordingFile.Save(
                PathOf(question, role, held.PrefillRatio), held.Recording, KeyOf(role, context.Inputs, held.PrefillRatio), withStates);
        }
    }

    /// <summary>Gives a question's context what the other model left for it.</summary>
    public void Give(int question, ReplayContext context)
    {
        foreach (var role in Enum.GetValues<ModelRole>())
        {
            foreach (var path in Directory.Exists(folder) ? Directory.GetFiles(folder, Prefix(question, role) + "*") : [])
            {
                var name = Path.GetFileNameWithoutExtension(path);
                var ratio = double.Parse(name[(name.LastIndexOf('_') + 1)..], CultureInfo.InvariantCulture);
                // The other model uses it, where that is.
                context.Use(role, RecordingFile.Load(path, KeyOf(role, context.Inputs, ratio), pair.DeviceOf(1 - role)), ratio);
            }
        }
    }

    /// <summary>Deletes what is there.</summary>
    public void Clear()
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public void Dispose() => Clear();

    private RecordingKey KeyOf(ModelRole role, ModelInputs inputs, double ratio) =>
        RecordingKey.Of(role == ModelRole.Base ? pair.Checkpoints.Base : pair.Checkpoints.Rlvr, inputs, ratio);

    private string PathOf(int question, ModelRole role, double ratio) =>
        Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{Prefix(question, role)}{ratio:R}.safetensors"));

    private static string Prefix(int question, ModelRole role) => string.Create(CultureInfo.InvariantCulture, $"{question}_{role}_");
}
