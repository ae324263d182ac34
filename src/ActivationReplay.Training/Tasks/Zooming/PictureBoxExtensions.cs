using ActivationReplay.Evaluation.Agents;
using ActivationReplay.Vision;

namespace ActivationReplay.Training.Tasks.Zooming;

/// <summary>How boxes lie to one another.</summary>
internal static class PictureBoxExtensions
{
    /// <summary>Whether <paramref name="other"/> lies in the box wholly.</summary>
    public static bool Contains(this PictureBox box, PictureBox other) =>
        box.Left <= other.Left && box.Top <= other.Top && box.Right >= other.Right && box.Bottom >= other.Bottom;

    /// <summary>The part of a picture that lies in the box.</summary>
    public static RgbImage Of(this PictureBox box, RgbImage picture) => picture.Part(box.Left, box.Top, box.Width, box.Height);

    /// <summary>The pixel in the middle.</summary>
    public static PictureBox Middle(this PictureBox box)
    {
        var (x, y) = ((box.Left + box.Right) / 2, (box.Top + box.Bottom) / 2);
        return new PictureBox(x, y, x + 1, y + 1);
    }

    /// <summary>Intersection over union, 0 to 1.</summary>
    public static double Overlap(this PictureBox box, PictureBox other)
    {
        var width = Math.Min(box.Right, other.Right) - Math.Max(box.Left, other.Left);
        var height = Math.Min(box.Bottom, other.Bottom) - Math.Max(box.Top, other.Top);
        var common = width > 0 && height > 0 ? (double)width * height : 0;
        return common / (((double)box.Width * box.Height) + ((double)other.Width * other.Height) - common);
    }
}
