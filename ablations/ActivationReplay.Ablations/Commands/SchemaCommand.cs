using System.CommandLine;
using ActivationReplay.Ablations.Configuration;

namespace ActivationReplay.Ablations.Commands;

/// <summary><c>schema</c>: the JSON schema of configuration files, for editors; with <c>--markdown</c> the same keys as a page.</summary>
internal static class SchemaCommand
{
    public static Command Create()
    {
        var markdown = new Option<bool>("--markdown") { Description = "Print the keys as a page, docs/keys.md, instead." };
        var command = new Command("schema", "Print the JSON schema of configuration files.") { markdown };
        command.SetAction(parsed =>
        {
            Console.Out.Write(parsed.GetValue(markdown) ? KeyTable.Write() : ConfigSchema.Write());
            return ExitCode.Success;
        });
        return command;
    }
}
