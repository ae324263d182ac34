using System.Globalization;
using System.Numerics;

namespace ActivationReplay.Verification.Terms;

/// <summary>An exact rational number in lowest terms, the denominator positive.</summary>
/// <remarks>Operations whose result would need more than <see cref="MaxBits"/> bits give null, so that no input runs long.</remarks>
internal readonly record struct Fraction : IComparable<Fraction>
{
    /// <summary>Size of the largest numerator or denominator; 2006! has about 19 000 bits.</summary>
    public const int MaxBits = 1 << 16;

    private Fraction(BigInteger numerator, BigInteger denominator) => (Numerator, Denominator) = (numerator, denominator);

    public BigInteger Numerator { get; }

    public BigInteger Denominator { get; }

    public static Fraction Zero { get; } = new(0, 1);

    public static Fraction One { get; } = new(1, 1);

    public bool IsInteger => Denominator.IsOne;

    public bool IsZero => Numerator.IsZero;

    public int Sign => Numerator.Sign;

    /// <summary>The quotient of two whole numbers; null if the denominator is 0 or the result is too large.</summary>
    public static Fraction? Create(BigInteger numerator, BigInteger denominator)
    {
        if (denominator.IsZero || Bits(numerator) > 2 * MaxBits || Bits(denominator) > 2 * MaxBits)
        {
            return null;
        }

        var divisor = BigInteger.GreatestCommonDivisor(numerator, denominator) * denominator.Sign;
        var result = new Fraction(numerator / divisor, denominator / divisor);
        return Bits(result.Numerator) > MaxBits || Bits(result.Denominator) > MaxBits ? null : result;
    }

    public static Fraction From(long value) => new(value, 1);

    /// <summary>Parses digits with at most one decimal point, times a power of ten; null if the result is too large.</summary>
    public static Fraction? Decimal(string digits, long exponent = 0)
    {
        const int MaxDigits = 4000;
        var point = digits.IndexOf('.', StringComparison.Ordinal);
        var places = point < 0 ? 0 : digits.Length - point - 1;
        var scale = exponent - places;
        if (digits.Length > MaxDigits || Math.Abs(scale) > MaxDigits)
        {
            return null;
        }

        var whole = BigInteger.Parse("0" + digits.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        var power = BigInteger.Pow(10, (int)Math.Abs(scale));
        return scale < 0 ? Create(whole, power) : Create(whole * power, 1);
    }

    public Fraction? Plus(Fraction other) =>
        Create((Numerator * other.Denominator) + (other.Numerator * Denominator), Denominator * other.Denominator);

    public Fraction? Times(Fraction other) => Create(Numerator * other.Numerator, Denominator * other.Denominator);

    public Fraction? Inverse() => IsZero ? null : Create(Denominator, Numerator);

    public Fraction Negated() => new(-Numerator, Denominator);

    public Fraction Magnitude() => new(BigInteger.Abs(Numerator), Denominator);

    /// <summary>A power; null if it is not rational, not defined or too large.</summary>
    public Fraction? Power(Fraction exponent)
    {
        if (!exponent.IsInteger)
        {
            return Root(exponent.Denominator)?.Power(new Fraction(exponent.Numerator, 1));
        }

        if (IsZero)
        {
            return exponent.Sign > 0 ? Zero : exponent.Sign == 0 ? One : null;
        }

        if (Numerator.IsOne && Denominator.IsOne)
        {
            return One;
        }

        var power = BigInteger.Abs(exponent.Numerator);
        if (power > MaxBits || (long)power * Math.Max(Bits(Numerator), Bits(Denominator)) > MaxBits)
        {
            return Numerator == BigInteger.MinusOne && Denominator.IsOne ? (power.IsEven ? One : this) : null;
        }

        var raised = new Fraction(BigInteger.Pow(Numerator, (int)power), BigInteger.Pow(Denominator, (int)power));
        return exponent.Sign < 0 ? raised.Inverse() : raised;
    }

    /// <summary>The real root of a number that is not negative, or of an odd degree; null where it is not rational.</summary>
    public Fraction? Root(BigInteger degree)
    {
        if (degree > 64 || degree < 1 || (Sign < 0 && degree.IsEven))
        {
            return null;
        }

        return IntegerRoot(BigInteger.Abs(Numerator), (int)degree) is { } top && IntegerRoot(Denominator, (int)degree) is { } bottom
            ? new Fraction(top * Sign, bottom)
            : null;
    }

    public BigInteger Floor() => BigInteger.Divide(Numerator - (Numerator.Sign < 0 ? Denominator - 1 : 0), Denominator);

    public BigInteger Ceiling() => -Negated().Floor();

    /// <summary>The nearest number with so many decimal places, halves to even.</summary>
    public BigInteger Rounded(int places)
    {
        var scaled = Numerator * BigInteger.Pow(10, places);
        var floor = new Fraction(scaled, Denominator).Floor();
        var twice = 2 * (scaled - (floor * Denominator));
        return twice > Denominator || (twice == Denominator && !floor.IsEven) ? floor + 1 : floor;
    }

    public double ToDouble()
    {
        // Both parts may exceed a double though the quotient does not: 64 significant bits of each are enough.
        var shift = (int)(Bits(Numerator) - Bits(Denominator)) - 64;
        var quotient = shift < 0 ? (Numerator << -shift) / Denominator : Numerator / (Denominator << shift);
        return Math.ScaleB((double)quotient, shift);
    }

    public int CompareTo(Fraction other) => (Numerator * other.Denominator).CompareTo(other.Numerator * Denominator);

    public override string ToString() => IsInteger
        ? Numerator.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{Numerator}/{Denominator}");

    private static long Bits(BigInteger value) => value.GetBitLength();

    private static BigInteger? IntegerRoot(BigInteger value, int degree)
    {
        if (value.IsZero || value.IsOne || degree == 1)
        {
            return value;
        }

        // Newton from above.
        var guess = BigInteger.One << (int)((Bits(value) + degree - 1) / degree);
        while (true)
        {
            var next = (((degree - 1) * guess) + (value / BigInteger.Pow(guess, degree - 1))) / degree;
            if (next >= guess)
            {
                return BigInteger.Pow(guess, degree) == value ? guess : null;
            }

            guess = next;
        }
    }
}
