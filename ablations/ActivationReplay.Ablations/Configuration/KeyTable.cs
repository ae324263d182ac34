using System.Text;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>The keys of configurations as a Markdown page, made from the same lists as all that reads them.</summary>
internal static class KeyTable
{
    /// <summary>The page; docs/keys.md is it.</summary>
    public static string Write()
    {
        var text = new StringBuilder();
        text.Append("# Keys of a configuration\n\n");
        text.Append("`schema --markdown > docs/keys.md` makes this page from the program's own list. A key is set in YAML, by its option, or by\n");
        text.Append("`--set KEY=VALUE`; in tables a setting's column has its name with `_` for `-`.\n\n");
        text.Append("## Settings of the methods\n\n");
        text.Append("Each may be a list, and is then an axis. Without them a method has the published settings, layers as the published share of\n");
        text.Append("the model's (16 of 28 and so on).\n\n");
        text.Append("| key | of | allowed | what it is |\n|---|---|---|---|\n");
        foreach (var key in SettingKeys.All)
        {
            var methods = ReplayMethods.Ids.Where(id => key.IsOf(ReplayMethods.Get(id).Defaults(PublishedDepth.Layers)));
            text.Append($"| `{SettingKeys.Section}{key.Name}`{(key.FormerName is { } former ? $" (was `{former}`)" : "")} | {string.Join(", ", methods)} | {Cell(key.Kind.Words)} | {Cell(key.Description)} |\n");
        }

        text.Append("\n## The others\n\n| key | option | allowed | what it is |\n|---|---|---|---|\n");
        foreach (var key in ConfigKeys.All)
        {
            text.Append($"| `{key.Name}` | {string.Join(", ", key.Options.Select(o => $"`{o}`"))} | {Cell(key.Kind.Words)} | {Cell(key.Description ?? "")} |\n");
        }

        return text.ToString();
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
