using System.CommandLine;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Doctor;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Hub;
using ActivationReplay.Native;

namespace ActivationReplay.Ablations.Commands;

/// <summary><c>doctor</c>: what is there, whether it computes, and what to do about what is wrong.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var command = new Command("doctor", "Look at libtorch, GPUs, processor, ffmpeg, hub cache and disk, compute a little on each device, and say what to do about what is wrong.");
        command.SetAction(_ => Checkup.Run(Checks(new NvidiaDriver()), Console.Out) ? ExitCode.Success : ExitCode.Checkpoint);
        return command;
    }

    // One after another, since whether there is a libtorch decides about those after it.
    private static IEnumerable<ICheck> Checks(IGpuDriver driver)
    {
        yield return new VersionCheck();
        yield return new MachineCheck(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        var libtorch = new LibtorchCheck(Libtorch.Load);
        yield return libtorch;
        yield return new GpuCheck(driver, () => libtorch.IsLoaded ? (Libtorch.HasCuda, ComputeDevice.Gpus) : null);
        if (libtorch.IsLoaded)
        {
            using var model = new SmallModel();
            yield return new DeviceCheck("cpu", model);
            for (var gpu = 0; gpu < ComputeDevice.Gpus; gpu++)
            {
                yield return new DeviceCheck($"cuda:{gpu}", model);
            }

            yield return new Bf16Check(Bf16Check.Measure);
        }

        yield return new FfmpegCheck(EnvironmentReader.Output);
        yield return new HubCheck(HubSettings.FromEnvironment);
        yield return new FolderCheck("results", RepositoryPaths.Find("results"));
        yield return new FolderCheck("temporary", Path.GetTempPath());
    }
}
