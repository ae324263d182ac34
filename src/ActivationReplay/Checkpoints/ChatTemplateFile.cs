using System.Text;

namespace ActivationReplay.Checkpoints;

/// <summary>Where a checkpoint keeps its chat template, in the order in which transformers' processors look.</summary>
/// <param name="Path">The file that holds it.</param>
/// <param name="Source">The template's Jinja source.</param>
internal sealed record ChatTemplateFile(string Path, string Source)
{
    private const string Key = "chat_template";
    private const string Json = "chat_template.json", Jinja = "chat_template.jinja", Tokenizer = "tokenizer_config.json";

    // Templates under other names stand beside it; a caller has to ask for them.
    private static readonly string s_named = System.IO.Path.Combine("additional_chat_templates", "default.jinja");

    /// <summary>The files that hold a chat template and nothing else.</summary>
    public static IReadOnlyList<string> Names => [Json, Jinja, s_named];

    /// <summary>The files that may hold a chat template, in order of precedence, for errors.</summary>
    public static string Candidates => $"{ProcessorFiles.Joint}, {Json}, {Jinja} or {Tokenizer}";

    /// <summary>The chat template of a folder; null if it has none.</summary>
    /// <exception cref="CheckpointException">A file is broken.</exception>
    public static ChatTemplateFile? Find(string folder) =>
        FromJson(folder, ProcessorFiles.Joint) ?? FromJson(folder, Json)
        ?? FromJinja(folder, Jinja) ?? FromJinja(folder, s_named)
        ?? FromJson(folder, Tokenizer);

    private static ChatTemplateFile? FromJinja(string folder, string name)
    {
        var path = System.IO.Path.Combine(folder, name);
        return File.Exists(path) ? new ChatTemplateFile(path, Encoding.UTF8.GetString(JsonFile.Bytes(path))) : null;
    }

    private static ChatTemplateFile? FromJson(string folder, string name) => ProcessorFiles.Open(folder, name) switch
    {
        { } file when file.IsList(Key) => new ChatTemplateFile(file.Path, Default(file)),
        { } file when file.Has(Key) => new ChatTemplateFile(file.Path, file.RequiredText(Key)),
        _ => null,
    };

    // A list of named templates: transformers takes the one named default.
    private static string Default(ConfigSection file) =>
        file.Sections(Key).FirstOrDefault(template => template.RequiredText("name") == "default")?.RequiredText("template")
        ?? throw file.Wrong(Key, "must have a template named default");
}
