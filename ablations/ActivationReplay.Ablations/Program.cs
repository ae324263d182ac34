using ActivationReplay.Ablations.Commands;

return await CommandLine.RunAsync(args);
