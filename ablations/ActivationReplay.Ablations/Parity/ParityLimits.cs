namespace ActivationReplay.Ablations.Parity;

/// <summary>What counts as equal (goldens' README).</summary>
internal static class ParityLimits
{
    /// <summary>Relative Frobenius error of states, features, logits.</summary>
    public const double Tensor = 1e-5;

    /// <summary>Entropy and KL, nats.</summary>
    public const double Nats = 1e-4;

    /// <summary>Relative error of gradients.</summary>
    public const double Gradient = 1e-4;

    /// <summary>1 - cosine of final offsets.</summary>
    public const double OffsetCosine = 1e-4;

    /// <summary>Relative error of losses, at least.</summary>
    public const double Loss = 1e-3;

    /// <summary>… or this many times what moving every weight by a millionth does.</summary>
    public const double LossSensitivity = 30;

    /// <summary>Masks may differ where an entropy is this near to the threshold, nats.</summary>
    public const double MaskMargin = 2e-4;

    /// <summary>Greedy ids must agree where the two best logits were never nearer than this.</summary>
    public const double GreedyMargin = 1e-3;

    /// <summary>Resized pixels of lossless pictures, of 1.</summary>
    public const double Pixel = 1.0 / 255;

    /// <summary>99% of a JPEG's values, of 1.</summary>
    public const double JpegPixel = 2.0 / 255;

    /// <summary>All of a JPEG's values, of 1.</summary>
    public const double JpegPixelLargest = 4.0 / 255;

    /// <summary>99% of the values of a video's frame, of 255: decoders differ in colour conversion.</summary>
    public const double VideoByte = 6;

    /// <summary>Relative slack of rates that passed through JSON.</summary>
    public const double Rate = 1e-12;

    /// <summary>Slack for rounding of exact byte steps expressed in fp32.</summary>
    public const double ByteRounding = 1e-5;
}
