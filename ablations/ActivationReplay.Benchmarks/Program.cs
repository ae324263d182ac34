using ActivationReplay.Benchmarks;

return BenchmarkProgram.Run(args);
