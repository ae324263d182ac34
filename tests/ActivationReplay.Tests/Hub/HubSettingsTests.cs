using ActivationReplay.Checkpoints;
using ActivationReplay.Hub;
using ActivationReplay.Tests.Checkpoints;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Hub;

/// <summary>The environment variables of Hugging Face's tools mean the same here.</summary>
public sealed class HubSettingsTests
{
    private static readonly string s_home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    private TempFolder folder = null!;

    [SetUp]
    public void Create() => folder = new TempFolder();

    [TearDown]
    public void Delete() => folder.Dispose();

    [Test]
    public void WithoutVariables_TheHubAndTheCacheAreTheUsual()
    {
        var settings = Of();

        settings.Endpoint.Should().Be(new Uri("https://huggingface.co"));
        settings.IsOffline.Should().BeFalse();
        settings.Cache.Folder.Should().Be(Path.Combine(s_home, ".cache", "huggingface", "hub"));
    }

    [TestCase("/h/hub", "HF_HOME=/h")]
    [TestCase("/c", "HF_HOME=/h", "HF_HUB_CACHE=/c")]
    [TestCase("/old", "HF_HOME=/h", "HUGGINGFACE_HUB_CACHE=/old")]
    [TestCase("/x/huggingface/hub", "XDG_CACHE_HOME=/x")]
    [TestCase("~/models", "HF_HUB_CACHE=~/models")]
    [TestCase("/h/hub", "HF_HOME=/h", "HF_HUB_CACHE=")]
    public void Cache_IsWhereTheVariablesSay(string expected, params string[] variables) =>
        Of(variables).Cache.Folder.Should().Be(expected.Replace("~", s_home, StringComparison.Ordinal));

    [TestCase("1", true)]
    [TestCase("true", true)]
    [TestCase("ON", true)]
    [TestCase("0", false)]
    [TestCase("", false)]
    public void Offline_IsAYes(string text, bool expected) => Of($"HF_HUB_OFFLINE={text}").IsOffline.Should().Be(expected);

    [Test]
    public void Token_IsTheVariablesBeforeTheFiles()
    {
        File.WriteAllText(folder.PathOf("token"), "hf_file\n");

        Of($"HF_HOME={folder.Path}").Token.Should().Be("hf_file");
        Of($"HF_HOME={folder.Path}", "HF_TOKEN=hf_variable").Token.Should().Be("hf_variable");
        Of("HF_HOME=/nowhere", $"HF_TOKEN_PATH={folder.PathOf("token")}").Token.Should().Be("hf_file");
        Of("HF_HOME=/nowhere").Token.Should().BeNull();
    }

    [Test]
    public void Token_ThatIsNone_IsNotRepeatedInTheError() =>
        this.Invoking(_ => Of("HF_TOKEN=hf_se cret")).Should().Throw<HubException>().WithMessage("HF_TOKEN: *one word*").Which.Message.Should().NotContain("cret");

    [TestCase("http://mirror:8080/hf")]
    [TestCase("https://hf-mirror.com/")]
    public void Endpoint_MayBeAnotherHub(string endpoint) => Of($"HF_ENDPOINT={endpoint}").Endpoint.Should().Be(new Uri(endpoint));

    [TestCase("mirror")]
    [TestCase("file:///etc")]
    [TestCase("https://user:secret@host")]
    public void Endpoint_ThatIsNoAddress_IsRefused(string endpoint) =>
        this.Invoking(_ => Of($"HF_ENDPOINT={endpoint}")).Should().Throw<HubException>().WithMessage("HF_ENDPOINT: *https://HOST*").Which.Message.Should().NotContain("secret");

    [Test]
    public void Addresses_StandBelowTheEndpoint()
    {
        using var client = new HubClient(new HubSettings { Endpoint = new Uri("http://mirror:8080/hf/"), Cache = new HubCache(folder.Path) });

        client.ListingOf(new HubId("a/b")).AbsoluteUri.Should().Be("http://mirror:8080/hf/api/models/a/b/revision/main?blobs=true");
        client.FileOf(new HubId("a/b"), FakeHub.Commit, "base/a b.json").AbsoluteUri.Should().Be($"http://mirror:8080/hf/a/b/resolve/{FakeHub.Commit}/base/a%20b.json");
    }

    private static HubSettings Of(params string[] variables)
    {
        var set = variables.Select(v => v.Split('=', 2)).ToDictionary(v => v[0], v => v[1]);
        return HubSettings.Of(name => set.GetValueOrDefault(name));
    }
}
