using System.Buffers;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>A window on the bytes of a stream, which grows as far as the reader looks ahead, up to a limit.</summary>
/// <param name="stream">The stream, read from its position on.</param>
/// <param name="limit">The most bytes of the window.</param>
internal sealed class ByteWindow(Stream stream, int limit)
{
    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;

    /// <summary>The byte at an offset from the window's start, for which <see cref="Has"/> has returned true.</summary>
    public byte this[int offset] => _buffer[_start + offset];

    /// <summary>Bytes between two offsets. The span is valid until the window grows or moves.</summary>
    public Span<byte> Slice(int begin, int end) => _buffer.AsSpan(_start + begin, end - begin);

    /// <summary>Whether the stream reaches to an offset.</summary>
    /// <exception cref="InvalidDataException">The offset lies beyond the limit.</exception>
    public bool Has(int offset) => offset < _end - _start || Fill(offset);

    /// <summary>
    /// The first offset from <paramref name="from"/> on with one of the bytes; the offset of the stream's end if there is none.
    /// </summary>
    public int Find(SearchValues<byte> bytes, int from)
    {
        while (true)
        {
            var at = _buffer.AsSpan(_start + from, _end - _start - from).IndexOfAny(bytes);
            if (at >= 0)
            {
                return from + at;
            }

            from = _end - _start;
            if (!Has(from))
            {
                return from;
            }
        }
    }

    /// <summary>Moves the window's start forward.</summary>
    public void Advance(int bytes) => _start += bytes;

    private bool Fill(int offset)
    {
        if (offset >= limit)
        {
            throw new InvalidDataException($"more than {limit >> 20} MB without an end");
        }

        while (offset >= _end - _start)
        {
            MakeRoom();
            var read = stream.Read(_buffer, _end, _buffer.Length - _end);
            if (read == 0)
            {
                return false;
            }

            _end += read;
        }

        return true;
    }

    private void MakeRoom()
    {
        if (_end < _buffer.Length)
        {
            return;
        }

        var length = _end - _start;
        var target = length > _buffer.Length / 2 ? new byte[2L * _buffer.Length] : _buffer;
        _buffer.AsSpan(_start, length).CopyTo(target);
        (_buffer, _start, _end) = (target, 0, length);
    }
}
