using System.Text;
using ActivationReplay.Vision;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>Pictures in an <c>image</c> cell: base64, or a list of base64 texts.</summary>
internal static class TsvImageCell
{
    /// <summary>The longest cell that can be another row's index; VLMEvalKit's rule. No picture is as short in base64.</summary>
    private const int LongestIndex = 64;

    /// <summary>Reads a cell that is not empty, without decoding.</summary>
    /// <exception cref="FormatException">It is none of the forms.</exception>
    public static TsvPictures Parse(TsvReader row, int cell)
    {
        var bytes = row.Bytes(cell);
        if (bytes is [(byte)'[', ..])
        {
            var items = TextList.Parse(row.Text(cell));
            var bad = items.Index().Where(i => !Base64Picture.IsValid(Encoding.UTF8.GetBytes(i.Item))).Select(i => i.Index + 1).FirstOrDefault();
            return bad > 0 ? throw new FormatException($"picture {bad} of 'image' is not base64")
                : items.Count == 0 ? throw new FormatException("'image' is an empty list")
                : new TsvPictures.Inline(items.Count, IsList: true);
        }

        return bytes.Length <= LongestIndex ? new TsvPictures.SameAs(row.Text(cell).Trim())
            : Base64Picture.IsValid(bytes) ? new TsvPictures.Inline(1, IsList: false)
            : throw new FormatException("'image' is neither base64, nor a list of base64 texts, nor another row's index");
    }

    /// <summary>A picture that is read from the file when it is needed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">The name of the picture in errors.</param>
    /// <param name="offset">The offset in the file at which the row begins, in bytes.</param>
    /// <param name="cell">The index of the column.</param>
    /// <param name="item">The index in the list of the cell; null if the cell is one picture.</param>
    public static MediaFile Picture(string path, string name, long offset, int cell, int? item) => MediaFile.FromSource(name, () =>
    {
        try
        {
            using var row = new TsvReader(OpenAt(path, offset));
            var bytes = row.Read() ? row.Bytes(cell) : [];
            var picture = item is { } i
                ? Base64Picture.Decode(Encoding.UTF8.GetBytes(TextList.Parse(row.Text(cell))[i]))
                : Base64Picture.Decode(bytes);
            return picture ?? throw new FormatException("it is not base64");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or FormatException or ArgumentException)
        {
            throw new MediaException(name, $"cannot be read; has the file changed? {e.Message}", e);
        }
    });

    /// <summary>Opens a file for reading from an offset on.</summary>
    public static FileStream OpenAt(string path, long offset) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0) { Position = offset };
}
