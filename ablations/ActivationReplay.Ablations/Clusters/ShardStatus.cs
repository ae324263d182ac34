using ActivationReplay.Ablations.Configuration;

namespace ActivationReplay.Ablations.Clusters;

/// <summary>How far a shard is.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Done">Answers without an error.</param>
/// <param name="Failed">Error rows.</param>
/// <param name="Answers">Answers that it is to hold.</param>
/// <param name="State">In a word or two.</param>
/// <param name="Where">Where it runs and how long, why it waits, or what to look at.</param>
internal sealed record ShardStatus(Shard Shard, long Done, long Failed, long Answers, string State, string Where);

/// <summary>How far a run is, of whatever computes its shards.</summary>
/// <param name="Shards">Its shards, from the first.</param>
/// <param name="Note">What else there is to say, or null.</param>
/// <param name="IsOver">Whether nothing of it runs or waits any more.</param>
internal sealed record RunStatus(IReadOnlyList<ShardStatus> Shards, string? Note, bool IsOver);
