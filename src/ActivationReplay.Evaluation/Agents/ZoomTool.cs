using System.Text.Json;
using System.Text.Json.Nodes;
using ActivationReplay.Vision;

namespace ActivationReplay.Evaluation.Agents;

/// <summary>In which pixels a model's boxes are.</summary>
public enum BoxCoordinates
{
    /// <summary>Those of the original picture: the model's numbers as they are, as the released code takes them.</summary>
    Released,

    /// <summary>Those of the picture at the size at which the model sees it; they are scaled to the original.</summary>
    Seen,
}

/// <summary>
/// DeepEyes' <c>image_zoom_in_tool</c>: the part of the original picture in a box. It is enlarged where it is prepared for the
/// model, as every picture is (<see cref="SmartResize"/>, bicubic).
/// </summary>
/// <param name="coordinates">In which pixels the model's numbers are.</param>
public sealed class ZoomTool(BoxCoordinates coordinates = BoxCoordinates.Released) : IAgentTool
{
    private const int Sides = 4;

    /// <inheritdoc/>
    public string Name => "image_zoom_in_tool";

    /// <inheritdoc/>
    public string Description => "Shows a part of the picture larger. The part is given by a box around it, in pixels.";

    /// <inheritdoc/>
    public JsonObject Schema => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["bbox_2d"] = new JsonObject
            {
                ["type"] = "array",
                ["items"] = new JsonObject { ["type"] = "number" },
                ["minItems"] = Sides,
                ["maxItems"] = Sides,
                ["description"] = "x1, y1, x2, y2: left, top, right and bottom of the box, in pixels from the upper left corner",
            },
            ["label"] = new JsonObject { ["type"] = "string", ["description"] = "what is in the box; may be left out" },
        },
        ["required"] = new JsonArray("bbox_2d"),
        ["additionalProperties"] = false,
    };

    /// <inheritdoc/>
    public string Example => """{"bbox_2d": [x1, y1, x2, y2], "label": "what is there"}""";

    /// <inheritdoc/>
    public ToolAnswer Run(JsonElement arguments, PictureView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        if (Numbers(arguments) is not { } numbers)
        {
            return ToolAnswer.Refused(CallRefusal.BadArguments, "bbox_2d is a list of four numbers [x1, y1, x2, y2], label is a text, and there is nothing else.");
        }

        if (!numbers.All(double.IsFinite))
        {
            return ToolAnswer.Refused(CallRefusal.NotFinite, "A number of bbox_2d is too large.");
        }

        if (numbers[2] <= numbers[0] || numbers[3] <= numbers[1])
        {
            return ToolAnswer.Refused(CallRefusal.EmptyBox, "The box is empty: x2 is larger than x1, and y2 larger than y1.");
        }

        return Cut(numbers, view);
    }

    private ToolAnswer Cut(double[] numbers, PictureView view)
    {
        var original = view.Original;
        var (across, down) = coordinates == BoxCoordinates.Seen
            ? (original.Width / (double)view.SeenWidth, original.Height / (double)view.SeenHeight)
            : (1, 1);
        var (left, right) = (numbers[0] * across, numbers[2] * across);
        var (top, bottom) = (numbers[1] * down, numbers[3] * down);
        if (left >= original.Width || top >= original.Height || right <= 0 || bottom <= 0)
        {
            var (width, height) = coordinates == BoxCoordinates.Seen ? (view.SeenWidth, view.SeenHeight) : (original.Width, original.Height);
            return ToolAnswer.Refused(CallRefusal.OutsideBox, FormattableString.Invariant($"The box lies outside the picture, which is {width} pixels wide and {height} high."));
        }

        var box = new PictureBox(Pixel(left, original.Width), Pixel(top, original.Height), Pixel(right, original.Width), Pixel(bottom, original.Height));
        if (box.Width == 0 || box.Height == 0)
        {
            return ToolAnswer.Refused(CallRefusal.EmptyBox, "The box is smaller than a pixel.");
        }

        return Math.Max(box.Width, box.Height) > SmartResize.MaxAspectRatio * Math.Min(box.Width, box.Height)
            ? ToolAnswer.Refused(CallRefusal.ThinBox, FormattableString.Invariant($"The box is more than {SmartResize.MaxAspectRatio} times as long as it is wide."))
            : ToolAnswer.Part(original.Part(box.Left, box.Top, box.Width, box.Height), box);
    }

    // The nearest border between two pixels of the picture, halves to even as Pillow's crop rounds.
    private static int Pixel(double at, int size) => (int)Math.Round(Math.Clamp(at, 0, size), MidpointRounding.ToEven);

    // Null where the arguments are others than the schema's.
    private static double[]? Numbers(JsonElement arguments)
    {
        if (arguments.ValueKind != JsonValueKind.Object
            || arguments.EnumerateObject().Any(p => p.Name is not ("bbox_2d" or "label"))
            || (arguments.TryGetProperty("label", out var label) && label.ValueKind is not (JsonValueKind.String or JsonValueKind.Null))
            || !arguments.TryGetProperty("bbox_2d", out var box) || box.ValueKind != JsonValueKind.Array || box.GetArrayLength() != Sides
            || box.EnumerateArray().Any(n => n.ValueKind != JsonValueKind.Number))
        {
            return null;
        }

        return [.. box.EnumerateArray().Select(n => n.GetDouble())];
    }
}
