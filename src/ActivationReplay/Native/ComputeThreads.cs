using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace ActivationReplay.Native;

/// <summary>
/// Runs managed work on the threads that libtorch computes with, as many as <see cref="torch.get_num_threads"/> says. These
/// wait awake for their next work for a while, so that a second pool beside them has to share the cores with them.
/// </summary>
/// <remarks>
/// On Linux these are the threads of the OpenMP runtime that libtorch was linked with, whatever its file is called, entered through
/// GCC's interface to it (<c>GOMP_parallel</c>); elsewhere the work goes to .NET's pool.
/// </remarks>
internal static unsafe class ComputeThreads
{
    private static readonly nint OpenMp = LoadOpenMp();

    private static readonly delegate* unmanaged<delegate* unmanaged<nint, void>, nint, uint, uint, void> Enter =
        (delegate* unmanaged<delegate* unmanaged<nint, void>, nint, uint, uint, void>)Export("GOMP_parallel");

    private static readonly delegate* unmanaged<int> Thread = (delegate* unmanaged<int>)Export("omp_get_thread_num");
    private static readonly delegate* unmanaged<int> Threads = (delegate* unmanaged<int>)Export("omp_get_num_threads");

    /// <summary>Whether the work runs on libtorch's own threads.</summary>
    public static bool AreLibtorchs => OpenMp != 0;

    /// <summary>Calls <paramref name="work"/>(first, end) once a thread, with ranges that make up 0..<paramref name="count"/>.</summary>
    /// <exception cref="Exception">One that the work threw, after all have ended.</exception>
    public static void Split(int count, Action<int, int> work)
    {
        var parts = Math.Min(torch.get_num_threads(), count);
        if (parts <= 1)
        {
            work(0, count);
            return;
        }

        var region = new Region(count, parts, work);
        if (AreLibtorchs)
        {
            var handle = GCHandle.Alloc(region);
            Enter(&RunParts, GCHandle.ToIntPtr(handle), (uint)parts, 0);
            handle.Free();
        }
        else
        {
            Parallel.For(0, parts, region.RunPart);
        }

        region.Failure?.Throw();
    }

    [UnmanagedCallersOnly]
    private static void RunParts(nint handle)
    {
        var region = (Region)GCHandle.FromIntPtr(handle).Target!;
        // Within another region there may be fewer threads than parts.
        for (int part = Thread(), step = Threads(); part < region.Parts; part += step)
        {
            region.RunPart(part);
        }
    }

    // The library that is loaded already, by its name: its exports are those of what it depends on, too.
    private static nint LoadOpenMp()
    {
        Libtorch.Load();
        return OperatingSystem.IsLinux() && NativeLibrary.TryLoad(LibraryNames.File("torch_cpu"), out var library)
            && NativeLibrary.TryGetExport(library, "GOMP_parallel", out _) ? library : 0;
    }

    private static nint Export(string name) => OpenMp == 0 ? 0 : NativeLibrary.GetExport(OpenMp, name);

    private sealed class Region(int count, int parts, Action<int, int> work)
    {
        public int Parts => parts;

        public ExceptionDispatchInfo? Failure { get; private set; }

        public void RunPart(int part)
        {
            try
            {
                work((int)((long)count * part / parts), (int)((long)count * (part + 1) / parts));
            }
            catch (Exception e)
            {
                // No exception may pass through native frames: the caller throws it.
                Failure = ExceptionDispatchInfo.Capture(e);
            }
        }
    }
}
