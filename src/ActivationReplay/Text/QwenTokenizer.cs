using System.Text;
using Microsoft.ML.Tokenizers;

namespace ActivationReplay.Text;

/// <summary>
/// The byte-level BPE tokenizer of Qwen2-VL and Qwen2.5-VL, equal to Hugging Face's <c>tokenizers</c> 0.22 on the same
/// <c>tokenizer.json</c>. The merging is that of Microsoft.ML.Tokenizers; cutting out added tokens, form C and the
/// split into words are done here, since the library's differ. Instances may be used from several threads.
/// </summary>
/// <remarks>
/// As at Hugging Face, the text of an added token is that token wherever it stands: a question that holds
/// <c>&lt;|im_end|&gt;</c> ends its turn.
/// </remarks>
public sealed class QwenTokenizer
{
    private const int LongWord = 512; // UTF-16 units

    private readonly BpeTokenizer _bpe;
    private readonly Lazy<LongWordMerger> _longWords;
    private readonly bool _usesCanonicalComposition;
    private readonly AddedTokenSplitter _rawTokens; // found in the raw text
    private readonly AddedTokenSplitter _normalizedTokens; // found after normalisation
    private readonly Dictionary<string, int> _addedIds;
    private readonly HashSet<int> _specialIds;
    private readonly string?[] _tokens; // by id, null in gaps

    private QwenTokenizer(TokenizerFile file)
    {
        _usesCanonicalComposition = file.UsesCanonicalComposition;
        _addedIds = file.AddedTokens.ToDictionary(token => token.Content, token => token.Id);
        _specialIds = [.. file.AddedTokens.Where(token => token.Special).Select(token => token.Id)];
        _rawTokens = new(file.AddedTokens.Where(token => !token.Normalized).Select(token => (token.Content, token.Id)));
        _normalizedTokens = new(file.AddedTokens.Where(token => token.Normalized)
            .Select(token => (Normalize(token.Content), token.Id)));
        _tokens = new string?[file.Vocabulary.Values.Concat(_addedIds.Values).Max() + 1];
        foreach (var (token, id) in file.Vocabulary.Concat(_addedIds))
        {
            _tokens[id] = token;
        }

        _bpe = BpeTokenizer.Create(new BpeOptions(file.Vocabulary)
        {
            Merges = file.Merges,
            ByteLevel = true,
        });
        _longWords = new(() => new LongWordMerger(file.Vocabulary, file.Merges));
    }

    /// <summary>One more than the highest id. Models have more rows of embeddings than that.</summary>
    public int VocabularySize => _tokens.Length;

    /// <summary>
    /// Loads <c>tokenizer.json</c> of a checkpoint's folder, and the added tokens of <c>tokenizer_config.json</c> where
    /// it is there.
    /// </summary>
    /// <param name="folder">A checkpoint's folder.</param>
    /// <exception cref="TokenizerException">A file is missing or broken, or asks for what is not supported.</exception>
    public static QwenTokenizer Load(string folder) => new(TokenizerFile.Read(folder));

    /// <summary>The ids of a text. No token is added before or after.</summary>
    /// <param name="text">Any text; lone surrogates count as U+FFFD.</param>
    public IReadOnlyList<int> Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = new List<int>();
        foreach (var (rawId, raw) in _rawTokens.Split(ReplaceLoneSurrogates(text).AsMemory()))
        {
            if (rawId is { } id)
            {
                ids.Add(id);
                continue;
            }

            foreach (var (normalizedId, plain) in _normalizedTokens.Split(Normalize(raw.ToString()).AsMemory()))
            {
                if (normalizedId is { } otherId)
                {
                    ids.Add(otherId);
                }
                else
                {
                    EncodeWords(plain.Span, ids);
                }
            }
        }

        return ids;
    }

    /// <summary>
    /// The text of ids. Bytes that are no UTF-8 become U+FFFD, one for each maximal part of a character; ids that the
    /// tokenizer does not know are left out, as at Hugging Face.
    /// </summary>
    /// <param name="ids">Token ids.</param>
    /// <param name="skipSpecialTokens">Leave special tokens out.</param>
    public string Decode(IEnumerable<int> ids, bool skipSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var bytes = new List<byte>();
        foreach (var id in ids)
        {
            if (id >= 0 && id < _tokens.Length && _tokens[id] is { } token && !(skipSpecialTokens && IsSpecial(id)))
            {
                ByteLevelAlphabet.AppendBytes(token, bytes);
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    /// <summary>The id of an added token, such as <c>&lt;|image_pad|&gt;</c>.</summary>
    /// <param name="token">The token's text.</param>
    /// <param name="id">Its id, or 0 where there is no such token.</param>
    /// <returns>True where the tokenizer has that added token.</returns>
    public bool TryGetId(string token, out int id) => _addedIds.TryGetValue(token, out id);

    /// <summary>True for added tokens marked as special, which <see cref="Decode"/> leaves out by default.</summary>
    /// <param name="id">A token id.</param>
    public bool IsSpecial(int id) => _specialIds.Contains(id);

    private void EncodeWords(ReadOnlySpan<char> text, List<int> ids)
    {
        while (text.Length > 0)
        {
            var length = QwenPreTokenizer.WordLength(text);
            if (length > LongWord)
            {
                _longWords.Value.Merge(Encoding.UTF8.GetBytes(text[..length].ToString()), ids);
            }
            else
            {
                ids.AddRange(_bpe.EncodeToIds(text[..length], considerPreTokenization: false, considerNormalization: false));
            }

            text = text[length..];
        }
    }

    private string Normalize(string text) => _usesCanonicalComposition ? CanonicalComposition.Normalize(text) : text;

    private static string ReplaceLoneSurrogates(string text)
    {
        var invalid = false;
        for (var index = 0; index < text.Length && !invalid; index++)
        {
            if (char.IsSurrogate(text[index]))
            {
                invalid = !char.IsSurrogatePair(text, index++);
            }
        }

        return invalid ? string.Concat(text.EnumerateRunes().Select(rune => rune.ToString())) : text;
    }
}
