using ActivationReplay.Checkpoints;
using ActivationReplay.Inputs;
using ActivationReplay.Models;
using FluentAssertions;
using NUnit.Framework;
using TorchSharp;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Models;

public sealed class QwenVlModelTests
{
    [TestCase(ModelFamily.Qwen25Vl)]
    [TestCase(ModelFamily.Qwen2Vl)]
    public void StateDictionary_HasTheHubsKeys(ModelFamily family)
    {
        using var model = Tiny.Model(1, family);

        var keys = model.state_dict().Keys;
        keys.Should().Contain([
            "lm_head.weight", "model.embed_tokens.weight", "model.norm.weight", "model.layers.3.self_attn.q_proj.bias",
            "model.layers.0.mlp.gate_proj.weight", "visual.patch_embed.proj.weight", "visual.blocks.1.attn.qkv.weight",
            "visual.merger.mlp.0.weight", "visual.merger.mlp.2.bias", "visual.merger.ln_q.weight",
        ]);
        keys.Should().Contain(family == ModelFamily.Qwen2Vl ? "visual.blocks.0.mlp.fc1.bias" : "visual.blocks.0.mlp.up_proj.bias");
    }

    [Test]
    public void HiddenStates_OfAPosition_DoNotDependOnLaterTokens()
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Model(1);
        using var whole = Tiny.Prompt(after: 6);
        using var prompt = EncodedPrompt.Encode(model, whole);
        var all = ForwardPass.HiddenStates(model, prompt.Embedded, whole);
        using var cut = new ModelInputs(
            [.. whole.Ids.Take(13)], whole.Pixels!.alias(), whole.Grids, whole.Spans, [.. whole.Positions.Select(p => p[..13])]);
        using var shorter = EncodedPrompt.Encode(model, cut);

        var states = ForwardPass.HiddenStates(model, shorter.Embedded, cut);

        // Matrix products of other shapes round differently.
        (states - all.narrow(1, 0, 13)).abs().max().item<float>().Should().BeLessThan(1e-4f);
    }

    [Test]
    public void EncodePatches_OfTwoPictures_EqualsEachAlone()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = Tiny.Model(1);
        using var two = Tiny.Prompt(pictures: 2);

        var together = model.EncodePatches(two.Pixels!, two.Grids);
        var second = model.EncodePatches(two.Pixels!.narrow(0, 24, 24), [two.Grids[1]]);

        (together.narrow(0, 6, 6) - second).abs().max().item<float>().Should().BeLessThan(1e-5f);
    }

    [Test]
    public void Logits_WhenTrainable_GiveEveryWeightAGradient()
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Model(1);
        using var inputs = Tiny.Prompt();
        model.SetTrainable(true);

        var logits = ForwardPass.Logits(model, model.Embed(inputs, model.EncodeMedia(inputs)), inputs);
        logits.log_softmax(-1).square().mean().backward();

        model.named_parameters().Should().AllSatisfy(p => p.parameter.grad.Should().NotBeNull(p.name));
    }

    [Test]
    public void Encode_AndHiddenStates_LeaveNoTensorsBehind()
    {
        using var model = Tiny.Model(1);
        using var inputs = Tiny.Prompt();
        Pass();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        Pass();

        DisposeScopeManager.Statistics.ThreadTotalLiveCount.Should().Be(before);

        void Pass()
        {
            using var prompt = EncodedPrompt.Encode(model, inputs);
            ForwardPass.HiddenStates(model, prompt.Embedded, inputs).Dispose();
        }
    }
}
