namespace ActivationReplay.Checkpoints;

/// <summary>
/// The files of a folder that are neither weights nor config.json, and where among them the settings of its processor
/// are: transformers 5 writes one file for pictures and videos, transformers 4 a file each.
/// </summary>
internal static class ProcessorFiles
{
    public const string Joint = "processor_config.json";
    public const string Pictures = "preprocessor_config.json";
    public const string Videos = "video_preprocessor_config.json";

    /// <summary>The files of processor and tokenizer in any version, as paths within the folder.</summary>
    public static readonly IReadOnlyList<string> All =
    [
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.json", "merges.txt",
        Joint, Pictures, Videos, .. ChatTemplateFile.Names, "generation_config.json",
    ];

    /// <summary>Settings for pictures, or null: those inside <see cref="Joint"/> count before a file of their own.</summary>
    /// <exception cref="CheckpointException">A file is damaged.</exception>
    public static ConfigSection? FindPictures(string folder) => Find(folder, "image_processor", Pictures);

    /// <summary>Settings for videos, or null: inside <see cref="Joint"/>, else their own file, else that of pictures.</summary>
    /// <exception cref="CheckpointException">A file is damaged.</exception>
    public static ConfigSection? FindVideos(string folder) => Find(folder, "video_processor", Videos, Pictures);

    /// <summary>A file's top object, or null where the folder has no such file.</summary>
    /// <exception cref="CheckpointException">The file is damaged.</exception>
    public static ConfigSection? Open(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        return File.Exists(path) ? JsonFile.Read(path, json => new ConfigSection(path, "", json.Clone())) : null;
    }

    private static ConfigSection? Find(string folder, string key, params IEnumerable<string> files) =>
        Open(folder, Joint)?.Section(key) ?? files.Select(file => Open(folder, file)).FirstOrDefault(file => file is not null);
}
