using System.Globalization;
using System.Text;
using ActivationReplay.Ablations.Errors;
using ActivationReplay.Ablations.Storage;

namespace ActivationReplay.Ablations.Commands;

/// <summary>The details of a fault of the program, for whoever is to mend it.</summary>
internal static class ErrorLog
{
    /// <summary>
    /// Writes a new file: in the run's folder where there is one, else in the user's folder for application data, else in the
    /// folder for temporary files.
    /// </summary>
    /// <returns>Its path; where no file can be written, a sentence that says so.</returns>
    public static string Write(Exception e, IReadOnlyList<string> command)
    {
        var now = DateTime.UtcNow;
        var name = string.Create(CultureInfo.InvariantCulture, $"error-{now:yyyyMMdd-HHmmss}-{Environment.ProcessId}.log");
        var text = Text(e, command, now);
        var problem = "";
        foreach (var folder in Folders(e))
        {
            try
            {
                Directory.CreateDirectory(folder);
                var path = Path.Combine(folder, name);
                File.WriteAllText(path, text);
                return path;
            }
            catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
            {
                problem = cause.Message;
            }
        }

        return $"no file, for none can be written: {problem}";
    }

    private static IEnumerable<string> Folders(Exception e)
    {
        if (ErrorContext.FolderOf(e) is { } run)
        {
            yield return run;
        }

        var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        if (data.Length > 0)
        {
            yield return Path.Combine(data, "ActivationReplay", "errors");
        }

        yield return Path.GetTempPath();
    }

    private static string Text(Exception e, IReadOnlyList<string> command, DateTime now)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{now:yyyy-MM-dd HH:mm:ss} UTC\n");
        text.Append(CultureInfo.InvariantCulture, $"command: {CommandLines.Join(command)}\n");
        text.Append(CultureInfo.InvariantCulture, $"at hand: {ErrorContext.SubjectOf(e) ?? "not known"}\n");
        text.Append(CultureInfo.InvariantCulture, $"built from: {EnvironmentReader.Source(AppContext.BaseDirectory).Commit ?? "no commit"}\n");
        text.Append(CultureInfo.InvariantCulture, $"memory: {Environment.WorkingSet} bytes of {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes}\n\n");
        text.Append(e).Append('\n');
        return text.ToString();
    }
}
