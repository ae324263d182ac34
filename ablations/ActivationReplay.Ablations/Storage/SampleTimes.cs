using CsvHelper.Configuration.Attributes;

namespace ActivationReplay.Ablations.Storage;

/// <summary>
/// The wall-clock seconds of an answer, or the mean of a cell's answers, and the memory of the process. Work that cells share
/// (vision, recording) counts whole in each cell that uses it; what runs as one batch (loop, prefill, decode) is divided
/// equally. Two runs of one configuration differ in nothing else.
/// </summary>
public sealed record SampleTimes
{
    /// <summary>Passes of the vision tower of the models that the cell uses.</summary>
    [Name("seconds_vision")] public double? Vision { get; init; }

    /// <summary>Recording of states, entropies, and the targets made of them.</summary>
    [Name("seconds_recording")] public double? Recording { get; init; }

    /// <summary>The optimisation loop.</summary>
    [Name("seconds_loop")] public double? Loop { get; init; }

    /// <summary>Prefill of the answering model.</summary>
    [Name("seconds_prefill")] public double? Prefill { get; init; }

    /// <summary>Decoding, sampling included.</summary>
    [Name("seconds_decode")] public double? Decode { get; init; }

    /// <summary>The largest resident memory of the process until then, bytes.</summary>
    [Name("memory_peak")] public long? MemoryPeak { get; init; }

    /// <summary>All seconds.</summary>
    [Ignore, System.Text.Json.Serialization.JsonIgnore]
    public double? Total => Vision + Recording + Loop + Prefill + Decode;

    /// <summary>Means of the seconds; the largest memory.</summary>
    public static SampleTimes Mean(IReadOnlyCollection<SampleTimes> all) => new()
    {
        Vision = all.Average(t => t.Vision),
        Recording = all.Average(t => t.Recording),
        Loop = all.Average(t => t.Loop),
        Prefill = all.Average(t => t.Prefill),
        Decode = all.Average(t => t.Decode),
        MemoryPeak = all.Max(t => t.MemoryPeak),
    };
}
