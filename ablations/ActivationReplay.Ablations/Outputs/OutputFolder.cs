using System.Globalization;
using ActivationReplay.Files;

namespace ActivationReplay.Ablations.Outputs;

/// <summary>
/// The folder that a command's option names. The command writes into a hidden folder in it; when it is done its files are
/// moved to their places, and with <c>--overwrite</c> those of the earlier call go. Until then the earlier ones stay as they are.
/// </summary>
internal sealed class OutputFolder : IDisposable
{
    private readonly string target;
    private readonly MadeBy made;
    private readonly MadeBy? earlier;
    private readonly bool keepUnfinished;
    private readonly bool isNew;
    private bool isDone;

    private OutputFolder(string target, MadeBy made, MadeBy? earlier, bool keepUnfinished)
    {
        (this.target, this.made, this.earlier, this.keepUnfinished) = (target, made, earlier, keepUnfinished);
        isNew = !Directory.Exists(target);
        Path = System.IO.Path.Combine(target, $".{made.Command}-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Path);
    }

    /// <summary>Where the command writes.</summary>
    public string Path { get; }

    /// <summary>Opens a folder, which is made.</summary>
    /// <param name="option">The option, for messages.</param>
    /// <param name="path">The folder.</param>
    /// <param name="command">The command's name.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="overwrite">Whether an earlier result of the same command is replaced.</param>
    /// <param name="keepUnfinished">Whether half a result has a use: it is moved in where it replaces nothing.</param>
    /// <exception cref="ArgumentException">The path is a file, or the folder holds an earlier result or something else.</exception>
    public static OutputFolder Open(
        string option, string path, string command, string arguments, bool overwrite, bool keepUnfinished)
    {
        var earlier = MadeBy.Read(path);
        Refuse(option, path, command, earlier, overwrite);
        var now = DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        return new OutputFolder(path, new MadeBy(command, arguments, now, Finished: true, []), earlier, keepUnfinished);
    }

    /// <summary>Moves the complete result into the output folder.</summary>
    /// <exception cref="IOException">A file of somebody else has the name of a new one.</exception>
    public void Commit() => MoveIn(isFinished: true);

    /// <summary>Moves an incomplete result into the output folder, unless it has an earlier result.</summary>
    /// <returns>The folder in which it is.</returns>
    public string CommitUnfinished()
    {
        isDone = true;
        if (earlier is null)
        {
            MoveIn(isFinished: false);
            return target;
        }

        return Path;
    }

    /// <summary>A command that came to no end leaves the folder as it was, but for what <c>keepUnfinished</c> keeps.</summary>
    public void Dispose()
    {
        if (isDone)
        {
            return;
        }

        if (keepUnfinished && Files(Path).Count > 0)
        {
            Console.Error.WriteLine($"what was computed until then is in {CommitUnfinished()}");
            return;
        }

        Directory.Delete(Path, recursive: true);
        if (isNew && IsEmpty(target))
        {
            Directory.Delete(target);
        }
    }

    private static void Refuse(string option, string path, string command, MadeBy? earlier, bool overwrite)
    {
        var content = FolderContents.Of(path);
        if (content.Count == 0)
        {
            return;
        }

        if (earlier is null)
        {
            throw new ArgumentException($"{option} {path} holds {FolderContents.Say(content)}, which {command} did not make there; name a new or empty folder.");
        }

        if (earlier.Command != command)
        {
            throw new ArgumentException($"{option} {path} holds what {earlier.Command} made ({earlier.Arguments}); name a new or empty folder.");
        }

        if (!overwrite)
        {
            var state = earlier.Finished ? "a result" : "an unfinished result";
            throw new ArgumentException($"{option} {path} holds {state} of {earlier.Made} ({earlier.Arguments}); name another folder, or --overwrite replaces it.");
        }
    }

    private void MoveIn(bool isFinished)
    {
        var files = Files(Path);
        var own = earlier?.Files ?? [];
        if (files.Find(f => !own.Contains(f) && File.Exists(At(f))) is { } foreign)
        {
            isDone = true;
            throw new IOException($"{At(foreign)} was not made by {made.Command} and has the name of a new file; the new files stay in {Path}.");
        }

        foreach (var file in files)
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(At(file))!);
            File.Move(System.IO.Path.Combine(Path, file), At(file), overwrite: true);
        }

        (made with { Finished = isFinished, Files = files }).Write(target);
        isDone = true;
        Directory.Delete(Path, recursive: true);
        foreach (var stale in own.Except(files).Select(At).Where(File.Exists))
        {
            File.Delete(stale);
            for (var folder = System.IO.Path.GetDirectoryName(stale)!; IsEmpty(folder); folder = System.IO.Path.GetDirectoryName(folder)!)
            {
                Directory.Delete(folder);
            }
        }
    }

    private string At(string file) => System.IO.Path.Combine(target, file);

    private static List<string> Files(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(f => System.IO.Path.GetRelativePath(folder, f).Replace(System.IO.Path.DirectorySeparatorChar, '/'))
            .Order(StringComparer.Ordinal),
    ];

    private static bool IsEmpty(string folder) => !Directory.EnumerateFileSystemEntries(folder).Any();
}
