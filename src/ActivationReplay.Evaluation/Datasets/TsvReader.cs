using System.Buffers;
using System.Text;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>
/// Tab-separated cells from a stream of UTF-8, a row at a time: the rules of RFC 4180 with tabs, and pandas' leniency. A cell
/// that begins with a quote runs to the next single quote, over tabs and line ends; a doubled quote in it is a quote; what
/// follows it belongs to the cell; a quote elsewhere is text. Lines end with CR LF, LF or CR; empty lines are skipped.
/// </summary>
/// <remarks>
/// CsvHelper does not tell where in the file a row begins to the byte. Here that is exact, so that pictures can be left on
/// disk and found again. Memory is that of the longest row.
/// </remarks>
/// <param name="stream">The stream, read from its position on; disposed with the reader.</param>
internal sealed class TsvReader(Stream stream) : IDisposable
{
    // A quote that is never closed must not take a whole file into memory.
    private const int LongestRow = 1 << 28;

    private static readonly SearchValues<byte> s_separators = SearchValues.Create("\t\r\n"u8);
    private static readonly SearchValues<byte> s_quote = SearchValues.Create("\""u8);
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ByteWindow _window = new(stream, LongestRow);
    private readonly List<Range> _cells = [];
    private int _length;

    /// <summary>The offset in the stream at which the row begins, in bytes.</summary>
    public long Offset { get; private set; } = stream.Position;

    /// <summary>The line on which the row begins, from 1.</summary>
    public long Line { get; private set; } = 1;

    /// <summary>Whether the file ended inside of quotes.</summary>
    public bool IsTorn { get; private set; }

    /// <summary>How many cells the row has.</summary>
    public int Count => _cells.Count;

    /// <summary>Reads the next row; false at the end of the stream.</summary>
    /// <exception cref="InvalidDataException">A row is longer than 256 MiB.</exception>
    public bool Read()
    {
        do
        {
            Line += _length == 0 ? 0 : Math.Max(1, _window.Slice(0, _length).Count((byte)'\n'));
            Offset += _length;
            _window.Advance(_length);
            _length = 0;
            _cells.Clear();
            if (!_window.Has(0))
            {
                return false;
            }

            ReadRow();
        }
        while (_cells is [var only] && only.Start.Equals(only.End));
        return true;
    }

    /// <summary>The bytes of a cell without its quotes; empty where the row has fewer cells. Valid until the next row.</summary>
    public ReadOnlySpan<byte> Bytes(int cell)
    {
        if (cell < 0 || cell >= _cells.Count)
        {
            return [];
        }

        var raw = _window.Slice(_cells[cell].Start.Value, _cells[cell].End.Value);
        if (raw is not [(byte)'"', ..])
        {
            return raw;
        }

        var inner = raw[1..];
        var quote = inner.IndexOf((byte)'"');
        return quote < 0 ? inner : quote == inner.Length - 1 ? inner[..^1] : Unescape(inner);
    }

    /// <summary>The text of a cell; empty where the row has fewer cells.</summary>
    /// <exception cref="FormatException">It is not UTF-8.</exception>
    public string Text(int cell)
    {
        try
        {
            return s_strict.GetString(Bytes(cell));
        }
        catch (DecoderFallbackException e)
        {
            throw new FormatException("a cell is not UTF-8", e);
        }
    }

    public void Dispose() => stream.Dispose();

    private void ReadRow()
    {
        for (var begin = 0; ; begin = _length)
        {
            var end = _window.Find(s_separators, _window.Has(begin) && _window[begin] == '"' ? SkipQuoted(begin + 1) : begin);
            _cells.Add(begin..end);
            _length = end;
            if (!_window.Has(end))
            {
                return;
            }

            _length++;
            if (_window[end] != '\t')
            {
                _length += _window[end] == '\r' && _window.Has(end + 1) && _window[end + 1] == '\n' ? 1 : 0;
                return;
            }
        }
    }

    // The offset after the closing quote.
    private int SkipQuoted(int at)
    {
        while (true)
        {
            var quote = _window.Find(s_quote, at);
            if (!_window.Has(quote))
            {
                IsTorn = true;
                return quote;
            }

            if (!_window.Has(quote + 1) || _window[quote + 1] != '"')
            {
                return quote + 1;
            }

            at = quote + 2;
        }
    }

    private static byte[] Unescape(ReadOnlySpan<byte> inner)
    {
        var text = new byte[inner.Length];
        var length = 0;
        while (inner.IndexOf((byte)'"') is >= 0 and var quote)
        {
            var isDoubled = quote + 1 < inner.Length && inner[quote + 1] == '"';
            var part = inner[..(isDoubled ? quote + 1 : quote)];
            part.CopyTo(text.AsSpan(length));
            length += part.Length;
            inner = inner[(quote + (isDoubled ? 2 : 1))..];
            if (!isDoubled)
            {
                break;
            }
        }

        inner.CopyTo(text.AsSpan(length));
        return text[..(length + inner.Length)];
    }
}
