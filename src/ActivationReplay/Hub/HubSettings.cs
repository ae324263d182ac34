using ActivationReplay.Checkpoints;

namespace ActivationReplay.Hub;

/// <summary>Where the hub is, who asks, and where files go.</summary>
public sealed class HubSettings
{
    private static readonly string[] s_yes = ["1", "ON", "YES", "TRUE"];

    /// <summary>The hub's address.</summary>
    public Uri Endpoint { get; init; } = new("https://huggingface.co");

    /// <summary>The user's token, sent to <see cref="Endpoint"/> and to no other host; null asks as anyone.</summary>
    public string? Token { get; init; }

    /// <summary>Whether nothing may be asked of the hub.</summary>
    public bool IsOffline { get; init; }

    /// <summary>The cache.</summary>
    public HubCache Cache { get; init; } = HubCache.Here;

    /// <summary>
    /// The settings of the environment, as Hugging Face's tools read them: <c>HF_ENDPOINT</c>, <c>HF_TOKEN</c> or the file of
    /// <c>hf auth login</c> (<c>HF_TOKEN_PATH</c>, <c>token</c> in <c>HF_HOME</c>), <c>HF_HUB_OFFLINE</c>, and those of <see cref="HubCache.Here"/>.
    /// </summary>
    /// <exception cref="HubException">A variable holds what it cannot.</exception>
    public static HubSettings FromEnvironment() => Of(Environment.GetEnvironmentVariable);

    /// <summary>The settings that some environment variables hold.</summary>
    internal static HubSettings Of(Func<string, string?> variable) => new()
    {
        Endpoint = EndpointOf(variable("HF_ENDPOINT")),
        Token = TokenOf(variable),
        IsOffline = (First(variable, "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE") ?? "") is var offline && s_yes.Contains(offline.ToUpperInvariant()),
        Cache = HubCache.Of(variable),
    };

    private static Uri EndpointOf(string? text) => string.IsNullOrEmpty(text) ? new HubSettings().Endpoint
        : Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.UserInfo.Length == 0 ? address
        : throw new HubException("HF_ENDPOINT", "is no address of a hub; allowed is https://HOST");

    // What is wrong with a token is said without the token.
    private static string? TokenOf(Func<string, string?> variable)
    {
        var file = HubCache.Named(variable, "HF_TOKEN_PATH") ?? Path.Combine(HubCache.Home(variable), "token");
        var (source, text) = First(variable, "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN") is { } named ? ("HF_TOKEN", named)
            : File.Exists(file) ? (file, File.ReadAllText(file)) : ("", "");
        var token = text.Trim();
        return token.Length == 0 ? null
            : token.All(c => c is > ' ' and <= '~') ? token
            : throw new HubException(source, "holds characters that no token has; it is one word, as https://huggingface.co/settings/tokens shows it");
    }

    private static string? First(Func<string, string?> variable, params string[] names) =>
        names.Select(variable).FirstOrDefault(text => !string.IsNullOrEmpty(text));
}
