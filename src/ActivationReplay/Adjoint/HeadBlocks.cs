using ActivationReplay.Kernels;
using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Adjoint;

/// <summary>
/// Copies heads between columns [H·d, C·n] and blocks [C·Hkv, d, P + g·rows], on the CPU in fp32, and rotates them on the way.
/// A block holds some consecutive columns of one variant, of all g query heads that share a key head, after room for P prefix
/// positions.
/// </summary>
/// <param name="module">The attention, for the number and size of its heads.</param>
/// <param name="variants">C, the number of variants.</param>
/// <param name="blocks">First column and number of columns of each block; together they are the n columns.</param>
/// <param name="prefixLength">P, the number of prefix positions for which a block has room.</param>
internal sealed unsafe class HeadBlocks(Attention module, long variants, IReadOnlyList<(int Start, int Rows)> blocks, long prefixLength = 0)
{
    private readonly long size = module.HeadSize;
    private readonly long kvHeads = module.KvHeads;
    private readonly long count = blocks.Sum(b => b.Rows);

    /// <summary>
    /// The blocks of columns [H·d, C·n], rotated if a table is given. The room of the prefix is left uninitialised.
    /// </summary>
    public Tensor[] Gather(Tensor columns, ColumnRotary? rotary = null)
    {
        var group = columns.shape[0] / size / kvHeads;
        Tensor[] result = [.. blocks.Select(b => empty([variants * kvHeads, size, prefixLength + (group * b.Rows)], ScalarType.Float32))];
        Move(columns, result, group, new Table(rotary, back: false), toBlocks: true);
        return result;
    }

    /// <summary>The columns [H·d, C·n] of blocks, rotated back if a table is given. The prefix is not read.</summary>
    public Tensor Scatter(Tensor[] parts, ColumnRotary? rotary = null)
    {
        var group = (parts[0].shape[2] - prefixLength) / blocks[0].Rows;
        var result = empty([group * kvHeads * size, variants * count], ScalarType.Float32);
        Move(result, parts, group, new Table(rotary, back: true), toBlocks: false);
        return result;
    }

    private void Move(Tensor columns, Tensor[] parts, long group, Table table, bool toBlocks)
    {
        var (all, heads) = (new HostRows(columns, 1), group * kvHeads);
        var some = Array.ConvertAll(parts, part => new HostRows(part, 1));
        ComputeThreads.Split((int)(variants * heads), (first, end) =>
        {
            for (long item = first; item < end; item++)
            {
                var (variant, head) = (item / heads, item % heads);
                var row = ((variant * kvHeads) + (head / group)) * size; // of the blocks
                foreach (var (index, (start, rows)) in blocks.Index())
                {
                    var width = prefixLength + (group * rows);
                    var column = new Rows(all.At((head * size * variants * count) + (variant * count) + start), variants * count);
                    var block = new Rows(some[index].At((row * width) + prefixLength + (head % group * rows)), width);
                    table.Rotate(toBlocks ? column : block, toBlocks ? block : column, (int)size / 2, start, rows);
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
        private readonly float* cos = rotary is null ? null : rotary.Cos.Floats();
        private readonly float* onFirst = rotary is null ? null : (back ? rotary.OnSecond : rotary.OnFirst).Floats();
        private readonly float* onSecond = rotary is null ? null : (back ? rotary.OnFirst : rotary.OnSecond).Floats();
        private readonly long positions = rotary?.Count ?? 0;

        public void Rotate(Rows from, Rows to, int half, int start, int count)
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
