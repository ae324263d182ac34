using System.CommandLine;
using ActivationReplay.Ablations.Configuration;

namespace ActivationReplay.Ablations.Commands;

/// <summary><c>schema</c>: the JSON schema of configuration files, for editors.</summary>
internal static class SchemaCommand
{
    public static Command Create()
    {
        var command = new Command("schema", "Print the JSON schema of configuration files.");
        command.SetAction(_ =>
        {
            Console.Out.Write(ConfigSchema.Write());
            return ExitCode.Success;
        });
        return command;
    }
}
