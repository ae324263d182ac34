using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ActivationReplay.Tests.Hub;

/// <summary>A request as it came in.</summary>
/// <param name="Method">GET or HEAD.</param>
/// <param name="Path">Path and query.</param>
/// <param name="Token">The header Authorization, or null.</param>
/// <param name="Range">The header Range, or null.</param>
internal sealed record Seen(string Method, string Path, string? Token, string? Range);

/// <summary>
/// A server on this machine that answers as the hub does: a list of files, small files itself, large ones by a redirect to a second
/// server (<see cref="Storage"/>). <see cref="Before"/> lets a test answer otherwise.
/// </summary>
internal sealed class FakeHub : IDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly Server hub;
    private readonly Server storage;

    public FakeHub()
    {
        storage = new Server(Serve);
        hub = new Server(Answer);
    }

    /// <summary>The address of the hub.</summary>
    public Uri Address => hub.Address;

    /// <summary>The address of the host that has large files.</summary>
    public Uri Storage => storage.Address;

    /// <summary>Answers a request in a way of its own; false leaves it to the hub.</summary>
    public Func<HttpListenerContext, bool> Before { get; set; } = _ => false;

    /// <summary>The commit that every revision is.</summary>
    public string Head { get; set; } = Commit;

    /// <summary>Whether the list says sizes and hashes.</summary>
    public bool SaysBlobs { get; set; } = true;

    /// <summary>Files by model; those of Git LFS are large ones.</summary>
    public Dictionary<string, List<(string Name, byte[] Bytes, bool IsLarge)>> Models { get; } = [];

    /// <summary>The requests to the hub.</summary>
    public IReadOnlyList<Seen> Asked => [.. hub.Seen];

    /// <summary>The requests for large files.</summary>
    public IReadOnlyList<Seen> Served => [.. storage.Seen];

    public static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

#pragma warning disable CA5350 // Git's
    public static string GitHash(byte[] bytes) => Convert.ToHexStringLower(
        SHA1.HashData([.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {bytes.Length}\0")), .. bytes]));
#pragma warning restore CA5350

    /// <summary>A model whose weights are two shards, with files beside them that the engine does not read.</summary>
    public void AddModel(string id, int shardBytes = 100_000)
    {
        var index = new { weight_map = new Dictionary<string, string> { ["a"] = "model-00001-of-00002.safetensors", ["b"] = "model-00002-of-00002.safetensors" } };
        Models[id] =
        [
            (".gitattributes", "x"u8.ToArray(), false),
            ("README.md", "# A model"u8.ToArray(), false),
            ("config.json", "{}"u8.ToArray(), false),
            ("tokenizer.json", Bytes(5000, 1), true),
            ("merges.txt", [], false),
            ("model.safetensors.index.json", JsonSerializer.SerializeToUtf8Bytes(index), false),
            ("model-00001-of-00002.safetensors", Bytes(shardBytes, 2), true),
            ("model-00002-of-00002.safetensors", Bytes(shardBytes + 1, 3), true),
            ("pytorch_model.bin", Bytes(100, 4), true),
            ("onnx/model.onnx", Bytes(100, 5), true),
        ];
    }

    /// <summary>A model of the files of a folder.</summary>
    public void AddFolder(string id, string folder, string prefix = "")
    {
        if (!Models.TryGetValue(id, out var files))
        {
            Models[id] = files = [];
        }

        files.AddRange(Directory.GetFiles(folder).Select(file => (prefix + Path.GetFileName(file), File.ReadAllBytes(file), file.EndsWith(".safetensors", StringComparison.Ordinal))));
    }

    public byte[] BytesOf(string id, string name) => Models[id].Single(f => f.Name == name).Bytes;

    public static void Send(HttpListenerContext context, int status, byte[]? body = null, params (string Name, string Value)[] headers)
    {
        context.Response.StatusCode = status;
        foreach (var (name, value) in headers)
        {
            context.Response.AddHeader(name, value);
        }

        context.Response.ContentLength64 = body?.Length ?? 0;
        if (body is not null && context.Request.HttpMethod != "HEAD")
        {
            context.Response.OutputStream.Write(body);
        }

        context.Response.Close();
    }

    public void Dispose()
    {
        hub.Dispose();
        storage.Dispose();
    }

    private static byte[] Bytes(int count, int seed)
    {
        var bytes = new byte[count];
#pragma warning disable CA5394 // no secret
        new Random(seed).NextBytes(bytes);
#pragma warning restore CA5394
        return bytes;
    }

    private void Answer(HttpListenerContext context)
    {
        if (Before(context))
        {
            return;
        }

        var parts = context.Request.Url!.AbsolutePath.Trim('/').Split('/');
        if (parts is ["api", "models", var org, var name, "revision", _] && Models.TryGetValue($"{org}/{name}", out var files))
        {
            Send(context, 200, List(files));
        }
        else if (parts is [var owner, var model, "resolve", var commit, .. var path] && commit == Head && Models.TryGetValue($"{owner}/{model}", out var all)
            && all.FirstOrDefault(f => f.Name == string.Join('/', path.Select(Uri.UnescapeDataString))) is { Bytes: { } bytes } file)
        {
            Send(context, file, bytes);
        }
        else
        {
            Send(context, 404, null, ("X-Error-Code", "RepoNotFound"));
        }
    }

    private byte[] List(List<(string Name, byte[] Bytes, bool IsLarge)> files) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        sha = Head,
        siblings = files.Select(f => !SaysBlobs ? new { rfilename = f.Name }
            : f.IsLarge ? new { rfilename = f.Name, size = f.Bytes.Length, blobId = GitHash([1]), lfs = new { sha256 = Sha256(f.Bytes), size = f.Bytes.Length, pointerSize = 134 } }
            : (object)new { rfilename = f.Name, size = f.Bytes.Length, blobId = GitHash(f.Bytes) }),
    });

    private void Send(HttpListenerContext context, (string Name, byte[] Bytes, bool IsLarge) file, byte[] bytes)
    {
        if (file.IsLarge)
        {
            Send(context, 302, null, ("Location", new Uri(Storage, Sha256(bytes)).AbsoluteUri), ("X-Linked-Etag", $"\"{Sha256(bytes)}\""),
                ("X-Linked-Size", bytes.Length.ToString(CultureInfo.InvariantCulture)));
        }
        else
        {
            Send(context, 200, bytes, ("ETag", $"\"{GitHash(bytes)}\""));
        }
    }

    private void Serve(HttpListenerContext context)
    {
        if (Before(context))
        {
            return;
        }

        var hash = context.Request.Url!.AbsolutePath.Trim('/');
        var bytes = Models.Values.SelectMany(m => m).First(f => Sha256(f.Bytes) == hash).Bytes;
        if (context.Request.Headers["Range"] is { } range)
        {
            var from = int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture);
            Send(context, 206, bytes[from..], ("Content-Range", string.Create(CultureInfo.InvariantCulture, $"bytes {from}-{bytes.Length - 1}/{bytes.Length}")));
        }
        else
        {
            Send(context, 200, bytes);
        }
    }

    private sealed class Server : IDisposable
    {
        private readonly HttpListener listener;
        private readonly Action<HttpListenerContext> answer;

        public Server(Action<HttpListenerContext> answer)
        {
            this.answer = answer;
            (listener, Address) = Start();
            _ = Task.Run(Listen);
        }

        public Uri Address { get; }

        public ConcurrentQueue<Seen> Seen { get; } = [];

        public void Dispose() => listener.Close();

        // Another process may take the port between two lines.
        private static (HttpListener Listener, Uri Address) Start()
        {
            for (var tries = 0; ; tries++)
            {
                using var free = new TcpListener(IPAddress.Loopback, 0);
                free.Start();
                var address = new Uri($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture)}/");
                free.Stop();
                var listener = new HttpListener();
                listener.Prefixes.Add(address.AbsoluteUri);
                try
                {
                    listener.Start();
                    return (listener, address);
                }
                catch (HttpListenerException) when (tries < 10)
                {
                    listener.Close();
                }
            }
        }

        private async Task Listen()
        {
            while (listener.IsListening)
            {
                HttpListenerContext context;
                try
                {
                    context = await listener.GetContextAsync();
                }
                catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
                {
                    return; // closed
                }

                var request = context.Request;
                Seen.Enqueue(new Seen(request.HttpMethod, request.Url!.PathAndQuery, request.Headers["Authorization"], request.Headers["Range"]));
                _ = Task.Run(() => Try(context));
            }
        }

        // Who asked may have gone.
        private void Try(HttpListenerContext context)
        {
            try
            {
                answer(context);
            }
            catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException)
            {
                context.Response.Abort();
            }
        }
    }
}
