using ActivationReplay.Evaluation.Agents;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Agents;

/// <summary>What a turn calls is strict JSON; everything else has a defined refusal.</summary>
public sealed class CallParserTests
{
    [Test]
    public void Read_OfACall_IsNameAndArguments()
    {
        var call = CallParser.Read($"<think>It is small.</think>{Scripted.Call}")!.Call!;

        call.Name.Should().Be("image_zoom_in_tool");
        call.Arguments.GetProperty("bbox_2d").GetArrayLength().Should().Be(4);
    }

    [TestCase("The answer is 3.")]
    [TestCase("")]
    [TestCase("</tool_call>{}<TOOL_CALL>")]
    [TestCase("< tool_call>{}</tool_call>")]
    public void Read_WithoutABeginning_IsNoCall(string turn) => CallParser.Read(turn).Should().BeNull();

    [TestCase("""<tool_call>{"name": "f", "arguments": {}}""", CallRefusal.NotClosed)]
    [TestCase("""<tool_call>{"name": "f", "arguments": {}}</tool_""", CallRefusal.NotClosed)]
    [TestCase("<tool_call></tool_call>", CallRefusal.NotJson)]
    [TestCase("<tool_call>nonsense</tool_call>", CallRefusal.NotJson)]
    [TestCase("""<tool_call>{"name": "f", "arguments": {}} trailing</tool_call>""", CallRefusal.NotJson)]
    [TestCase("""<tool_call>{"name": "f", "arguments": {},}</tool_call>""", CallRefusal.NotJson)]
    [TestCase("""<tool_call>{"name": "f", /* c */ "arguments": {}}</tool_call>""", CallRefusal.NotJson)]
    [TestCase("""<tool_call>{'name': 'f', 'arguments': {}}</tool_call>""", CallRefusal.NotJson)]
    [TestCase("""<tool_call>{"name": "f", "name": "g", "arguments": {}}</tool_call>""", CallRefusal.NotJson)]
    [TestCase("""<tool_call>{"name": "f", "arguments": {"a": 1, "a": 2}}</tool_call>""", CallRefusal.NotJson)]
    [TestCase("""<tool_call>{"name": "f", "n\u0061me": "g", "arguments": {}}</tool_call>""", CallRefusal.NotJson)]
    [TestCase("""<tool_call>{"name": "f", "arguments": {"a": NaN}}</tool_call>""", CallRefusal.NotJson)]
    [TestCase("""<tool_call>{"name": "f", "arguments": {"a": Infinity}}</tool_call>""", CallRefusal.NotJson)]
    [TestCase("""<tool_call>{"name": "\ud800", "arguments": {}}</tool_call>""", CallRefusal.NotJson)]
    [TestCase("""<tool_call>{"name": "f", "arguments": {"\ud800": 1}}</tool_call>""", CallRefusal.NotJson)]
    [TestCase("""<tool_call>__import__("os").system("ls")</tool_call>""", CallRefusal.NotJson)]
    [TestCase("""<tool_call>[{"name": "f", "arguments": {}}]</tool_call>""", CallRefusal.NotACall)]
    [TestCase("""<tool_call>{"name": "f"}</tool_call>""", CallRefusal.NotACall)]
    [TestCase("""<tool_call>{"arguments": {}}</tool_call>""", CallRefusal.NotACall)]
    [TestCase("""<tool_call>{"name": 3, "arguments": {}}</tool_call>""", CallRefusal.NotACall)]
    [TestCase("""<tool_call>{"name": "f", "arguments": []}</tool_call>""", CallRefusal.NotACall)]
    [TestCase("""<tool_call>{"name": "f", "arguments": "{}"}</tool_call>""", CallRefusal.NotACall)]
    [TestCase("""<tool_call>{"name": "f", "arguments": {}, "id": 1}</tool_call>""", CallRefusal.NotACall)]
    [TestCase("<tool_call>null</tool_call>", CallRefusal.NotACall)]
    public void Read_OfAnythingElse_SaysWhy(string turn, CallRefusal expected)
    {
        var reading = CallParser.Read(turn)!;

        reading.Call.Should().BeNull();
        reading.Refusal.Should().Be(expected);
        reading.Problem.Should().NotBeNullOrEmpty();
    }

    [Test]
    public void Read_OfTenMegabytesOfBrackets_IsRefusedUnparsed() =>
        CallParser.Read($"<tool_call>{new string('[', 10_000_000)}</tool_call>")!.Refusal.Should().Be(CallRefusal.TooLong);

    [Test]
    public void Read_OfManyBracketsWithinTheLength_IsTooDeep() =>
        CallParser.Read($"<tool_call>{new string('[', 8_000)}{new string(']', 8_000)}</tool_call>")!.Refusal.Should().Be(CallRefusal.NotJson);

    [Test]
    public void Read_OfTwoCalls_IsTheFirst() =>
        CallParser.Read("""<tool_call>{"name": "f", "arguments": {}}</tool_call><tool_call>{"name": "g", "arguments": {}}</tool_call>""")!.Call!.Name.Should().Be("f");

    [Test]
    public void Read_OfACallInAThought_IsTheCall() =>
        CallParser.Read($"<think>I might {Scripted.Call}</think> or not")!.Call.Should().NotBeNull();

    // The first beginning counts: what stands before the next end is no JSON.
    [Test]
    public void Read_OfABeginningWithinACall_IsRefused() =>
        CallParser.Read($"<tool_call>oh, {Scripted.Call}")!.Refusal.Should().Be(CallRefusal.NotJson);

    [Test]
    public void Read_OfALoneSurrogate_IsText() =>
        CallParser.Read("<tool_call>{\"name\": \"f\ud800\", \"arguments\": {}}</tool_call>")!.Call!.Name.Should().Be("f\ufffd");
}
