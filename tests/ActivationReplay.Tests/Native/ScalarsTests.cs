using ActivationReplay.Models;
using ActivationReplay.Native;
using ActivationReplay.Training;
using FluentAssertions;
using Mono.Cecil;
using NUnit.Framework;
using TorchSharp;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Native;

public sealed class ScalarsTests
{
    private static readonly Type[] Assemblies = [typeof(QwenVlModel), typeof(TrainingRun), typeof(Ablations.Parity.ParitySuite)];

    // Read from what was compiled: whoever makes a temporary calls a conversion, or a function of TorchSharp that calls one.
    [TestCaseSource(nameof(Assemblies))]
    public void NoNumber_BecomesATemporaryScalar(Type inAssembly)
    {
        using var torchSharp = AssemblyDefinition.ReadAssembly(typeof(Scalar).Assembly.Location);
        using var ours = AssemblyDefinition.ReadAssembly(inAssembly.Assembly.Location);
        var makers = Methods(torchSharp).Where(m => Calls(m).Any(Converts)).Select(m => m.FullName).ToHashSet(StringComparer.Ordinal);
        for (var known = 0; known < makers.Count;)
        {
            known = makers.Count;
            makers.UnionWith(Methods(torchSharp).Where(m => Calls(m).Any(c => makers.Contains(c.FullName))).Select(m => m.FullName));
        }

        makers.Should().Contain(m => m.Contains("Tensor::add_(TorchSharp.torch/Tensor)", StringComparison.Ordinal), "they are found");
        Methods(ours)
            .Where(m => m.DeclaringType.FullName.Split('/')[0] != typeof(Scalars).FullName)
            .SelectMany(m => Calls(m).Where(c => Converts(c) || (makers.Contains(c.FullName) && !TakesTensorsAlone(m))).Select(c => $"{m.FullName} calls {c.FullName}"))
            .Should().BeEmpty("Native.Scalars holds every number");
    }

    // Two threads use and make scalars while a third collects all the time. With temporaries in the place of Scalars.Of, this ends
    // in "Unknown scalar type" or in another number within a second.
    [Test]
    public void Numbers_WhileAnotherThreadCollects_StayTheNumbers()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        var collecting = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });

        var wrong = Enumerable.Range(0, 2).AsParallel().WithDegreeOfParallelism(2).Sum(_ =>
        {
            var count = 0;
            using var quiet = no_grad();
            while (!stop.IsCancellationRequested)
            {
                using var scope = NewDisposeScope();
                var x = ones(4).mul_(Scalars.Of(2.5)).Plus(0.5).PlusInPlace(ones(4));
                count += x.data<float>().ToArray().All(v => v == 4) ? 0 : 1;
            }

            return count;
        });

        collecting.Wait();
        wrong.Should().Be(0);
    }

    [Test]
    public void Of_TheSameNumber_IsOneObject_AndWholeNumbersStayWhole()
    {
        Scalars.Of(0.25).Should().BeSameAs(Scalars.Of(0.25));
        Scalars.Of(3).Should().BeSameAs(Scalars.Of(3L)).And.NotBeSameAs(Scalars.Of(3.0));
        using var scope = NewDisposeScope();
        tensor(new long[] { 1 }).add(Scalars.Of(3), Scalars.One).dtype.Should().Be(ScalarType.Int64);
        Scalars.UpTo(3).data<long>().ToArray().Should().Equal(0, 1, 2);
    }

    // TorchScript's functions would have scalars made of numbers; these are called with tensors.
    private static bool TakesTensorsAlone(MethodDefinition caller) => caller.DeclaringType.FullName == typeof(FusedOperations).FullName;

    private static bool Converts(MethodReference method) =>
        (method.DeclaringType.FullName == typeof(Scalar).FullName && (method.Name is "op_Implicit" or ".ctor"))
        || (method.DeclaringType.FullName == typeof(ScalarExtensionMethods).FullName && method.ReturnType.FullName == typeof(Scalar).FullName);

    private static IEnumerable<MethodReference> Calls(MethodDefinition method) =>
        method.Body.Instructions.Select(i => i.Operand).OfType<MethodReference>();

    private static IEnumerable<MethodDefinition> Methods(AssemblyDefinition assembly) =>
        assembly.MainModule.GetTypes()
            .Where(t => t.FullName != typeof(Scalar).FullName && t.FullName != typeof(ScalarExtensionMethods).FullName)
            .SelectMany(t => t.Methods).Where(m => m.HasBody);
}
