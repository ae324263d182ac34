using System.Text;
using System.Text.Json;

namespace ActivationReplay.Text;

/// <summary>Where a checkpoint keeps its chat template, in the order in which transformers looks.</summary>
/// <param name="Path">The file that holds it.</param>
/// <param name="Source">The template's Jinja source.</param>
internal sealed record ChatTemplateFile(string Path, string Source)
{
    public const string Jinja = "chat_template.jinja", Processor = "chat_template.json", Tokenizer = "tokenizer_config.json";

    /// <summary>The template of a folder, or <see langword="null"/> where it has none.</summary>
    /// <exception cref="TokenizerException">A file is broken.</exception>
    public static ChatTemplateFile? Find(string folder)
    {
        var jinja = System.IO.Path.Combine(folder, Jinja);
        return File.Exists(jinja)
            ? new ChatTemplateFile(jinja, Encoding.UTF8.GetString(TokenizerJson.Bytes(jinja)))
            : FromJson(System.IO.Path.Combine(folder, Processor)) ?? FromJson(System.IO.Path.Combine(folder, Tokenizer));
    }

    private static ChatTemplateFile? FromJson(string path) => File.Exists(path) ? TokenizerJson.Read(path, FromJson) : null;

    private static ChatTemplateFile? FromJson(TokenizerJson file)
    {
        const string Key = "chat_template";
        if (!file.Root.TryGetProperty(Key, out var template) || template.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return template.ValueKind switch
        {
            JsonValueKind.String => new ChatTemplateFile(file.Path, template.GetString()!),
            JsonValueKind.Array => new ChatTemplateFile(file.Path, Default(file, template)),
            _ => throw file.Error(
                Key, $"is {template.ValueKind}", "It must be the template, or a list of objects with name and template"),
        };
    }

    // A list of named templates: transformers takes the one named default.
    private static string Default(TokenizerJson file, JsonElement templates)
    {
        for (var index = 0; index < templates.GetArrayLength(); index++)
        {
            var (entry, key) = (templates[index], $"chat_template[{index}]");
            if (entry.ValueKind != JsonValueKind.Object)
            {
                throw file.Error(key, $"is {entry.ValueKind}", "It must be an object with name and template");
            }

            if (file.Require(entry, $"{key}.name", JsonValueKind.String).GetString() == "default")
            {
                return file.Require(entry, $"{key}.template", JsonValueKind.String).GetString()!;
            }
        }

        throw file.Error("chat_template", "no template is named default", "One of the list must be");
    }
}
