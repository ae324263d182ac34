using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace ActivationReplay.Tests.Execution;

/// <summary>Memory that holds so many things, and says what libtorch says when it does not.</summary>
internal static class Room
{
    public static void For(int things, int room)
    {
        if (things > room)
        {
            throw Exhausted();
        }
    }

    [SuppressMessage("Usage", "CA2201", Justification = "it stands for libtorch's, which TorchSharp throws so")]
    public static ExternalException Exhausted(string text = "CUDA out of memory. Tried to allocate 2.00 GiB.") => new(text);
}
