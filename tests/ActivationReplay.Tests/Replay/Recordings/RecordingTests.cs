using ActivationReplay.Inputs;
using ActivationReplay.Models;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Recordings;
using ActivationReplay.Tests.Models;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Replay.Recordings;

public sealed class RecordingTests : TinyPairTests
{
    private static readonly RecordingKey Key = new("checkpoint", "prompt", 1);

    private ModelInputs inputs = null!;
    private string path = null!;

    [SetUp]
    public void Load()
    {
        inputs = Tiny.Prompt();
        path = Path.Combine(Directory.CreateTempSubdirectory("recording").FullName, "a.safetensors");
    }

    [TearDown]
    public void Unload()
    {
        inputs.Dispose();
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [TestCase("replay")]
    [TestCase("mid-layer")]
    public void Replay_FromAFileOfTargets_IsExactlyReplayWithBothModels(string name)
    {
        var (method, settings) = (ReplayMethods.Get(name), FittingOf(name));
        using var both = new ReplayContext(inputs, Base, Rlvr);
        using var expected = method.Prepare(both, settings);
        using (var recording = new ReplayContext(inputs, Base, null))
        {
            recording.Record(method.Needs(settings), keepTargets: true);
            RecordingFile.Save(path, recording.Held.Single().Recording, Key, withStates: false);
        }

        // The base model is not there at all, nor are its states.
        using var alone = new ReplayContext(inputs, null, Rlvr);
        var loaded = RecordingFile.Load(path, Key);
        alone.Use(ModelRole.Base, loaded);
        using var prepared = method.Prepare(alone, settings);

        loaded.States.Should().BeNull();
        prepared.Trace!.Losses.Should().Equal(expected.Trace!.Losses);
        prepared.Selected.Should().BeEquivalentTo(expected.Selected);
    }

    [Test]
    public void Exchange_FreesWhatTheModelThatGoesEncoded_AndKeepsItsRecordings()
    {
        using var context = new ReplayContext(inputs, Base, null);
        var recorded = context.Recorded(ModelRole.Base, 2);
        var encoded = context.Encoded(ModelRole.Base);

        context.Exchange(ModelRole.Rlvr, Rlvr);

        encoded.Embedded.IsInvalid.Should().BeTrue();
        context.Recorded(ModelRole.Base, 2).Should().BeSameAs(recorded);
        context.ModelOrNone(ModelRole.Base).Should().BeNull();
        FluentActions.Invoking(() => context.Recorded(ModelRole.Base, 3)).Should().Throw<InvalidOperationException>().WithMessage("*Base model*");
    }

    [Test]
    public void Load_OfSavedStates_GivesThemBack()
    {
        using var recording = Record(2);
        RecordingFile.Save(path, recording, Key);

        using var loaded = RecordingFile.Load(path, Key);

        loaded.Positions.Should().Equal(recording.Positions);
        (loaded.States! - recording.States!).abs().max().item<float>().Should().Be(0);
        (loaded.Entropies - recording.Entropies).abs().max().item<float>().Should().Be(0);
        loaded.Bytes.Should().Be(recording.Bytes).And.Be(2 * 6 * (32 * 4 + 4));
    }

    [TestCase("other", "prompt", 1.0, "checkpoint")]
    [TestCase("checkpoint", "other", 1.0, "prompt")]
    [TestCase("checkpoint", "prompt", 0.5, "prefill ratio")]
    public void Load_ForAnotherPairPromptOrSetting_IsRefused(string checkpoint, string prompt, double ratio, string difference)
    {
        using var recording = Record(2);
        RecordingFile.Save(path, recording, Key);

        FluentActions.Invoking(() => RecordingFile.Load(path, new RecordingKey(checkpoint, prompt, ratio)))
            .Should().Throw<RecordingException>().WithMessage($"*{Path.GetFileName(path)}*{difference}*record*anew*");
    }

    [Test]
    public void TokensAt_ThatWereNotKept_SayWhatIsMissing()
    {
        using var recording = Record(2);
        recording.KeepsTokens = true;
        using (TorchSharp.torch.NewDisposeScope())
        {
            recording.TokensAt(0, inputs.VisualPositions, 5, Base);
            recording.TokensAt(0, inputs.VisualPositions, 5, null).Ids.shape.Should().Equal(6, 5);
        }

        FluentActions.Invoking(() => recording.TokensAt(0, inputs.VisualPositions, 6, null))
            .Should().Throw<InvalidOperationException>().WithMessage("The 6 top tokens of 6 positions at layer 0*not there*Targets*");
    }

    [Test]
    public void RecordUpsampled_FromTheSameSize_IsThePlainRecording()
    {
        using var prompt = EncodedPrompt.Encode(Base, inputs);
        using var plain = Recording.Record(prompt, 3, allPositions: false);

        using var upsampled = Recording.RecordUpsampled(prompt, inputs, 3);

        (upsampled.States! - plain.States!).abs().max().item<float>().Should().BeLessThan(1e-6f);
    }

    [Test]
    public void Key_DependsOnIdsAndPixels()
    {
        using var other = Tiny.Prompt(seed: 1);
        using var same = Tiny.Prompt();
        using var pixels = new ModelInputs(inputs.Ids, inputs.Pixels! * 2, inputs.Grids, inputs.Spans, inputs.Positions);
        var folder = Goldens.CarriedPathOf("pairs", "a", "base");
        using var checkpoint = ActivationReplay.Checkpoints.Checkpoint.Open(folder);

        RecordingKey Of(ModelInputs i) => RecordingKey.Of(checkpoint, i);

        Of(inputs).Should().Be(Of(same));
        new[] { Of(inputs), Of(other), Of(pixels) }.Should().OnlyHaveUniqueItems();
    }

    private Recording Record(int layers)
    {
        using var prompt = EncodedPrompt.Encode(Base, inputs);
        return Recording.Record(prompt, layers, allPositions: false);
    }
}
