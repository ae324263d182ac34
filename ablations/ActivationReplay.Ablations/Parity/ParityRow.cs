using System.Globalization;

namespace ActivationReplay.Ablations.Parity;

/// <summary>How a computed quantity compares with its recording.</summary>
public enum ParityStatus
{
    /// <summary>Within the limit.</summary>
    Within,

    /// <summary>Over the limit, or of another shape.</summary>
    Over,

    /// <summary>The engine does not have it yet.</summary>
    NotSupported,
}

/// <summary>One comparison.</summary>
/// <param name="Case">Case or part of <c>prepare/</c>.</param>
/// <param name="Quantity">What was compared.</param>
/// <param name="Error">In the unit of the limit; mismatches where the limit is exact.</param>
/// <param name="Limit">Largest allowed error.</param>
/// <param name="Status">The verdict.</param>
/// <param name="Note">What else there is to know.</param>
public sealed record ParityRow(string Case, string Quantity, double Error, double Limit, ParityStatus Status, string Note = "")
{
    /// <summary>A comparison by error and limit; NaN is over.</summary>
    public static ParityRow Of(string name, string quantity, double error, double limit, string note = "") =>
        new(name, quantity, error, limit, error <= limit ? ParityStatus.Within : ParityStatus.Over, note);

    /// <summary>A comparison that must be exact: <paramref name="mismatches"/> of <paramref name="count"/> differ.</summary>
    public static ParityRow Exact(string name, string quantity, int mismatches, int count) =>
        Of(name, quantity, mismatches, 0, string.Create(CultureInfo.InvariantCulture, $"{mismatches} of {count} differ"));

    /// <summary>A quantity that the engine cannot compute yet.</summary>
    public static ParityRow NotSupported(string name, string quantity, string note) =>
        new(name, quantity, double.NaN, double.NaN, ParityStatus.NotSupported, note);
}
