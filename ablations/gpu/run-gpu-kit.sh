#!/usr/bin/env bash
# run-gpu-kit.sh PUBLISHED OUT [--device cuda] [--libtorch DIR] [--seconds 480] [--small]
#
# Runs what publish-gpu-kit.sh made, on a machine with a GPU and PyTorch and without .NET: each step by itself, with a log and a time
# limit of its own, so that a failure costs only itself. OUT gets LOG, CSV and Markdown of each step, steps.csv, gpu.csv and gpu.md.
# Exit code: 0 all steps ran and all goals are met, 1 not all, 2 bad usage.
set -u
usage() { echo "usage: $0 PUBLISHED OUT [--device cuda] [--libtorch DIR] [--seconds 480] [--small]" >&2; exit 2; }

device=cuda libtorch="" total=480 small=""
[ $# -ge 2 ] || usage
published=$(cd "$1" 2>/dev/null && pwd) || { echo "$1: no such folder; publish-gpu-kit.sh makes it" >&2; exit 2; }
mkdir -p "$2" && out=$(cd "$2" && pwd) || exit 2
shift 2
while [ $# -gt 0 ]; do
  case $1 in
    --device) device=${2:?}; shift 2 ;;
    --libtorch) libtorch=${2:?}; shift 2 ;;
    --seconds) total=${2:?}; shift 2 ;;
    --small) small=yes; shift ;;
    *) usage ;;
  esac
done
runner=$published/program/ActivationReplay.Ablations
benchmarks=$published/program/ActivationReplay.Benchmarks
[ -x "$runner" ] && [ -x "$benchmarks" ] || { echo "$published/program has no ActivationReplay.Ablations and ActivationReplay.Benchmarks" >&2; exit 2; }

[ -z "$libtorch" ] || libtorch=$(realpath -m "$libtorch")

# Configurations and the small pair are found from the working folder.
cd "$published" || exit 2
began=$(date +%s)
echo "step,seconds,exit_code" > "$out/steps.csv"

# step NAME LIMIT COMMAND...: within its limit, and within what is left of all.
step() {
  local name=$1 limit=$2 left from code
  shift 2
  left=$((total - ($(date +%s) - began)))
  if [ "$left" -lt 5 ]; then
    echo "$name: no time left" | tee "$out/$name.log"
    echo "$name,0,124" >> "$out/steps.csv"
    return 124
  fi
  [ "$limit" -gt "$left" ] && limit=$left
  from=$(date +%s.%N)
  echo "== $name: $*" | tee "$out/$name.log"
  timeout -k 5 "$limit" "$@" >> "$out/$name.log" 2>&1
  code=$?
  echo "$name,$(awk -v a="$from" -v b="$(date +%s.%N)" 'BEGIN { printf "%.1f", b - a }'),$code" | tee -a "$out/steps.csv"
  return "$code"
}

if [ -z "$libtorch" ]; then
  libtorch=$(python3 -c 'import os, torch; print(os.path.dirname(torch.__file__))' 2> "$out/pytorch.log") || { echo "python3 has no torch (see $out/pytorch.log): give --libtorch DIR" >&2; exit 2; }
fi
choice=(--libtorch "$libtorch")
if [ -n "$small" ]; then
  shape=(--shape tiny --rounds 1) work=(--visual-tokens 16 --loop-layers 3 --iterations 3) dtype=float32 questions=2
  anchor=(--grid 8x8 --layers 3 --iterations 3) config=tiny
else
  shape=(--shape qwen2.5-vl-7b --rounds 3) work=() dtype=bfloat16 questions=20
  anchor=() config=qwen2.5-vl-7b
fi

# In the order of what is learnt: whether it computes, whether it is right, how fast it is, the rest.
if ! step doctor 60 "$runner" doctor "${choice[@]}" && grep -q -- --libtorch-unchecked "$out/doctor.log"; then
  choice+=(--libtorch-unchecked)
  step doctor-unchecked 60 "$runner" doctor "${choice[@]}"
fi
command -v nvidia-smi > /dev/null && step nvidia-smi 20 nvidia-smi
step parity-fp32 90 "$runner" parity goldens --device "$device" "${choice[@]}"
step loop 120 "$benchmarks" gpu loop "${shape[@]}" "${work[@]}" --dtype $dtype --device "$device" --out "$out" "${choice[@]}"
if [ "$device" = cpu ] && ! python3 -c 'import torch, transformers' 2> /dev/null; then
  echo "anchor: left out, python3 has no torch and transformers here" | tee "$out/anchor.log"
else
  step anchor 120 python3 kit/reference_loop.py "program/Shapes/$config/config.json" --device "$device" --dtype $dtype --frozen "${anchor[@]}"
fi
step generation 120 "$benchmarks" gpu generation "${shape[@]}" "${work[@]}" --dtype $dtype --device "$device" --out "$out" "${choice[@]}"
step profile 60 "$benchmarks" gpu profile "${shape[@]}" "${work[@]}" --dtype $dtype --device "$device" --out "$out" "${choice[@]}"
step run 90 "$runner" run quick --limit $questions --device "$device" --out "$out/run" --resume discard "${choice[@]}"
step parity-bf16 60 "$runner" parity goldens --dtype bfloat16 --device "$device" --table "$out/bf16-errors.md" --beside kit/bf16-errors.md --overwrite "${choice[@]}"
step reference 90 "$benchmarks" gpu reference "${shape[@]}" "${work[@]}" --dtype $dtype --device "$device" --out "$out" "${choice[@]}"

python3 kit/table.py "$out" ${small:+--small}
