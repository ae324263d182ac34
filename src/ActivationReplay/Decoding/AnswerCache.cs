using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Decoding;

/// <summary>
/// The keys and values of a batch of answers in B rows, and the pass that appends a new token to each row, without gradients. With
/// <see cref="Kernels"/> that is <see cref="SharedPrompts"/>, elsewhere <see cref="PaddedPrompts"/>.
/// </summary>
/// <param name="model">The model that answers.</param>
internal abstract class AnswerCache(QwenVlModel model) : IDisposable
{
    /// <summary>An empty cache.</summary>
    /// <param name="model">The model that answers.</param>
    /// <param name="answers">The number of answers of all prompts.</param>
    /// <param name="longest">The length of the longest prompt.</param>
    /// <param name="newTokens">The most tokens that <see cref="Next"/> will append to a row.</param>
    public static AnswerCache Of(QwenVlModel model, int answers, long longest, int newTokens) => model.Backend.ThinRows > 0
        ? new SharedPrompts(model, answers, newTokens)
        : new PaddedPrompts(model, answers, longest, newTokens);

    /// <summary>The model that answers.</summary>
    protected QwenVlModel Model => model;

    /// <summary>The prompt that was begun last.</summary>
    protected KeyValueCache? Prompt { get; private set; }

    /// <summary>B, the number of rows.</summary>
    public abstract int Rows { get; }

    /// <summary>Room for the keys and values of a further prompt of so many positions, one row. It belongs to this cache.</summary>
    public KeyValueCache Begin(long length) => Prompt = new KeyValueCache(model.Config.Text, model.Layers, 1, length, model.Type, model.Device);

    /// <summary>
    /// Adds rows for the answers of the prompt that was begun last, and is complete now, after those that are there: a row an answer,
    /// or one for all of them where they can part later.
    /// </summary>
    /// <returns>The row of each answer, in increasing order.</returns>
    public abstract IReadOnlyList<int> Add(int answers);

    /// <summary>
    /// Computes the states leaving the last layer of a new token of each of the B rows, [B, 1, D], and appends their keys and values.
    /// </summary>
    /// <param name="embedded">The tokens' embeddings, [B, 1, D].</param>
    /// <param name="table">Rotary table of the tokens' positions, [B, 1, 1, d].</param>
    public abstract Tensor Next(Tensor embedded, Rotary table);

    /// <summary>The logits of such states, [B, V].</summary>
    public virtual Tensor Logits(Tensor states) => model.Unembed(states).squeeze(1);

    /// <summary>
    /// Lets all rows go but those at <paramref name="rows"/>, whose order the cache takes. A row of several answers can be named several
    /// times, and becomes as many rows.
    /// </summary>
    public abstract void Keep(long[] rows);

    /// <summary>A copy of what the answers of a row attend to, their prompt included.</summary>
    public abstract KeyValueCache Row(int row);

    /// <inheritdoc/>
    public virtual void Dispose() => Prompt?.Dispose();
}
