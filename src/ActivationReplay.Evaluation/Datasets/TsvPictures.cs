namespace ActivationReplay.Evaluation.Datasets;

/// <summary>Where a row's pictures are, as its cells say.</summary>
internal abstract record TsvPictures
{
    /// <summary>As base64 in the row's <c>image</c> cell; <paramref name="IsList"/> where it holds a list.</summary>
    public sealed record Inline(int Count, bool IsList) : TsvPictures;

    /// <summary>Those of another row.</summary>
    public sealed record SameAs(string Index) : TsvPictures;

    /// <summary>Files beside the data set.</summary>
    public sealed record Files(IReadOnlyList<string> Paths) : TsvPictures;
}
