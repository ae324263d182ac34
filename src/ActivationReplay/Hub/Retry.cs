using System.Globalization;

namespace ActivationReplay.Hub;

/// <summary>Tries again what may succeed later, after waits that double; a try that came further begins the count anew.</summary>
/// <param name="tries">The most tries in a row that come no further.</param>
/// <param name="first">The first wait.</param>
internal sealed class Retry(int tries, TimeSpan first)
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(60);

    // A server that asks for longer is answered after this long.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    /// <summary>Runs something until it succeeds.</summary>
    /// <param name="subject">What it is about, for the error.</param>
    /// <param name="attempt">One try; <see cref="TransientException"/> asks for another.</param>
    /// <param name="reached">How far it has come, in any unit.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="HubException">No try succeeded.</exception>
    public async Task<T> Run<T>(string subject, Func<Task<T>> attempt, Func<long> reached, CancellationToken cancel)
    {
        for (var failed = 0; ;)
        {
            var before = reached();
            try
            {
                return await attempt().ConfigureAwait(false);
            }
            catch (TransientException e)
            {
                failed = reached() > before ? 1 : failed + 1;
                if (failed >= tries)
                {
                    throw new HubException(
                        subject, string.Create(CultureInfo.InvariantCulture, $"{e.Message}, at {tries} tries; the same command goes on later"), e);
                }

                await Task.Delay(Wait(failed, e.Wait), cancel).ConfigureAwait(false);
            }
        }
    }

    private TimeSpan Wait(int failed, TimeSpan? asked)
    {
        if (asked is { } wait)
        {
            return wait < s_patience ? wait : s_patience;
        }

        var own = first * Math.Pow(2, failed - 1);
        // Processes that failed together do not come back together.
        return (own < s_longest ? own : s_longest) * (0.75 + (0.5 * Jitter()));
    }

#pragma warning disable CA5394 // no secret
    private static double Jitter() => Random.Shared.NextDouble();
#pragma warning restore CA5394
}
