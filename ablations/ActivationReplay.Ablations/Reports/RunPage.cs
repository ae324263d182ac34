using ActivationReplay.Ablations.Storage;
using ActivationReplay.Files;

namespace ActivationReplay.Ablations.Reports;

/// <summary>Writes what people look at: plots/*.png and report.html. No model is needed.</summary>
internal static class RunPage
{
    /// <summary>The page's file name.</summary>
    public const string FileName = "report.html";

    /// <summary>Folder of the plots.</summary>
    public const string Plots = "plots";

    /// <summary>A note for the user on the plots; null if there is none.</summary>
    public static string? Note => PlotFont.Note;

    /// <summary>Draws and writes all into the run's folder.</summary>
    /// <param name="folder">The run's folder, with its run.json.</param>
    /// <param name="report">Its tables.</param>
    /// <param name="entries">Its journal.</param>
    public static void Write(string folder, RunReport report, IEnumerable<JournalEntry> entries)
    {
        Directory.CreateDirectory(Path.Combine(folder, Plots));
        var figures = new List<(Figure Figure, byte[] Light, byte[] Dark)>();
        foreach (var figure in RunFigures.Of(report))
        {
            figures.Add((figure, figure.Draw(PlotTheme.Light), figure.Draw(PlotTheme.Dark)));
            AtomicFile.WriteBytes(Path.Combine(folder, Plots, figure.Name + ".png"), figures[^1].Light);
        }

        AtomicFile.WriteText(Path.Combine(folder, FileName), ReportPage.Of(RunManifest.Read(folder), report, entries, figures));
    }
}
