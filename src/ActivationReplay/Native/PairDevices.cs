using static TorchSharp.torch;

namespace ActivationReplay.Native;

/// <summary>The devices of the two models of a pair, by name.</summary>
/// <param name="Base">Of base.</param>
/// <param name="Rlvr">Of RLVR.</param>
public sealed record PairDevices(string Base, string Rlvr)
{
    /// <summary>The forms that there are.</summary>
    public const string Forms = $"{ComputeDevice.Names}, or base=DEVICE,rlvr=DEVICE";

    private const string BaseKey = "base", RlvrKey = "rlvr";

    /// <summary>Reads one device for both models, or one for each, in any order. The devices need not be there.</summary>
    /// <param name="text"><c>cuda:1</c>, or <c>base=cuda:0,rlvr=cuda:1</c>.</param>
    /// <exception cref="ArgumentException">It is of another form; the message says what is allowed.</exception>
    public static PairDevices Parse(string text)
    {
        if (!text.Contains('=', StringComparison.Ordinal))
        {
            return new PairDevices(Checked(text, text), text);
        }

        var parts = text.Split(',', StringSplitOptions.TrimEntries).Select(part => part.Split('=', 2, StringSplitOptions.TrimEntries)).ToList();
        foreach (var key in parts.Select(part => part[0]).Where(key => key is not (BaseKey or RlvrKey)))
        {
            throw new ArgumentException($"device '{text}': '{key}' is none of the two models, {BaseKey} and {RlvrKey}");
        }

        return new PairDevices(Of(BaseKey), Of(RlvrKey));

        string Of(string key) => parts.Where(part => part[0] == key).ToList() switch
        {
            [[_, var name]] => Checked(name, text),
            [] => throw new ArgumentException($"device '{text}' says nothing of {key}; name both, as in base=cuda:0,rlvr=cuda:1"),
            [[_]] => throw new ArgumentException($"device '{text}': {key} has no device; as in base=cuda:0,rlvr=cuda:1"),
            _ => throw new ArgumentException($"device '{text}' names {key} twice"),
        };
    }

    /// <summary>The device of each. Loads libtorch.</summary>
    /// <exception cref="ArgumentException">One is not there; the message names it and says what there is.</exception>
    /// <exception cref="LibtorchException">libtorch cannot be loaded.</exception>
    public (Device Base, Device Rlvr) Open() => (ComputeDevice.Parse(Base), ComputeDevice.Parse(Rlvr));

    /// <summary>The form that <see cref="Parse"/> reads: one name where both are the same.</summary>
    public override string ToString() => Base == Rlvr ? Base : $"{BaseKey}={Base},{RlvrKey}={Rlvr}";

    private static string Checked(string name, string text) => ComputeDevice.IsName(name)
        ? name
        : throw new ArgumentException($"device '{text}'{(name == text ? "" : $": '{name}'")}: no such name; allowed are {Forms}. {ComputeDevice.There()}");
}
