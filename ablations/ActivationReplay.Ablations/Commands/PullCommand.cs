using System.CommandLine;
using System.Globalization;
using ActivationReplay.Checkpoints;
using ActivationReplay.Hub;

namespace ActivationReplay.Ablations.Commands;

/// <summary><c>pull ID…</c>: downloads models of the hub into the Hugging Face cache, where commands and Python tools find them.</summary>
internal static class PullCommand
{
    private const int MostParallel = 16;

    public static Command Create()
    {
        var ids = new Argument<string[]>("ID")
        {
            Description = "ORG/NAME or ORG/NAME@REVISION: a branch, a tag or a commit.",
            Arity = ArgumentArity.OneOrMore,
        };
        var parallel = new Option<int>("--parallel") { Description = "Files that are fetched side by side.", DefaultValueFactory = _ => 4 };
        parallel.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > MostParallel)
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"--parallel must be 1 to {MostParallel}."));
            }
        });
        var command = new Command(
            "pull",
            "Download models of the Hugging Face hub into its cache (HF_HUB_CACHE, HF_HOME): what is there already stays, what broke off goes on. "
            + "HF_TOKEN or `hf auth login` opens models that are not open to everyone; HF_ENDPOINT is another hub.")
        {
            ids, parallel,
        };
        command.SetAction(async (parsed, cancel) => await Run([.. parsed.GetRequiredValue(ids).Select(Read)], parsed.GetValue(parallel), cancel));
        return command;
    }

    private static async Task<int> Run(IReadOnlyList<HubId> ids, int parallel, CancellationToken cancel)
    {
        using var download = new HubDownload { Parallel = parallel };
        var folders = await PullProgress.Show(onProgress => download.Pull(ids, onProgress, cancel));
        CommandLine.Lines(ids.Zip(folders, (id, folder) => $"{id.Name} is in {folder}"));
        return ExitCode.Success;
    }

    private static HubId Read(string text) => HubId.Parse(text)
        ?? throw new ArgumentException($"'{text}' is no id of the hub; allowed: ORG/NAME or ORG/NAME@REVISION, for example Qwen/Qwen2.5-VL-7B-Instruct", nameof(text));
}
