namespace ActivationReplay.Evaluation.Datasets;

/// <summary>
/// Finds the rows that ask one question in several orders of its options (HR-Bench's <c>cycle_category</c>): their answers depend on
/// each other, so statistics take them as one question.
/// </summary>
internal static class QuestionOrders
{
    /// <summary>
    /// The rows, those of several orders with the id of their question's first row as <see cref="Sample.Problem"/>. Rows are of one question
    /// if its text and its options, in any order, are the same; where several questions are alike (of other pictures), the first of each
    /// order belong together, then the second.
    /// </summary>
    public static IReadOnlyList<DatasetRow> Joined(IReadOnlyList<DatasetRow> rows)
    {
        var alike = new Dictionary<string, int>(StringComparer.Ordinal);
        var problems = new Dictionary<string, string>(StringComparer.Ordinal);
        return rows.All(r => r.Sample?.Cycle is null) ? rows : [.. rows.Select(row => row.Sample is { Cycle: { } cycle } sample ? row with { Sample = In(sample, cycle) } : row)];

        Sample In(Sample sample, string cycle)
        {
            var question = string.Join('\0', [sample.Question, sample.Family ?? "", .. (sample.Choices ?? new Dictionary<string, string>()).Values.Order(StringComparer.Ordinal)]);
            var ofOrder = $"{question}\0\0{cycle}";
            var place = alike[ofOrder] = alike.GetValueOrDefault(ofOrder) + 1;
            var key = FormattableString.Invariant($"{question}\0\0{place}");
            problems.TryAdd(key, sample.Id);
            return sample with { Problem = problems[key] };
        }
    }
}
