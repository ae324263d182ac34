using System.CommandLine;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;

namespace ActivationReplay.Ablations.Commands;

/// <summary>A method and its settings: an option a key of the section <c>replay</c>. The defaults are the published ones for the model's depth.</summary>
internal sealed class ReplayOptions
{
    private readonly Option<string> method = new Option<string>("--method", "-m")
    {
        Description = "The method that is compared with base and RLVR.",
        DefaultValueFactory = _ => "replay",
    }.AcceptOnlyFromAmong([.. ReplayMethods.Ids]);

    // --seed is that of generation, and serves both.
    private readonly KeyOptions options = KeyOptions.OfSettings("seed");

    public void AddTo(Command command)
    {
        command.Options.Add(method);
        options.AddTo(command);
    }

    /// <summary>The method that is asked for, with its settings.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="modelLayers">L, for defaults.</param>
    /// <param name="seed">Of random selection and jittered views.</param>
    /// <exception cref="ConfigurationException">A value is not allowed, or the method has no such setting.</exception>
    public AskedMethod Read(ParseResult parsed, int modelLayers, ulong seed)
    {
        var name = parsed.GetRequiredValue(method);
        var settings = ReplayMethods.Get(name).Defaults(modelLayers);
        foreach (var value in options.Given(parsed).Select(v => v[0]))
        {
            var key = SettingKeys.Find(value, value.Key[SettingKeys.Section.Length..]);
            settings = key.IsOf(settings)
                ? key.Set(settings, value, modelLayers)
                : throw new ConfigurationException(
                    value.File, 0, $"{name} has no such setting; it has {string.Join(", ", SettingKeys.Of(settings).Select(k => $"--{k.Name}"))}");
        }

        return new AskedMethod(name, settings is DivergenceSettings drawn ? drawn with { Seed = seed } : settings);
    }
}
