namespace ActivationReplay.Evaluation.Datasets;

/// <summary>The location of a row's pictures.</summary>
internal abstract record TsvPictures
{
    /// <summary>Base64 in the <c>image</c> cell of the row, as a list of texts if <paramref name="IsList"/>.</summary>
    public sealed record Inline(int Count, bool IsList) : TsvPictures;

    /// <summary>The pictures of another row, which is given by its index.</summary>
    public sealed record SameAs(string Index) : TsvPictures;

    /// <summary>Files beside the data set.</summary>
    public sealed record Files(IReadOnlyList<string> Paths) : TsvPictures;
}
