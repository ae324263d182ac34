using System.Globalization;
using Parquet;
using Parquet.Data;
using Parquet.Schema;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>A column of values, or of lists of values, that is read one row group at a time.</summary>
/// <param name="Field">The column.</param>
/// <param name="List">The list around it, or null.</param>
internal sealed record ParquetColumn(DataField Field, ListField? List)
{
    /// <summary>
    /// Whether an exception means that Parquet.Net cannot read the file. On damaged files it throws exceptions of many kinds, null
    /// references included.
    /// </summary>
    public static bool IsBadFile(Exception e) => e is not (OutOfMemoryException or IOException or UnauthorizedAccessException or DatasetException);

    /// <summary>Reads the cells of all rows of a row group.</summary>
    public async Task<IReadOnlyList<ParquetCell>> ReadAsync(ParquetRowGroupReader group)
    {
        using var data = await group.ReadRawColumnDataBaseAsync(Field).ConfigureAwait(false);
        var (values, isWhole) = Values(data);
        return [.. Rows(data, values, (int)group.RowCount).Select(items => new ParquetCell(items, isWhole))];
    }

    // Dremel's levels: a repetition level of 0 begins a row; the definition level says how deep the value is there.
    private List<List<object?>> Rows(RawColumnData data, List<object> values, int count)
    {
        var rows = new List<List<object?>>(count);
        var next = 0;
        var definitions = Field.MaxDefinitionLevel > 0 ? data.DefinitionLevels : default;
        var repetitions = Field.MaxRepetitionLevel > 0 ? data.RepetitionLevels : default;
        var itemLevel = Field.MaxRepetitionLevel == 0 ? 0 : List?.MaxDefinitionLevel ?? Field.MaxDefinitionLevel;
        var entries = definitions.IsEmpty ? values.Count : definitions.Length;
        for (var i = 0; i < entries; i++)
        {
            if (repetitions.IsEmpty || repetitions[i] == 0)
            {
                rows.Add([]);
            }

            var level = definitions.IsEmpty ? Field.MaxDefinitionLevel : definitions[i];
            if (level >= itemLevel)
            {
                rows[^1].Add(level == Field.MaxDefinitionLevel ? values[next++] : null);
            }
        }

        return rows.Count == count
            ? rows
            : throw new InvalidDataException($"the column '{Field.Path}' has {rows.Count} rows, its group {count}");
    }

    private (List<object> Values, bool IsWhole) Values(RawColumnData data) => data switch
    {
        RawColumnData<ReadOnlyMemory<char>> texts => (Copy(texts, t => t.ToString()), false),
        // Copies: the reader takes its memory back.
        RawColumnData<ReadOnlyMemory<byte>> bytes => (Copy(bytes, b => b.ToArray()), false),
        RawColumnData<int> numbers => (Copy(numbers, Text), true),
        RawColumnData<long> numbers => (Copy(numbers, Text), true),
        RawColumnData<short> numbers => (Copy(numbers, Text), true),
        RawColumnData<sbyte> numbers => (Copy(numbers, Text), true),
        RawColumnData<byte> numbers => (Copy(numbers, Text), true),
        RawColumnData<ushort> numbers => (Copy(numbers, Text), true),
        RawColumnData<uint> numbers => (Copy(numbers, Text), true),
        RawColumnData<ulong> numbers => (Copy(numbers, Text), true),
        RawColumnData<float> numbers => (Copy(numbers, Text), false),
        RawColumnData<double> numbers => (Copy(numbers, Text), false),
        RawColumnData<decimal> numbers => (Copy(numbers, Text), false),
        RawColumnData<bool> truths => (Copy(truths, t => t ? "true" : "false"), false),
        _ => throw new InvalidDataException($"the column '{Field.Path}' holds {Field.ClrType}; text, numbers and bytes can be read"),
    };

    private static List<object> Copy<T>(RawColumnData<T> data, Func<T, object> convert)
        where T : struct
    {
        var values = new List<object>(data.Values.Length);
        foreach (var value in data.Values)
        {
            values.Add(convert(value));
        }

        return values;
    }

    private static string Text<T>(T value)
        where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);
}
