using ActivationReplay.Ablations.Storage;
using ActivationReplay.Files;

namespace ActivationReplay.Ablations.Clusters;

/// <summary>Writes job files into a run's folder, and leaves those alone that somebody edited.</summary>
/// <param name="run">The run's folder.</param>
/// <param name="say">Told which file is used as it was edited.</param>
internal sealed class JobFolder(string run, Action<string> say)
{
    /// <summary>The path of a job file.</summary>
    public static string PathOf(string run, string name) => Path.Combine(run, Submission.Jobs, name);

    /// <summary>Writes the files and <c>submission.json</c>.</summary>
    /// <param name="submission">The run's shards, and what an earlier call wrote.</param>
    /// <param name="texts">The text of each file.</param>
    /// <returns>The submission with what was written.</returns>
    /// <exception cref="ArgumentException">A file was edited, and another text than the one that was edited is to be written.</exception>
    public Submission Write(Submission submission, params IReadOnlyList<(string Name, string Text)> texts)
    {
        foreach (var (name, text) in texts)
        {
            RefuseLoss(name, text, submission.Written.GetValueOrDefault(name));
        }

        Directory.CreateDirectory(Path.Combine(run, Submission.Jobs));
        foreach (var (name, text) in texts)
        {
            if (IsEdited(name, submission.Written.GetValueOrDefault(name)))
            {
                say($"{PathOf(run, name)} was edited, and is used as it is");
            }
            else
            {
                AtomicFile.WriteText(PathOf(run, name), text);
            }
        }

        var written = submission with { Written = texts.ToDictionary(t => t.Name, t => Submission.Hash(t.Text)) };
        written.Write(run);
        return written;
    }

    private void RefuseLoss(string name, string text, string? hash)
    {
        if (IsEdited(name, hash) && hash != Submission.Hash(text))
        {
            throw new ArgumentException(
                $"{PathOf(run, name)} was edited, and these options would write another; delete it to have it written anew, or give the options that wrote it.");
        }
    }

    private bool IsEdited(string name, string? hash) => File.Exists(PathOf(run, name)) && Submission.Hash(File.ReadAllText(PathOf(run, name))) != hash;
}
