using System.Globalization;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Ablations.Doctor;

/// <summary>Whether a device computes: a product and a forward pass of a small random model, against the CPU's.</summary>
/// <param name="name">cpu, cuda:N.</param>
/// <param name="model">The small model.</param>
internal sealed class DeviceCheck(string name, SmallModel model) : ICheck
{
    private const int Side = 96;

    // fp32 of another order of additions: 1e-6 is common, TF32 would be 1e-3.
    private const double ProductLimit = 1e-5;
    private const double ForwardLimit = 1e-4;

    public string Name => name;

    public Finding Run()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var place = ComputeDevice.Parse(name);
        var product = Product(place);
        var forward = TensorError(model.Logits(place), model.Logits(CPU));
        var text = string.Create(
            CultureInfo.InvariantCulture, $"relative error of a product {product:0.0e+00}, of a small forward pass {forward:0.0e+00} against the CPU's");
        return product <= ProductLimit && forward <= ForwardLimit
            ? Finding.Ok(text)
            : Finding.Fail(text, string.Create(
                CultureInfo.InvariantCulture,
                $"At most {ProductLimit:0e+00} and {ForwardLimit:0e+00} are right: this libtorch does not fit TorchSharp, or the device is broken. Give a libtorch {Libtorch.BuiltFor}."));
    }

    // Against sums in double, by C# itself.
    private static double Product(Device place)
    {
        var random = new Random(1);
        float[] a = [.. Enumerable.Range(0, Side * Side).Select(_ => random.NextSingle() - 0.5f)];
        float[] b = [.. Enumerable.Range(0, Side * Side).Select(_ => random.NextSingle() - 0.5f)];
        var computed = mm(tensor(a, [Side, Side]).to(place), tensor(b, [Side, Side]).to(place)).cpu().data<float>().ToArray();
        var exact = new float[Side * Side];
        for (var i = 0; i < exact.Length; i++)
        {
            exact[i] = (float)Enumerable.Range(0, Side).Sum(k => (double)a[(i / Side * Side) + k] * b[(k * Side) + (i % Side)]);
        }

        return TensorError(computed, exact);
    }

    // Relative to the largest value; anything that is not finite is an error without bound.
    private static double TensorError(float[] computed, float[] expected)
    {
        var largest = expected.Max(Math.Abs);
        var error = computed.Zip(expected).Max(p => Math.Abs(p.First - p.Second)) / largest;
        return computed.All(float.IsFinite) && float.IsFinite(error) ? error : double.PositiveInfinity;
    }
}
