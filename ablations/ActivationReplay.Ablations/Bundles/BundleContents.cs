using System.Text.Json;
using System.Text.RegularExpressions;
using ActivationReplay.Ablations.Storage;

namespace ActivationReplay.Ablations.Bundles;

/// <summary>A file of a bundle.</summary>
/// <param name="Name">Relative to the run's folder, with forward slashes.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Its hash, in hexadecimal.</param>
internal sealed record BundleFile(string Name, long Bytes, string Sha256);

/// <summary><c>bundle.json</c>: what a bundle holds, and, so that one need not read run.json for it, what its run is.</summary>
/// <param name="Form">The form of bundles; 1.</param>
/// <param name="Run">The run's name.</param>
/// <param name="BaseFingerprint">Of the base checkpoint.</param>
/// <param name="RlvrFingerprint">Of the RLVR checkpoint.</param>
/// <param name="Commands">The commands that computed it.</param>
/// <param name="Environments">The versions and machines that it was computed with.</param>
/// <param name="Files">All other files, sorted by name.</param>
internal sealed partial record BundleContents(
    int Form, string Run, string BaseFingerprint, string RlvrFingerprint, IReadOnlyList<string> Commands,
    IReadOnlyList<RunEnvironment> Environments, IReadOnlyList<BundleFile> Files)
{
    public const string FileName = "bundle.json";

    private const string ManifestName = "run.json";
    private const int Version = 1;
    private const int MostFiles = 1000;
    private const int HashLength = 64;

    /// <summary>The contents of a run.</summary>
    public static BundleContents Of(RunManifest manifest, IReadOnlyList<BundleFile> files) => new(
        Version,
        manifest.Config.Name,
        manifest.BaseFingerprint,
        manifest.RlvrFingerprint,
        [.. manifest.Sessions.Select(s => s.Command).DefaultIfEmpty(manifest.Command).Distinct()],
        [.. manifest.Sessions.Select(s => s.Environment).Distinct()],
        files);

    /// <summary>Reads the file. Its names may be joined with a folder afterwards.</summary>
    /// <exception cref="JsonException">It is of another form, or names a file that has no place in a run's folder.</exception>
    public static BundleContents Parse(byte[] json)
    {
        var contents = JsonSerializer.Deserialize<BundleContents>(json, JournalJson.Options) ?? throw new JsonException("It holds null.");
        if (contents is not { Run: not null, Commands: not null, Environments: not null, Files: not null })
        {
            throw new JsonException("It lacks the run's name, commands, environments or files.");
        }

        if (contents.Form != Version)
        {
            throw new JsonException($"Form {contents.Form} is of another version of this program, which reads {Version}.");
        }

        if (contents.Files.Count > MostFiles)
        {
            throw new JsonException($"It names {contents.Files.Count} files; a run has at most {MostFiles}.");
        }

        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var file in contents.Files)
        {
            if (file is not { Name: not null, Sha256: not null } || !IsPlain(file.Name) || !seen.Add(file.Name))
            {
                throw new JsonException($"'{file?.Name}' is no name of a run's file, or stands twice.");
            }

            if (file.Bytes < 0 || file.Sha256.Length != HashLength)
            {
                throw new JsonException($"'{file.Name}' has no size and SHA-256.");
            }
        }

        return seen.Contains(ManifestName) ? contents : throw new JsonException($"It names no {ManifestName}.");
    }

    /// <summary>The file's bytes.</summary>
    public byte[] ToJson() => [.. JsonSerializer.SerializeToUtf8Bytes(this, JournalJson.Indented), (byte)'\n'];

    /// <summary>Whether it says of the run what run.json says.</summary>
    public bool IsOf(RunManifest manifest) => Of(manifest, Files).ToJson().AsSpan().SequenceEqual(ToJson());

    // A file of the folder itself or of one folder in it: no root, no drive, no parent, nothing hidden.
    /// <summary>Whether a name is one that a bundle may hold.</summary>
    public static bool IsPlain(string name) => PlainName().IsMatch(name) && !name.Equals(FileName, StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"\A([A-Za-z0-9_][A-Za-z0-9._-]{0,63}/)?[A-Za-z0-9_][A-Za-z0-9._-]{0,127}\z")]
    private static partial Regex PlainName();
}
