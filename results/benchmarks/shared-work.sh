#!/usr/bin/env bash
# Times a matrix of 24 cells against 24 processes of one cell each; prints seconds and processor seconds of both.
# The program must be built (-c Release). Usage: results/benchmarks/shared-work.sh [FOLDER]
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:-$(mktemp -d)}
program="dotnet ablations/ActivationReplay.Ablations/bin/Release/net10.0/ActivationReplay.Ablations.dll"
config=results/benchmarks/shared-work.yaml
TIMEFORMAT='%R %U %S'

# A cell alone: its method is the only baseline and the only method, `include` is overridden by a file without it.
sed '/^include:/,$d' "$config" | sed "s#\.\./\.\./#$PWD/#" > "$out/one.yaml"
one() { # NAME METHOD KEY=VALUE...
  local name=$1 method=$2 sets=() set
  shift 2
  for set in "$@"; do sets+=(--set "$set"); done
  $program run "$out/one.yaml" --set "baselines=[$method]" --set "methods=[$method]" "${sets[@]}" --out "$out/$name" > /dev/null
}

cells() {
  one base base
  one none none
  for selection in low high random; do
    for threshold in quantile:0.25 quantile:0.5; do
      for rate in 1 10; do
        one "replay-$selection-$threshold-$rate" replay "replay.selection=$selection" "replay.threshold=$threshold" "replay.learning-rate=$rate"
      done
    done
  done
  local first=(replay.selection=low replay.threshold=quantile:0.25 replay.learning-rate=1)
  one all replay "${first[@]}" replay.selection=all
  one words replay "${first[@]}" replay.words=10
  one direction replay "${first[@]}" replay.direction=reverse
  one grid replay "${first[@]}" replay.grid-ratio=0.5
  for layer in 2 4 6; do one "mid-$layer" mid-layer "replay.layer=$layer" "${first[@]}"; done
  one reverse reverse "${first[@]}"
  one cross-model cross-model
  one local-smooth local-smooth "${first[@]}"
}

whole() { $program run "$config" --out "$out/whole" > /dev/null; }

echo "one process of 24 cells (seconds, user, system):"
time whole
echo "24 processes of one cell:"
time cells
echo "rows: $(($(wc -l < "$out/whole/cells.csv") - 1)) cells in one, $(find "$out" -name cells.csv -not -path '*/whole/*' | wc -l) alone"
