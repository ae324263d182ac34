namespace ActivationReplay.Vision;

/// <summary>
/// The weights of one pass of the resizer along one side: for every output position, where its window of input
/// positions starts, how long it is, and a fixed-point weight for each of them. They sum to about 1 &lt;&lt;
/// <see cref="FractionBits"/>.
/// </summary>
internal sealed class ResampleWeights
{
    /// <summary>Bits behind the point: 32 less 8 for the byte and 2 for sign and overshoot.</summary>
    public const int FractionBits = 32 - 8 - 2;

    private readonly int[] _starts;
    private readonly int[] _lengths;
    private readonly int[] _weights; // [output, taps]
    private readonly int _taps;

    public ResampleWeights(int inputSize, int outputSize)
    {
        var scale = (double)inputSize / outputSize;
        var filterScale = Math.Max(scale, 1); // shrinking widens the kernel, which is the antialiasing
        var support = 2 * filterScale;
        _taps = ((int)Math.Ceiling(support) * 2) + 1;
        _starts = new int[outputSize];
        _lengths = new int[outputSize];
        _weights = new int[checked(outputSize * _taps)];

        Span<double> window = _taps <= 256 ? stackalloc double[_taps] : new double[_taps];
        for (var i = 0; i < outputSize; i++)
        {
            var center = (i + 0.5) * scale;
            var start = Math.Max(0, (int)(center - support + 0.5));
            var length = Math.Min(inputSize, (int)(center + support + 0.5)) - start;
            var sum = 0.0;
            for (var k = 0; k < length; k++)
            {
                window[k] = Kernel((k + start - center + 0.5) * (1 / filterScale));
                sum += window[k];
            }

            for (var k = 0; k < length; k++)
            {
                var weight = (sum == 0 ? window[k] : window[k] / sum) * (1 << FractionBits);
                _weights[(i * _taps) + k] = (int)(weight < 0 ? weight - 0.5 : weight + 0.5);
            }

            _starts[i] = start;
            _lengths[i] = length;
        }
    }

    /// <summary>The first input position that output position <paramref name="i"/> takes.</summary>
    public int Start(int i) => _starts[i];

    /// <summary>The weights of output position <paramref name="i"/>, for the input positions from its start on.</summary>
    public ReadOnlySpan<int> Of(int i) => _weights.AsSpan(i * _taps, _lengths[i]);

    // Keys' cubic convolution with a = -1/2.
    private static double Kernel(double x)
    {
        const double A = -0.5;
        x = Math.Abs(x);
        return x < 1 ? ((((A + 2) * x) - (A + 3)) * x * x) + 1
            : x < 2 ? (((((x - 5) * x) + 8) * x) - 4) * A
            : 0;
    }
}
