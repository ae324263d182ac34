using System.Globalization;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>A configuration cannot be used.</summary>
/// <param name="file">The file, or <c>--set</c>.</param>
/// <param name="line">The line, from 1; 0 where there is none.</param>
/// <param name="problem">The key, what is wrong and what is allowed.</param>
public sealed class ConfigurationException(string file, long line, string problem)
    : Exception(line > 0 ? string.Create(CultureInfo.InvariantCulture, $"{file}, line {line}: {problem}") : $"{file}: {problem}")
{
    /// <summary>The file, or <c>--set</c>.</summary>
    public string File { get; } = file;

    /// <summary>The line, from 1; 0 where there is none.</summary>
    public long Line { get; } = line;
}
