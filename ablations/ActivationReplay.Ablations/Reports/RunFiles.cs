using ActivationReplay.Ablations.Storage;

namespace ActivationReplay.Ablations.Reports;

/// <summary>All files that are made of a run's journal: tables, summary, plots and page.</summary>
internal static class RunFiles
{
    /// <summary>Writes them, each whole or not at all.</summary>
    /// <param name="folder">The run's folder, with its run.json.</param>
    /// <param name="report">Its tables.</param>
    /// <param name="entries">Its journal.</param>
    public static void Write(string folder, RunReport report, IEnumerable<JournalEntry> entries)
    {
        report.Write(folder);
        RunPage.Write(folder, report, entries);
    }

    /// <summary>Deletes them: the run begins anew.</summary>
    public static void Delete(string folder)
    {
        foreach (var name in RunReport.Files.Append(RunPage.FileName))
        {
            File.Delete(Path.Combine(folder, name));
        }

        if (Directory.Exists(Path.Combine(folder, RunPage.Plots)))
        {
            Directory.Delete(Path.Combine(folder, RunPage.Plots), recursive: true);
        }
    }
}
