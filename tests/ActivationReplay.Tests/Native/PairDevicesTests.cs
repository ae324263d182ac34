using ActivationReplay.Native;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Native;

public sealed class PairDevicesTests
{
    [TestCase("cuda:1", "cuda:1", "cuda:1", "cuda:1")]
    [TestCase("base=cuda:0,rlvr=cuda:1", "cuda:0", "cuda:1", "base=cuda:0,rlvr=cuda:1")]
    [TestCase("rlvr = cpu, base = cuda", "cuda", "cpu", "base=cuda,rlvr=cpu")]
    [TestCase("base=cpu,rlvr=cpu", "cpu", "cpu", "cpu")]
    public void Parse_ReadsOneForBothOrOneForEach(string text, string ofBase, string ofRlvr, string written)
    {
        var devices = PairDevices.Parse(text);

        devices.Should().Be(new PairDevices(ofBase, ofRlvr));
        devices.ToString().Should().Be(written);
        PairDevices.Parse(written).Should().Be(devices);
    }

    [TestCase("base=cuda:0", "says nothing of rlvr")]
    [TestCase("rlvr=cuda:0", "says nothing of base")]
    [TestCase("base=cuda:0,rlvr", "rlvr has no device")]
    [TestCase("base=cuda:0,base=cuda:1", "names base twice")]
    [TestCase("base=cuda:0,student=cuda:1", "'student' is none of the two models")]
    [TestCase("base=cuda:0,rlvr=mps", "'mps': no such name")]
    [TestCase("cuda:0,cuda:1", "no such name")]
    [TestCase("", "no such name")]
    public void Parse_OfAnotherForm_SaysWhatIsWrong(string text, string problem) =>
        FluentActions.Invoking(() => PairDevices.Parse(text)).Should().Throw<ArgumentException>().WithMessage($"*'{text}'*{problem}*");

    [Test]
    public void Open_OfADeviceThatIsNotThere_NamesIt() =>
        FluentActions.Invoking(() => PairDevices.Parse("base=cpu,rlvr=cuda:99").Open()).Should().Throw<ArgumentException>().WithMessage("*'cuda:99' is not there*There *");
}
