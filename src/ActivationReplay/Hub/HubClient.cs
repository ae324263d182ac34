using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using ActivationReplay.Checkpoints;

namespace ActivationReplay.Hub;

/// <summary>Sends requests to the hub: follows redirects with the token at home, and says what an answer means.</summary>
internal sealed class HubClient : IDisposable
{
    private const int MostHops = 5;

    private readonly HubSettings _settings;
    private readonly HttpClient _http;

    public HubClient(HubSettings settings)
    {
        _settings = settings;
        // Redirects are followed here: the handler would drop the token, or keep it, by rules of its own.
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(20) })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("activation-replay");
    }

    /// <summary>How long a server may be silent.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The address of a revision's description.</summary>
    public Uri ListingOf(HubId id) => Address($"api/models/{id.Repository}/revision/{Uri.EscapeDataString(id.Revision)}?blobs=true");

    /// <summary>The address of a file.</summary>
    public Uri FileOf(HubId id, string commit, string name) =>
        Address($"{id.Repository}/resolve/{commit}/{string.Join('/', name.Split('/').Select(Uri.EscapeDataString))}");

    /// <summary>Asks for an address, from a byte on.</summary>
    /// <param name="id">The model, for errors.</param>
    /// <param name="method">GET or HEAD. HEAD stops where another host has the file: the hub itself says what it is.</param>
    /// <param name="address">The address.</param>
    /// <param name="from">The first byte that is wanted.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The headers of a good answer, or of 416, whose body is still to be read; of HEAD of a redirect, too.</returns>
    /// <exception cref="HubException">The hub refuses.</exception>
    /// <exception cref="TransientException">It failed, and may not the next time.</exception>
    public async Task<HttpResponseMessage> Send(HubId id, HttpMethod method, Uri address, long from, CancellationToken cancel)
    {
        for (var hop = 0; hop <= MostHops; hop++)
        {
            var response = await Once(method, address, from, cancel).ConfigureAwait(false);
            if (response is
                {
                    StatusCode: HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
                or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect, Headers.Location: { } location
                })
            {
                var next = new Uri(address, location);
                if (method == HttpMethod.Head && !IsHome(next))
                {
                    return response;
                }

                response.Dispose();
                address = next.Scheme == Uri.UriSchemeHttps || (next.Scheme == Uri.UriSchemeHttp && address.Scheme == Uri.UriSchemeHttp)
                    ? next
                    : throw new HubException(id.Name, $"{address.Host} redirects to {next.Scheme}://{next.Host}, which is not safe; refused");
                continue;
            }

            if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                return response;
            }

            using (response)
            {
                throw Refusal(id, address, response);
            }
        }

        throw new HubException(id.Name, $"{address.Host} redirects in a circle");
    }

    /// <summary>Runs a read of a body; silence and broken connections are <see cref="TransientException"/>.</summary>
    public async Task<T> Patiently<T>(string host, Func<CancellationToken, Task<T>> read, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        try
        {
            return await read(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new TransientException(string.Create(CultureInfo.InvariantCulture, $"{host} was silent for {Patience.TotalSeconds:0} s"));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new TransientException($"the connection to {host} broke: {(e.InnerException ?? e).Message}", cause: e);
        }
    }

    public void Dispose() => _http.Dispose();

    private Uri Address(string path) => new(_settings.Endpoint.AbsoluteUri.TrimEnd('/') + "/" + path);

    private bool IsHome(Uri address) =>
        (address.Scheme, address.Host, address.Port) == (_settings.Endpoint.Scheme, _settings.Endpoint.Host, _settings.Endpoint.Port);

    private async Task<HttpResponseMessage> Once(HttpMethod method, Uri address, long from, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, address);
        // Sizes and hashes are of the file itself.
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        if (from > 0)
        {
            request.Headers.Range = new RangeHeaderValue(from, null);
        }

        if (_settings.Token is { } token && IsHome(address))
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return await Patiently(
            address.Host, stop => _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop), cancel).ConfigureAwait(false);
    }

    private Exception Refusal(HubId id, Uri address, HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        var said = string.Create(CultureInfo.InvariantCulture, $"{address.Host} answers {status}");
        if (status is 408 or 425 or 429 or >= 500 || !IsHome(address))
        {
            // Elsewhere the address is a signed one, which expires: the next try gets a new one.
            return new TransientException(said, response.Headers.RetryAfter switch
            {
                { Delta: { } seconds } => seconds,
                { Date: { } date } => TimeSpan.FromTicks(Math.Max(0, (date - DateTimeOffset.UtcNow).Ticks)),
                _ => null,
            });
        }

        var reason = response.Headers.TryGetValues("X-Error-Code", out var codes) ? codes.First() : null;
        var page = $"{_settings.Endpoint.AbsoluteUri.TrimEnd('/')}/{id.Repository}";
        return new HubException(id.Name, (status, reason) switch
        {
            (_, "GatedRepo") => $"{said}: its terms must be accepted once, at {page}"
                + (_settings.Token is null ? "; then set HF_TOKEN or log in with `hf auth login`" : " by the account of this token"),
            (404, "RevisionNotFound") => $"{said}: the model has no revision {id.Revision}",
            (404, "EntryNotFound") => $"{said}: {Uri.UnescapeDataString(address.AbsolutePath)} is not there",
            (404, _) => $"{said}: there is no such model or revision, see {page}",
            (401 or 403, _) when _settings.Token is null => $"{said}: there is no such model, or it is not open to everyone: set HF_TOKEN or log in with `hf auth login`, see {page}",
            (401 or 403, _) => $"{said}: the token (HF_TOKEN, or of `hf auth login`) is not valid or may not read this model, see {page}",
            _ => said,
        });
    }
}
