<#
.SYNOPSIS
Runs an ablation matrix of Activation Replay.

.DESCRIPTION
Builds the runner and passes a configuration to its command "run". The same configuration goes on where it stopped.
Exit codes: 0 all rows good, 1 some rows failed, 2 bad usage or configuration, 3 unusable checkpoint, 130 interrupted.

.PARAMETER Config
A YAML file, or the name of one in ablations/configs: quick, entropy, intervention, tokens, controls, passk, agents, and for real
checkpoints paper-mm-eureka, paper-vl-rethinker, paper-mmr1, paper-deepeyes.

.PARAMETER Out
The run's folder; default results/NAME.

.PARAMETER Limit
Only the first N questions.

.PARAMETER Cuda
Takes TorchSharp-cuda-linux and runs on the GPU.

.PARAMETER Shard
I/N: only every N-th batch of questions, from the I-th. The command "merge" joins the parts.

.PARAMETER DryRun
Prints the cells and stops.

.PARAMETER NoBuild
Takes what was built before, so that several shards can start at once without building in each other's way.

.PARAMETER Rest
Passed on, for example --set replay.iterations=10.

.EXAMPLE
./run-ablations.ps1 -Config entropy -Limit 20 --set replay.iterations=10
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [string] $Config = 'quick',
    [string] $Out,
    [int] $Limit,
    [switch] $Cuda,
    [string] $Shard,
    [switch] $DryRun,
    [switch] $NoBuild,
    [Parameter(ValueFromRemainingArguments = $true)]
    [string[]] $Rest
)

$project = [System.IO.Path]::Combine($PSScriptRoot, 'ablations', 'ActivationReplay.Ablations')
$arguments = @('run', '-c', 'Release', '--project', $project)
if ($NoBuild) { $arguments += '--no-build' }
if ($Cuda) { $arguments += '-p:Cuda=true' }
$arguments += @('--', 'run', $Config)
if ($Out) { $arguments += @('--out', $Out) }
if ($Limit) { $arguments += @('--limit', "$Limit") }
if ($Cuda) { $arguments += @('--device', 'cuda') }
if ($Shard) { $arguments += @('--shard', $Shard) }
if ($DryRun) { $arguments += '--dry-run' }
if ($Rest) { $arguments += $Rest }

& dotnet @arguments
exit $LASTEXITCODE
