using System.Text.Json;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Files;

namespace ActivationReplay.Ablations.Outputs;

/// <summary><c>made-by.json</c>: which command made a folder, and which of its files.</summary>
/// <param name="Command">The command's name.</param>
/// <param name="Arguments">The command line.</param>
/// <param name="Made">When, UTC.</param>
/// <param name="Finished">Whether it came to its end.</param>
/// <param name="Files">What it wrote, relative to the folder, with forward slashes.</param>
internal sealed record MadeBy(string Command, string Arguments, string Made, bool Finished, IReadOnlyList<string> Files)
{
    public const string FileName = "made-by.json";

    /// <summary>The mark of a folder, or null where it has none.</summary>
    /// <exception cref="InvalidDataException">The file is no such mark.</exception>
    public static MadeBy? Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            var made = File.Exists(path) ? JsonSerializer.Deserialize<MadeBy>(File.ReadAllText(path), JournalJson.Options) : null;

            // What it names may be deleted: nothing outside the folder is believed.
            return made?.Files.FirstOrDefault(f => Path.IsPathRooted(f) || f.Split('/', '\\').Contains("..")) is { } outside
                ? throw new JsonException($"'{outside}' is outside the folder.")
                : made;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is not what a command of this program wrote: {e.Message} Name another folder.", e);
        }
    }

    public void Write(string folder) =>
        AtomicFile.WriteText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, JournalJson.Indented) + "\n");
}
