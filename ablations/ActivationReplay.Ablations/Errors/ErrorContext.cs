namespace ActivationReplay.Ablations.Errors;

/// <summary>Attaches context to exceptions: the question or file that was processed, and the run's folder.</summary>
internal static class ErrorContext
{
    private const string Subject = "ActivationReplay.Subject";
    private const string Folder = "ActivationReplay.Folder";

    /// <summary>Runs <paramref name="work"/> on a question or a file, which is attached to exceptions.</summary>
    public static T About<T>(string subject, Func<T> work) => Keep(Subject, subject, work);

    /// <inheritdoc cref="About{T}"/>
    public static void About(string subject, Action work) => About(subject, () =>
    {
        work();
        return true;
    });

    /// <summary>Runs <paramref name="work"/> for a run's folder, which is attached to exceptions.</summary>
    public static T In<T>(string folder, Func<T> work) => Keep(Folder, folder, work);

    /// <summary>The question or file that is attached to an exception; null if there is none.</summary>
    public static string? SubjectOf(Exception e) => Find(e, Subject);

    /// <summary>The run's folder that is attached to an exception; null if there is none.</summary>
    public static string? FolderOf(Exception e) => Find(e, Folder);

    private static T Keep<T>(string key, string value, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (!e.Data.IsReadOnly) // as that of an exception which the runtime keeps for the end of memory
        {
            // The innermost says the most.
            e.Data[key] ??= value;
            throw;
        }
    }

    private static string? Find(Exception e, string key) => e.Data[key] as string
        ?? (e is AggregateException all ? all.InnerExceptions : e.InnerException is { } inner ? [inner] : [])
            .Select(i => Find(i, key)).FirstOrDefault(found => found is not null);
}
