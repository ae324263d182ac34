using System.Diagnostics;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace ActivationReplay.Native;

/// <summary>What one of libtorch's operations was asked for, in one part of the work.</summary>
/// <param name="Part">The part (<see cref="OperationRecorder.Part"/>); empty outside of all.</param>
/// <param name="Name">The operation, such as aten::mul; empty is the part's own C# code.</param>
/// <param name="Calls">How often it was called.</param>
/// <param name="Launches">Kernels that a GPU has to launch for it, by <see cref="OperationRules"/>.</param>
/// <param name="Transfers">How often the host waited for the device, or the two exchanged a tensor.</param>
/// <param name="Seconds">Wall-clock seconds, without those of the operations that it is made of.</param>
internal sealed record OperationCount(string Part, string Name, long Calls, long Launches, long Transfers, double Seconds);

/// <summary>
/// Records the operations that libtorch is asked for by the thread that made the recorder, and by autograd for it, through
/// libtorch's own hook for profilers (at::RecordFunction). A GPU is asked for the same operations as the CPU where the backend is
/// the same (<c>Backend.Gpu</c>), so that launches can be counted where there is no GPU. On Linux; one recorder at a time.
/// </summary>
/// <remarks>
/// A tensor that moves between devices is a call of <c>to</c> with a device: it is counted as a transfer even on the CPU alone, where
/// nothing moves. Two things are seen on a GPU alone: what is made of an array on the CPU is no operation, so that code that uploads
/// says <c>.to(device)</c>; and TorchSharp reads single numbers (<c>item</c>) of the CPU's memory itself, so that a test looks for calls.
/// </remarks>
internal sealed unsafe class OperationRecorder : IDisposable
{
    // libtorch 2.x: functions of the C++ binary interface, and the layout of at::RecordFunctionCallback.
    private const string AddCallback = "_ZN2at22addThreadLocalCallbackENS_22RecordFunctionCallbackE";
    private const string RemoveCallback = "_ZN2at14removeCallbackEm";
    private const string NameOf = "_ZNK2at14RecordFunction4nameEv";
    private const string OverloadOf = "_ZNK2at14RecordFunction13overload_nameEv";

    private static readonly SemaphoreSlim s_one = new(1, 1);
    private static volatile OperationRecorder? s_current;

    [ThreadStatic]
    private static Stack<Frame>? s_frames;

    private readonly Lock guard = new();
    private readonly Dictionary<(string Part, string Name), Sum> sums = [];
    private readonly delegate* unmanaged<ulong, void> remove;
    private readonly delegate* unmanaged<nint, nint> nameOf;
    private readonly delegate* unmanaged<nint, nint> overloadOf;
    private readonly Device? waited;
    private readonly ulong handle;
    private volatile string part = "";
    private volatile bool isOneLaunch; // for autograd's threads, which do not see the frame

    /// <summary>Starts recording.</summary>
    /// <param name="waited">
    /// A device to wait for after each operation, so that its seconds are of the device's work and not of giving it; null does not wait.
    /// </param>
    /// <exception cref="NotSupportedException">This libtorch lacks the hook in the known form; <see cref="IsAvailable"/> says so.</exception>
    public OperationRecorder(Device? waited = null)
    {
        this.waited = waited?.type == DeviceType.CUDA ? waited : null;
        if (!TryExports(out var exports))
        {
            throw new NotSupportedException("this libtorch has no at::RecordFunction in the form of libtorch 2.x for Linux");
        }

        remove = (delegate* unmanaged<ulong, void>)exports[1];
        nameOf = (delegate* unmanaged<nint, nint>)exports[2];
        overloadOf = (delegate* unmanaged<nint, nint>)exports[3];
        s_one.Wait();
        s_frames = new();
        s_current = this;
        Callback callback = default;
        callback.Start = (nint)(delegate* unmanaged<nint, nint, nint>)&Start;
        callback.End = (nint)(delegate* unmanaged<nint, nint, void>)&End;
        callback.Probability = 1;
        callback.Scopes[0] = 1; // operations
        handle = ((delegate* unmanaged<Callback, ulong>)exports[0])(callback);
    }

    /// <summary>Whether operations can be recorded here.</summary>
    public static bool IsAvailable => TryExports(out _);

    /// <summary>What was recorded so far, the most seconds first.</summary>
    public IReadOnlyList<OperationCount> Operations
    {
        get
        {
            lock (guard)
            {
                return
                [
                    .. sums.Select(s => new OperationCount(
                            s.Key.Part, s.Key.Name, s.Value.Calls, s.Value.Launches, s.Value.Transfers, (double)s.Value.Ticks / Stopwatch.Frequency))
                        .OrderByDescending(o => o.Seconds),
                ];
            }
        }
    }

    /// <summary>Kernels that a GPU has to launch for all of it.</summary>
    public long Launches => Operations.Sum(o => o.Launches);

    /// <summary>How often the host waited for the device, or the two exchanged a tensor.</summary>
    public long Transfers => Operations.Sum(o => o.Transfers);

    /// <summary>Names what follows until the result is disposed; does nothing where nothing is recorded.</summary>
    public static Section Part(string name) => s_current is { } recorder && s_frames is { } frames
        ? new Section(recorder, frames, new Frame(name, OperationRule.Composite, recorder.part, IsPart: true))
        : default;

    /// <summary>
    /// What follows until the result is disposed is one kernel on a GPU, whatever it is made of elsewhere: for derivatives that
    /// libtorch has as one operation on a GPU alone.
    /// </summary>
    public static Section OneLaunch(string name) => s_current is { } recorder && s_frames is { } frames
        ? new Section(recorder, frames, new Frame(name, OperationRule.Kernel, recorder.part, IsPart: false))
        : default;

    /// <summary>Stops recording.</summary>
    public void Dispose()
    {
        remove(handle);
        s_frames = null;
        s_current = null;
        s_one.Release();
    }

    private static bool TryExports(out nint[] exports)
    {
        exports = new nint[4];
        if (!OperatingSystem.IsLinux() || !NativeLibrary.TryLoad(LibraryNames.File("torch_cpu"), out var library))
        {
            return false;
        }

        foreach (var (i, name) in new[] { AddCallback, RemoveCallback, NameOf, OverloadOf }.Index())
        {
            if (!NativeLibrary.TryGetExport(library, name, out exports[i]))
            {
                return false;
            }
        }

        return true;
    }

    // Returns a std::unique_ptr, so that the caller gives its place first.
    [UnmanagedCallersOnly]
    private static nint Start(nint place, nint function)
    {
        *(nint*)place = 0;
        if (s_current is { } recorder)
        {
            var name = Marshal.PtrToStringUTF8(recorder.nameOf(function)) ?? "";
            var rule = OperationRules.Of(name);
            var frames = s_frames ??= new(); // autograd's threads have their own
            var moves = name == "aten::to" && frames.All(f => f.IsPart)
                && Marshal.PtrToStringUTF8(recorder.overloadOf(function)) is "dtype_layout" or "device";
            frames.Push(new Frame(name, rule, recorder.part, IsPart: false) { Transfers = moves || rule == OperationRule.Waits ? 1 : 0 });
        }

        return place;
    }

    [UnmanagedCallersOnly]
    private static void End(nint function, nint context)
    {
        if (s_current is { } recorder && s_frames is { Count: > 0 } frames)
        {
            recorder.Close(frames);
        }
    }

    private void Close(Stack<Frame> frames)
    {
        var frame = frames.Peek();
        // Nested operations are waited for already.
        if (waited is not null && frame.Rule is not (OperationRule.Free or OperationRule.Composite))
        {
            cuda.synchronize();
        }

        frames.Pop();
        var elapsed = Stopwatch.GetTimestamp() - frame.Began;
        var launches = frame.Rule switch
        {
            OperationRule.Free => 0,
            OperationRule.Composite => frame.Nested,
            OperationRule.Kernel => 1,
            OperationRule.TwoKernels => 2,
            _ => Math.Max(1, frame.Nested),
        };
        // What a kernel is made of elsewhere is part of it.
        if (isOneLaunch || frames.Any(f => IsKernel(f.Rule)))
        {
            return;
        }

        if (frames.TryPeek(out var outer))
        {
            outer.Nested += launches;
            outer.Inside += elapsed;
        }

        var own = IsKernel(frame.Rule) ? launches : launches - frame.Nested;
        lock (guard)
        {
            var key = frame.IsPart ? (frame.Name, "") : (frame.Part, frame.Name);
            ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(sums, key, out _);
            sum = new Sum(sum.Calls + 1, sum.Launches + own, sum.Transfers + frame.Transfers, sum.Ticks + elapsed - frame.Inside);
        }
    }

    private static bool IsKernel(OperationRule rule) => rule is OperationRule.Kernel or OperationRule.TwoKernels;

    private readonly record struct Sum(long Calls, long Launches, long Transfers, long Ticks);

    // A class, since outer frames add up what nested ones did.
    internal sealed record Frame(string Name, OperationRule Rule, string Part, bool IsPart)
    {
        public long Began { get; } = Stopwatch.GetTimestamp();

        public long Nested { get; set; }

        public long Inside { get; set; }

        public long Transfers { get; init; }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Callback
    {
        public nint Start;
        public nint End;
        public double Probability;
        public fixed byte Scopes[10]; // by at::RecordScope
        public byte NeedsInputs;
        public byte NeedsOutputs;
        public byte NeedsIds;
    }

    /// <summary>A named stretch of work; <see cref="Dispose"/> ends it.</summary>
    internal readonly struct Section : IDisposable
    {
        private readonly OperationRecorder? recorder;
        private readonly Stack<Frame>? frames;

        internal Section(OperationRecorder recorder, Stack<Frame> frames, Frame frame)
        {
            (this.recorder, this.frames) = (recorder, frames);
            frames.Push(frame);
            if (frame.IsPart)
            {
                recorder.part = frame.Name;
            }
            else
            {
                recorder.isOneLaunch = true;
            }
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            if (recorder is not null && frames is { Count: > 0 })
            {
                (recorder.part, recorder.isOneLaunch) = (frames.Peek().Part, false);
                recorder.Close(frames);
            }
        }
    }
}
