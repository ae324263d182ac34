using ActivationReplay.Native;
using ActivationReplay.Tests.Execution;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Native;

public sealed class MemoryExhaustedTests
{
    [Test]
    public void IsCauseOf_WhatTheCpuAllocatorThrows()
    {
        // A pebibyte of address space is on no machine.
        var thrown = FluentActions.Invoking(() => empty(1L << 50)).Should().Throw<Exception>().Which;

        MemoryExhausted.IsCauseOf(thrown).Should().BeTrue(thrown.ToString());
    }

    [TestCase("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.15 GiB")]
    [TestCase("CUDA error: out of memory")]
    [TestCase("[enforce fail at alloc_cpu.cpp:128] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes. Error code 12 (Cannot allocate memory)")]
    [TestCase("[enforce fail at alloc_cpu.cpp:116] data. DefaultCPUAllocator: not enough memory: you tried to allocate 8 bytes.")]
    [TestCase("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`")]
    [TestCase("std::bad_alloc")]
    public void IsCauseOf_LibtorchsTexts_WrappedOrNot(string text)
    {
        var exhausted = Room.Exhausted(text);

        MemoryExhausted.IsCauseOf(exhausted).Should().BeTrue();
        MemoryExhausted.IsCauseOf(new AggregateException(new InvalidOperationException("x"), exhausted)).Should().BeTrue();
        MemoryExhausted.IsCauseOf(new InvalidOperationException("x", exhausted)).Should().BeTrue();
    }

    [Test]
    public void IsCauseOf_DotNetsOwn() => MemoryExhausted.IsCauseOf(new InsufficientMemoryException()).Should().BeTrue();

    [TestCase("mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)")]
    [TestCase("CUDA error: device-side assert triggered")]
    public void IsCauseOf_AnotherError_IsNot(string text)
    {
        MemoryExhausted.IsCauseOf(Room.Exhausted(text)).Should().BeFalse();
        MemoryExhausted.IsCauseOf(new InvalidOperationException("out of memory")).Should().BeFalse("only libtorch says it in words");
    }
}
