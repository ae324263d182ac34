using ActivationReplay.Tests.Checkpoints;

namespace ActivationReplay.Tests.Clusters;

/// <summary>A test's own programs, shell scripts, that are found before others of their names.</summary>
internal sealed class FakePrograms : IDisposable
{
    private readonly string? path = Environment.GetEnvironmentVariable("PATH");
    private readonly TempFolder folder = new();

    /// <param name="alone">Whether no other program is found.</param>
    public FakePrograms(bool alone = false) => Environment.SetEnvironmentVariable("PATH", alone ? folder.Path : $"{folder.Path}{Path.PathSeparator}{path}");

    /// <summary>Makes a program, or replaces it.</summary>
    /// <returns>Its path.</returns>
    public string Add(string name, string script)
    {
        var file = folder.PathOf(name);
        File.WriteAllText(file, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return file;
    }

    /// <summary>A program that counts its calls' numbers up from 41 as sbatch does, and logs its arguments.</summary>
    public void AddSbatch() => Add("sbatch", $"""
        for argument in "$@"; do printf '%s|' "$argument" >> '{Calls}'; done
        echo >> '{Calls}'
        expr 40 + "$(wc -l < '{Calls}')"
        """);

    /// <summary>A queue that says the same whatever is asked.</summary>
    public void AddSqueue(params string[] lines)
    {
        File.WriteAllLines(folder.PathOf("queue.txt"), lines);
        Add("squeue", $"cat '{folder.PathOf("queue.txt")}'");
    }

    /// <summary>The file of the calls of sbatch.</summary>
    public string Calls => folder.PathOf("calls.txt");

    /// <summary>The arguments of each call of sbatch, each followed by a bar.</summary>
    public IReadOnlyList<string> Called => File.Exists(Calls) ? File.ReadAllLines(Calls) : [];

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("PATH", path);
        folder.Dispose();
    }
}
