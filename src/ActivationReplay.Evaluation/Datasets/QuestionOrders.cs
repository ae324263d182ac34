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
    /// order belong together, then the second. Where an order has fewer such rows than another, since one cannot be used, these stay rows of their own.
    /// </summary>
    public static IReadOnlyList<DatasetRow> Joined(IReadOnlyList<DatasetRow> rows)
    {
        var problems = rows.Select(r => r.Sample).OfType<Sample>().Where(s => s.Cycle is not null)
            .GroupBy(QuestionOf, StringComparer.Ordinal)
            .Select(alike => alike.GroupBy(s => s.Cycle).Select(order => order.ToList()).ToList())
            .Where(orders => orders.TrueForAll(order => order.Count == orders[0].Count))
            .SelectMany(orders => orders.SelectMany(order => order.Select((sample, place) => (sample.Id, First: orders[0][place].Id))))
            .ToDictionary(p => p.Id, p => p.First);
        return problems.Count == 0
            ? rows
            : [.. rows.Select(row => row.Sample is { } sample && problems.TryGetValue(sample.Id, out var first) ? row with { Sample = sample with { Problem = first } } : row)];
    }

    private static string QuestionOf(Sample sample) =>
        string.Join('\0', [sample.Question, sample.Family ?? "", .. (sample.Choices ?? new Dictionary<string, string>()).Values.Order(StringComparer.Ordinal)]);
}
