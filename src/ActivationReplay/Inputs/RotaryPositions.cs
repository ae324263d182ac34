namespace ActivationReplay.Inputs;

/// <summary>
/// The mRoPE positions of a prompt. Text counts up on all three axes; a picture or video counts time, rows and columns from the
/// next free position; text after it continues from the largest position used (Qwen2-VL, arXiv 2409.12191, section 2.1).
/// </summary>
internal static class RotaryPositions
{
    /// <summary>Computes the positions, [3][T]: temporal, height, width.</summary>
    /// <param name="length">T, the number of tokens of the prompt.</param>
    /// <param name="spans">The media in prompt order.</param>
    /// <param name="temporalStep">For each span, the difference in position between temporal steps; 1 for Qwen2-VL.</param>
    public static IReadOnlyList<long[]> Compute(int length, IReadOnlyList<VisualSpan> spans, IReadOnlyList<double> temporalStep)
    {
        long[][] positions = [new long[length], new long[length], new long[length]];
        var (token, next) = (0, 0L);
        for (var s = 0; s < spans.Count; s++)
        {
            Text(spans[s].Start);
            var span = spans[s];
            var largest = next;
            for (var t = 0; t < span.T; t++)
            {
                var time = (long)(t * temporalStep[s]);
                for (var cell = 0; cell < span.H * span.W; cell++, token++)
                {
                    var (row, column) = (cell / span.W, cell % span.W);
                    positions[0][token] = next + time;
                    positions[1][token] = next + row;
                    positions[2][token] = next + column;
                    largest = Math.Max(largest, next + Math.Max(time, Math.Max(row, column)));
                }
            }

            next = largest + 1;
        }

        Text(length);
        return positions;

        void Text(int end)
        {
            for (; token < end; token++, next++)
            {
                positions[0][token] = positions[1][token] = positions[2][token] = next;
            }
        }
    }
}
