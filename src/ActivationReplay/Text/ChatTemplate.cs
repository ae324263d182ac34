using System.Text;
using ActivationReplay.Checkpoints;

namespace ActivationReplay.Text;

/// <summary>
/// Qwen's ChatML prompt. Jinja is not run: Qwen's template is recognised by what it says, with any default system
/// message or none; for other templates <see cref="Warning"/> tells what is used instead.
/// </summary>
public sealed class ChatTemplate
{
    private const string Beginning =
        "{% set image_count = namespace(value=0) %}{% set video_count = namespace(value=0) %}{% for message in messages %}";

    private const string BeforeDefault = "{% if loop.first and message['role'] != 'system' %}<|im_start|>system\n";
    private const string AfterDefault = "<|im_end|>\n{% endif %}";

    private const string Rest =
        "<|im_start|>{{ message['role'] }}\n{% if message['content'] is string %}{{ message['content'] }}<|im_end|>\n"
        + "{% else %}{% for content in message['content'] %}"
        + "{% if content['type'] == 'image' or 'image' in content or 'image_url' in content %}"
        + "{% set image_count.value = image_count.value + 1 %}"
        + "{% if add_vision_id %}Picture {{ image_count.value }}: {% endif %}<|vision_start|><|image_pad|><|vision_end|>"
        + "{% elif content['type'] == 'video' or 'video' in content %}"
        + "{% set video_count.value = video_count.value + 1 %}"
        + "{% if add_vision_id %}Video {{ video_count.value }}: {% endif %}<|vision_start|><|video_pad|><|vision_end|>"
        + "{% elif 'text' in content %}{{ content['text'] }}{% endif %}{% endfor %}<|im_end|>\n{% endif %}{% endfor %}"
        + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    private const char Gap = '\uFFFF'; // in no template

    private const string Instead = "Prompts are written as Qwen's ChatML without a default system message.";

    private ChatTemplate(string? defaultSystem, string? warning)
    {
        DefaultSystem = defaultSystem;
        Warning = warning;
    }

    /// <summary>The system message of conversations that have none of their own, if the template has one.</summary>
    public string? DefaultSystem { get; }

    /// <summary>
    /// Why prompts may differ from those the checkpoint was trained on, and what is used instead; or
    /// <see langword="null"/> where the checkpoint's template is Qwen's.
    /// </summary>
    public string? Warning { get; }

    /// <summary>
    /// Loads the template of a checkpoint's folder: that of <c>processor_config.json</c>, else of <c>chat_template.json</c>,
    /// else <c>chat_template.jinja</c>, else that of <c>tokenizer_config.json</c>, as transformers' processors do.
    /// </summary>
    /// <param name="folder">A checkpoint's folder.</param>
    /// <exception cref="CheckpointException">A file is broken. A template that is not Qwen's gives a warning only.</exception>
    public static ChatTemplate Load(string folder)
    {
        if (ChatTemplateFile.Find(folder) is not { } file)
        {
            return new ChatTemplate(
                null,
                $"{folder} has no chat template in {ChatTemplateFile.Candidates}. {Instead}");
        }

        return TryRecognise(file.Source, out var defaultSystem)
            ? new ChatTemplate(defaultSystem, null)
            : new ChatTemplate(null, $"The chat template of {file.Path} is not Qwen-VL's and is not used. {Instead}");
    }

    /// <summary>The prompt of a conversation, with one placeholder a picture or video.</summary>
    /// <param name="messages">The turns in order.</param>
    /// <param name="addGenerationPrompt">End with the header of the assistant's turn.</param>
    /// <exception cref="ArgumentException">A turn is given by its tokens; <see cref="Segments"/> takes those, too.</exception>
    public string Render(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt = true) =>
        string.Concat(Segments(messages, addGenerationPrompt).Select(s => s is TextPart text
            ? text.Text
            : throw new ArgumentException("A turn that is given by its tokens has no text in a prompt.", nameof(messages))));

    /// <summary>
    /// The prompt of a conversation as texts, with one placeholder a picture or video, and between them the turns that are given
    /// by their tokens.
    /// </summary>
    /// <param name="messages">The turns in order.</param>
    /// <param name="addGenerationPrompt">End with the header of the assistant's turn.</param>
    /// <returns><see cref="TextPart"/> and <see cref="TokensPart"/> alone.</returns>
    public IReadOnlyList<ContentPart> Segments(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt = true)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var segments = new List<ContentPart>();
        var prompt = new StringBuilder();
        if (DefaultSystem is not null && messages.Count > 0 && messages[0].Role != "system")
        {
            prompt.Append("<|im_start|>system\n").Append(DefaultSystem).Append("<|im_end|>\n");
        }

        foreach (var message in messages)
        {
            prompt.Append("<|im_start|>").Append(message.Role).Append('\n');
            foreach (var part in message.Content)
            {
                if (part is TokensPart)
                {
                    segments.AddRange(new TextPart(prompt.ToString()), part);
                    prompt.Clear();
                    continue;
                }

                prompt.Append(Write(part));
            }

            prompt.Append("<|im_end|>\n");
        }

        return [.. segments, new TextPart(prompt.Append(addGenerationPrompt ? "<|im_start|>assistant\n" : string.Empty).ToString())];
    }

    private static string Write(ContentPart part) => part switch
    {
        TextPart text => text.Text,
        ImagePart => "<|vision_start|><|image_pad|><|vision_end|>",
        VideoPart => "<|vision_start|><|video_pad|><|vision_end|>",
        _ => throw new ArgumentException($"A chat prompt cannot hold a {part.GetType().Name}.", nameof(part)),
    };

    private static bool TryRecognise(string source, out string? defaultSystem)
    {
        defaultSystem = null;
        var template = JinjaSource.Canonical(source);
        if (template == JinjaSource.Canonical(Beginning + Rest))
        {
            return true;
        }

        // Qwen's with the default message left out, so that both its ends are known.
        var known = JinjaSource.Canonical(Beginning + BeforeDefault + Gap + AfterDefault + Rest).Split(Gap);
        if (template.Length < known[0].Length + known[1].Length
            || !template.StartsWith(known[0], StringComparison.Ordinal)
            || !template.EndsWith(known[1], StringComparison.Ordinal))
        {
            return false;
        }

        var message = template[known[0].Length..^known[1].Length];
        defaultSystem = message;
        return !message.Contains('{', StringComparison.Ordinal); // a tag in it would have to be run
    }
}
