namespace ActivationReplay.Ablations.Parity;

/// <summary>The largest errors that count as equal, as the README of the goldens states them.</summary>
internal static class ParityLimits
{
    /// <summary>The relative Frobenius error of states, features and logits.</summary>
    public const double Tensor = 1e-5;

    /// <summary>The absolute error of entropy and KL, in nats.</summary>
    public const double Nats = 1e-4;

    /// <summary>The relative error of gradients.</summary>
    public const double Gradient = 1e-4;

    /// <summary>1 − cosine between final offsets.</summary>
    public const double OffsetCosine = 1e-4;

    /// <summary>The relative error of losses, unless <see cref="LossSensitivity"/> allows more.</summary>
    public const double Loss = 1e-3;

    /// <summary>
    /// The relative error of losses, as a multiple of the change that a relative change of every weight by 1e-6 makes.
    /// </summary>
    public const double LossSensitivity = 30;

    /// <summary>The distance of an entropy from the threshold, in nats, below which masks may differ.</summary>
    public const double MaskMargin = 2e-4;

    /// <summary>The margin of the two best logits above which greedy ids must agree.</summary>
    public const double GreedyMargin = 1e-3;

    /// <summary>The error of resized pixels of lossless pictures, on a scale of 0 to 1.</summary>
    public const double Pixel = 1.0 / 255;

    /// <summary>The error of 99% of the values of a JPEG, on a scale of 0 to 1.</summary>
    public const double JpegPixel = 2.0 / 255;

    /// <summary>The error of all values of a JPEG, on a scale of 0 to 1.</summary>
    public const double JpegPixelLargest = 4.0 / 255;

    /// <summary>
    /// The error of 99% of the values of a video frame, on a scale of 0 to 255: decoders convert colours differently.
    /// </summary>
    public const double VideoByte = 6;

    /// <summary>The relative error of rates that were stored as JSON.</summary>
    public const double Rate = 1e-12;

    /// <summary>The slack of limits in steps of 1/255, for rounding in fp32.</summary>
    public const double ByteRounding = 1e-5;
}
