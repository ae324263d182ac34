using ActivationReplay.Ablations.Storage;
using ActivationReplay.Native;
using TorchSharp;

namespace ActivationReplay.Ablations.Doctor;

/// <summary>Which libtorch, from where, and whether it is the one that TorchSharp is built for.</summary>
/// <param name="load">Loads it.</param>
internal sealed class LibtorchCheck(Func<LibtorchInUse> load) : ICheck
{
    public string Name => "libtorch";

    /// <summary>Whether it is loaded; without it no tensor must be touched.</summary>
    public bool IsLoaded { get; private set; }

    public Finding Run()
    {
        LibtorchInUse used;
        try
        {
            used = load();
        }
        catch (LibtorchException e)
        {
            var (says, rest) = e.Message.Split(". ", 2) is [var first, var more] ? (first, more) : (e.Message, Libtorch.WhatToDo);
            return Finding.Fail(says, rest);
        }

        IsLoaded = true;
        var bindings = $"TorchSharp {EnvironmentReader.Version(typeof(torch).Assembly).Split('+')[0]} is built for {Libtorch.BuiltFor}";
        var text = $"{used.Version ?? "unknown version"}, {(used.IsInstalled ? "installed" : "of this build")}, {used.Folder ?? "found by the system"}; {bindings}";
        return used switch
        {
            { Missing.Count: > 0 } => Finding.Warn(
                $"{text}; it lacks {used.Missing.Count} of the functions that are needed, and is used unchecked",
                "The process ends where one of these is called: give a libtorch of that version. " + string.Join("; ", used.Missing.Take(5))),
            { IsAsBuiltFor: false } => Finding.Warn(
                $"{text}; it has all functions that are needed",
                "What the functions take may differ: trust it once parity tests/goldens says that all quantities are within limits."),
            _ => Finding.Ok(text),
        };
    }
}
