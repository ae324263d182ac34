using System.Text.Json;
using ActivationReplay.Text;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>Rows of a <c>.jsonl</c> or <c>.json</c> file that ask for a conversation with a tool: <c>"agent": true</c>.</summary>
public static class AgentRows
{
    /// <summary>Whether a row asks for a conversation.</summary>
    /// <exception cref="FormatException">The key is neither true nor false.</exception>
    internal static bool Asks(JsonElement row) => row.TryGetProperty("agent", out var agent) && IsTrue(agent);

    /// <summary>The value of the key.</summary>
    /// <exception cref="FormatException">It is neither true nor false.</exception>
    internal static bool IsTrue(JsonElement agent) => agent.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False or JsonValueKind.Null => false,
        _ => throw new FormatException("'agent' is true or false"),
    };

    /// <summary>
    /// How many rows can be read, and how many of them ask; 0 of 0 for other forms. What is wrong with the others, reading the data set
    /// says.
    /// </summary>
    /// <exception cref="DatasetException">The file cannot be read.</exception>
    public static (int Rows, int Asking) Count(string path)
    {
        var (rows, asking) = (0, 0);
        try
        {
            foreach (var text in Path.GetExtension(path).ToUpperInvariant() switch
            {
                ".JSONL" => TextFile.ReadLines(path).Where(l => !string.IsNullOrWhiteSpace(l)),
                ".JSON" => [TextFile.Read(path)],
                _ => Array.Empty<string>(),
            })
            {
                var asked = Asked(text);
                rows += asked.Count;
                asking += asked.Count(a => a);
            }

            return (rows, asking);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new DatasetException(path, $"it cannot be read: {e.Message}", e);
        }
    }

    // Of an object, or of those in a list.
    private static List<bool> Asked(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            IEnumerable<JsonElement> all = json.RootElement.ValueKind == JsonValueKind.Array ? json.RootElement.EnumerateArray() : [json.RootElement];
            return [.. all.Where(row => row.ValueKind == JsonValueKind.Object).Select(Asks)];
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return [];
        }
    }
}
