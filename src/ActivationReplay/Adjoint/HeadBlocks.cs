using ActivationReplay.Kernels;
using ActivationReplay.Models;
using ActivationReplay.Native;

namespace ActivationReplay.Adjoint;

/// <summary>
/// Copies heads between some neighbouring columns of [H·d, n] and blocks [C·Hkv, d, P + g·rows], on the CPU in fp32, and rotates them
/// on the way. A block holds some consecutive columns of one variant, of all g query heads that share a key head, after room for P
/// prefix positions.
/// </summary>
/// <param name="module">The attention, for the number and size of its heads.</param>
/// <param name="variants">C, the number of variants, whose columns follow one another.</param>
/// <param name="first">The first column of the first variant, among the n.</param>
/// <param name="blocks">First column and number of columns of each block; together they are the columns of a variant.</param>
/// <param name="prefixLength">P, the number of prefix positions for which a block has room.</param>
internal sealed unsafe class HeadBlocks(
    Attention module, long variants, long first, IReadOnlyList<(int Start, int Rows)> blocks, long prefixLength = 0)
{
    private readonly long size = module.HeadSize;
    private readonly long kvHeads = module.KvHeads;
    private readonly long count = blocks.Sum(b => b.Rows);

    /// <summary>Room for the blocks of columns of all heads, [C·Hkv·d, P + g·rows] each.</summary>
    /// <param name="group">g, the number of heads that share a key head.</param>
    /// <param name="room">Lends memory.</param>
    public LentMatrix[] Room(long group, HostMatrices room) =>
        [.. blocks.Select(b => room.Of(variants * kvHeads * size, prefixLength + (group * b.Rows)))];

    /// <summary>
    /// The blocks of the columns in [H·d, n], rotated if a table of the n is given. The room of the prefix is left uninitialised.
    /// </summary>
    public LentMatrix[] Gather(HostMatrix columns, HostMatrices room, ColumnRotary? rotary = null)
    {
        var group = columns.Rows / size / kvHeads;
        var result = Room(group, room);
        Move(columns, result, group, new Table(rotary, back: false), toBlocks: true);
        return result;
    }

    /// <summary>Copies blocks to their columns in [H·d, n], rotated back if a table of the n is given. The prefix is not read.</summary>
    public void Scatter(HostMatrix[] parts, HostMatrix columns, ColumnRotary? rotary = null) =>
        Move(columns, parts, columns.Rows / size / kvHeads, new Table(rotary, back: true), toBlocks: false);

    private void Move(HostMatrix columns, HostMatrix[] parts, long group, Table table, bool toBlocks)
    {
        var (stride, heads) = ((long)columns.Columns, group * kvHeads);
        ComputeThreads.Split((int)(variants * heads), (begin, end) =>
        {
            for (long item = begin; item < end; item++)
            {
                var (variant, head) = (item / heads, item % heads);
                var row = ((variant * kvHeads) + (head / group)) * size; // of the blocks
                for (var index = 0; index < parts.Length; index++)
                {
                    var (start, rows) = blocks[index];
                    var (at, width) = (first + (variant * count) + start, prefixLength + (group * rows));
                    var column = new Rows(columns.At(head * size) + at, stride);
                    var block = new Rows(parts[index].At(row) + prefixLength + (head % group * rows), width);
                    table.Rotate(toBlocks ? column : block, toBlocks ? block : column, (int)size / 2, at, rows);
                }
            }
        });
    }

    /// <summary>A two-dimensional view: the rows of one head, of which some consecutive elements are used.</summary>
    private readonly struct Rows(float* first, long stride)
    {
        public float* this[long row] => first + (row * stride);
    }

    /// <summary>A rotary table, or the inverse rotation; without a table heads are copied unchanged.</summary>
    private readonly struct Table(ColumnRotary? rotary, bool back)
    {
        private readonly float* cos = rotary is null ? null : rotary.Cos;
        private readonly float* onFirst = rotary is null ? null : back ? rotary.OnSecond : rotary.OnFirst;
        private readonly float* onSecond = rotary is null ? null : back ? rotary.OnFirst : rotary.OnSecond;
        private readonly long positions = rotary?.Count ?? 0;

        public void Rotate(Rows from, Rows to, int half, long start, int count)
        {
            for (var i = 0; i < half; i++)
            {
                if (cos is null)
                {
                    new Span<float>(from[i], count).CopyTo(new Span<float>(to[i], count));
                    new Span<float>(from[i + half], count).CopyTo(new Span<float>(to[i + half], count));
                }
                else
                {
                    var (at, other) = ((i * positions) + start, ((i + half) * positions) + start);
                    HostRotary.Rotate(from[i], cos + at, from[i + half], onFirst + at, to[i], count);
                    HostRotary.Rotate(from[i + half], cos + other, from[i], onSecond + at, to[i + half], count);
                }
            }
        }
    }
}
