namespace ActivationReplay.Evaluation.Datasets;

/// <summary>
/// Data sets by their names in VLMEvalKit, as <c>MathVista_MINI</c>: <c>NAME.tsv</c> in the folder that VLMEvalKit downloads them to.
/// </summary>
public static class LmuData
{
    /// <summary>The environment variable that names the folder.</summary>
    public const string Variable = "LMUData";

    /// <summary>The folder: that of the variable <c>LMUData</c> where it is there, else <c>~/LMUData</c>.</summary>
    public static string Folder => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named && Directory.Exists(named)
        ? Path.GetFullPath(named)
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), "LMUData");

    /// <summary>The file of a name, or null: where a file of that name is there itself, where the text is no plain name, or where there is no such data set.</summary>
    public static string? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var file = Path.Combine(Folder, name + ".tsv");
        return IsName(name) && !File.Exists(name) && File.Exists(file) ? file : null;
    }

    // One word without a folder.
    private static bool IsName(string text) => text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '+');
}
