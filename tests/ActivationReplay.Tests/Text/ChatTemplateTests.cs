using System.Text.Json;
using ActivationReplay.Checkpoints;
using ActivationReplay.Text;
using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Text;

public sealed class ChatTemplateTests
{
    private const string Turn = "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n";
    private static readonly ChatMessage[] s_hello = [ChatMessage.User("Hi")];
    private static readonly MediaFile s_picture = MediaFile.FromPath("picture.png");

    [TestCaseSource(typeof(Goldens), nameof(Goldens.Cases))]
    public void Render_OfRecordedMessages_EqualsHuggingFace(string name)
    {
        var golden = GoldenCase.Read(name);
        var template = ChatTemplate.Load(Goldens.PathOf("pairs", golden.Pair, "rlvr"));

        template.Warning.Should().BeNull();
        template.Render(golden.Messages).Should().Be(golden.Prompt);
    }

    [TestCase("a", "You are a helpful assistant.")]
    [TestCase("trained", null)]
    public void Load_OfQwensTemplates_KnowsTheDefaultSystemMessage(string pair, string? expected) =>
        ChatTemplate.Load(Goldens.CarriedPathOf("pairs", pair, "base")).DefaultSystem.Should().Be(expected);

    [Test]
    public void Render_KeepsTheOrderOfTurnsAndParts()
    {
        ChatMessage[] messages =
        [
            ChatMessage.System("Be brief."),
            ChatMessage.User(new TextPart("See "), new VideoPart([s_picture, s_picture], 2), new ImagePart(s_picture), new TextPart("?")),
            ChatMessage.Assistant("A dog."),
            new ChatMessage("tool", [new TextPart("{}")]),
            ChatMessage.User("Sure?", s_picture),
        ];

        ChatTemplate.Load(Goldens.CarriedPathOf("pairs", "a", "base")).Render(messages, addGenerationPrompt: false).Should().Be(
            "<|im_start|>system\nBe brief.<|im_end|>\n"
            + "<|im_start|>user\nSee <|vision_start|><|video_pad|><|vision_end|><|vision_start|><|image_pad|><|vision_end|>?<|im_end|>\n"
            + "<|im_start|>assistant\nA dog.<|im_end|>\n"
            + "<|im_start|>tool\n{}<|im_end|>\n"
            + "<|im_start|>user\n<|vision_start|><|image_pad|><|vision_end|>Sure?<|im_end|>\n");
    }

    [Test]
    public void Load_OfAnotherTemplate_WarnsAndNamesTheFile()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("tokenizer_config.json", """{"chat_template": "{% for m in messages %}[INST] {{ m.content }}{% endfor %}"}""");

        var template = ChatTemplate.Load(folder.FullName);

        template.Warning.Should().Contain(path).And.Contain("ChatML without a default system message");
        template.Render(s_hello).Should().Be(Turn);
    }

    [Test]
    public void Load_OfNoTemplate_Warns()
    {
        using var folder = new TemporaryFolder();

        var template = ChatTemplate.Load(folder.FullName);

        template.Warning.Should().Contain(folder.FullName).And.Contain("no chat template");
        template.Render(s_hello).Should().Be(Turn);
    }

    // Each is written beside those before it, and counts before them.
    [Test]
    public void Load_TakesTheFileThatTransformersTakes()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder.FullName, "additional_chat_templates"));
        folder.Write(Path.Combine("additional_chat_templates", "tool_use.jinja"), "not asked for");
        ChatTemplate.Load(folder.FullName).Warning.Should().Contain("no chat template");

        foreach (var name in new[]
        {
            "tokenizer_config.json", Path.Combine("additional_chat_templates", "default.jinja"), "chat_template.jinja",
            "chat_template.json", "processor_config.json",
        })
        {
            var source = QwenTemplate("a").Replace("a helpful assistant", name, StringComparison.Ordinal);
            folder.Write(name, Path.GetExtension(name) == ".json" ? Json(new { chat_template = source }) : source);

            ChatTemplate.Load(folder.FullName).Should().BeEquivalentTo(
                new { Warning = (string?)null, DefaultSystem = $"You are {name}." });
        }
    }

    [Test]
    public void Load_OfNullTemplate_LooksFurther()
    {
        using var folder = new TemporaryFolder();
        folder.Write("processor_config.json", Json(new { chat_template = (string?)null }));
        folder.Write("chat_template.jinja", QwenTemplate("trained"));

        ChatTemplate.Load(folder.FullName).Warning.Should().BeNull();
    }

    [Test]
    public void Load_OfNamedTemplates_TakesTheDefault()
    {
        using var folder = new TemporaryFolder();
        folder.Write("tokenizer_config.json", Json(new
        {
            chat_template = new[] { new { name = "tool_use", template = "other" }, new { name = "default", template = QwenTemplate("a") } },
        }));

        ChatTemplate.Load(folder.FullName).Warning.Should().BeNull();
    }

    [Test]
    public void Load_LooksThroughLayoutAndQuotes()
    {
        using var folder = new TemporaryFolder();
        folder.Write("chat_template.jinja", "{# Qwen's #}\n" + QwenTemplate("a")
            .Replace("{% endif %}{% endfor %}", "{% endif %}\n  {%- endfor -%}\n  ", StringComparison.Ordinal)
            .Replace("message['role']", "message[ \"role\" ]", StringComparison.Ordinal)
            .Replace("a helpful", "a careful", StringComparison.Ordinal) + "\n");

        ChatTemplate.Load(folder.FullName).Should().BeEquivalentTo(
            new { Warning = (string?)null, DefaultSystem = "You are a careful assistant." });
    }

    [TestCase("<|im_end|>\n{% endif %}{% endfor %}", "<|im_end|>{% endif %}{% endfor %}")]
    [TestCase("'system' %}<|im_start|>", "'system' %}{{ bos_token }}<|im_start|>")]
    [TestCase("You are a helpful assistant.", "{{ default }}")]
    [TestCase("<|image_pad|>", "<|image|>")]
    public void Load_OfAlmostQwensTemplate_Warns(string old, string @new)
    {
        using var folder = new TemporaryFolder();
        var changed = QwenTemplate("a").Replace(old, @new, StringComparison.Ordinal);
        changed.Should().NotBe(QwenTemplate("a"));
        folder.Write("chat_template.jinja", changed);

        ChatTemplate.Load(folder.FullName).Warning.Should().Contain("chat_template.jinja");
    }

    [TestCase("""{"chat_template": 3}""", "chat_template is 3; it must be text")]
    [TestCase("""{"chat_template": ["x"]}""", "chat_template is [\"x\"]; it must be a list of objects")]
    [TestCase("""{"chat_template": [{"name": "x", "template": "y"}]}""", "chat_template is [*]; it must have a template named default")]
    [TestCase("""{"chat_template": [{"template": "y"}]}""", "chat_template[0].name is absent; it must be text")]
    public void Load_OfBrokenTemplate_NamesPathAndKey(string json, string problem)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("chat_template.json", json);

        FluentActions.Invoking(() => ChatTemplate.Load(folder.FullName)).Should().Throw<CheckpointException>()
            .WithMessage($"{path}: {problem}");
    }

    private static string QwenTemplate(string pair)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Goldens.CarriedPathOf("pairs", pair, "base", "chat_template.json")));
        return json.RootElement.GetProperty("chat_template").GetString()!;
    }

    private static string Json(object value) => JsonSerializer.Serialize(value);
}
