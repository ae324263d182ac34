using ActivationReplay.Hub;

namespace ActivationReplay.Ablations.Doctor;

/// <summary>The Hugging Face cache, and how the hub would be asked. The hub is not asked.</summary>
/// <param name="settings">Reads the settings of the environment.</param>
internal sealed class HubCheck(Func<HubSettings> settings) : ICheck
{
    public string Name => "hub";

    public Finding Run()
    {
        HubSettings hub;
        try
        {
            hub = settings();
        }
        catch (HubException e)
        {
            return Finding.Warn(e.Message, "Only `pull` needs it.");
        }

        var models = Directory.Exists(hub.Cache.Folder) ? Directory.GetDirectories(hub.Cache.Folder, "models--*").Length : 0;
        return Finding.Ok(
            FormattableString.Invariant($"{hub.Cache.Folder}, {models} models; {hub.Endpoint.Host}, {(hub.Token is null ? "no token" : "with a token")}")
            + (hub.IsOffline ? ", not to be asked (HF_HUB_OFFLINE)" : ""));
    }
}
