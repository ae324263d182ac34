namespace ActivationReplay.Replay.Methods;

/// <summary>Prepares one after another; where one fails, what those before it hold is freed.</summary>
internal static class PreparedTogether
{
    /// <summary>A preparation of each.</summary>
    public static IReadOnlyList<Preparation> Each<T>(IReadOnlyList<T> all, Func<T, Preparation> prepare) => Make(all, prepare, p => p.Dispose());

    /// <summary>Several preparations of each.</summary>
    public static IReadOnlyList<IReadOnlyList<Preparation>> Lists<T>(IReadOnlyList<T> all, Func<T, IReadOnlyList<Preparation>> prepare) =>
        Make(all, prepare, Free);

    /// <summary>Frees preparations.</summary>
    public static void Free(IEnumerable<Preparation?> prepared)
    {
        foreach (var one in prepared)
        {
            one?.Dispose();
        }
    }

    private static List<TMade> Make<T, TMade>(IReadOnlyList<T> all, Func<T, TMade> make, Action<TMade> free)
    {
        var made = new List<TMade>(all.Count);
        try
        {
            foreach (var one in all)
            {
                made.Add(make(one));
            }

            return made;
        }
        catch
        {
            made.ForEach(free);
            throw;
        }
    }
}
