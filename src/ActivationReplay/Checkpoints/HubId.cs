using System.Text.RegularExpressions;

namespace ActivationReplay.Checkpoints;

/// <summary>
/// A model of the Hugging Face hub: <c>ORG/NAME</c>, <c>ORG/NAME@REVISION</c>, and of a repository that holds a pair its folder
/// <c>base</c> or <c>rlvr</c> after a slash. <c>hf://</c> before it says that it is no folder of that name.
/// </summary>
/// <param name="Repository"><c>ORG/NAME</c>.</param>
/// <param name="Revision">A branch, a tag or a commit; <see cref="Main"/> where none is named.</param>
/// <param name="Part">The folder inside the repository, or null for its top.</param>
public sealed partial record HubId(string Repository, string Revision = HubId.Main, string? Part = null)
{
    /// <summary>The branch that a repository's name alone stands for.</summary>
    public const string Main = "main";

    /// <summary>What stands before an id so that it is one, whatever folders there are.</summary>
    public const string Scheme = "hf://";

    /// <summary>What its revision is called in messages and commands: <c>ORG/NAME</c>, or <c>ORG/NAME@REVISION</c>.</summary>
    public string Name => Revision == Main ? Repository : $"{Repository}@{Revision}";

    /// <summary>Reads an id; null where the text is of another form. Nothing is looked up.</summary>
    /// <param name="text">The id; a slash in a revision may be written as <c>%2F</c>.</param>
    public static HubId? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var match = Form().Match(text.Replace('\\', '/'));
        if (!match.Success)
        {
            return null;
        }

        var revision = match.Groups["revision"] is { Success: true } named ? named.Value.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase) : Main;
        var part = match.Groups["part"];
        return IsPlain(match.Groups["repository"].Value, "--", "..") && IsPlain(revision, "..", "//", "/.", "%")
            ? new HubId(match.Groups["repository"].Value, revision, part.Success ? part.Value : null)
            : null;
    }

    /// <summary>The id with its scheme, as <see cref="Parse"/> reads it.</summary>
    public override string ToString() =>
        Scheme + (Revision == Main ? Repository : $"{Repository}@{Revision.Replace("/", "%2F", StringComparison.Ordinal)}") + (Part is null ? "" : "/" + Part);

    // Both become names of folders.
    private static bool IsPlain(string text, params string[] refused) =>
        !refused.Any(part => text.Contains(part, StringComparison.Ordinal)) && text[^1] is not ('/' or '.');

    [GeneratedRegex(
        @"^(?:hf://)?(?<repository>[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95})(?:@(?<revision>[A-Za-z0-9][A-Za-z0-9._/%+-]*?))?(?:/(?<part>base|rlvr))?\z")]
    private static partial Regex Form();
}
