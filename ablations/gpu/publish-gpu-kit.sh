#!/usr/bin/env bash
# publish-gpu-kit.sh OUT.tar.xz [GOLDENS]
#
# Makes what run-gpu-kit.sh runs, where .NET is: runner and benchmarks with their runtime and without libtorch, configurations, the
# small pair, recordings (GOLDENS, a folder of the form of tests/goldens; default that), the kit. It must stay below 64 MiB.
set -euo pipefail
[ $# -ge 1 ] || { echo "usage: $0 OUT.tar.xz [GOLDENS]" >&2; exit 2; }
kit=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$kit/../.." && pwd)
archive=$(realpath -m "$1")
goldens=$(cd "${2:-$top/tests/goldens}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
stage=$work/gpu-kit
mkdir -p "$stage/program" "$stage/goldens" "$stage/kit" "$stage/ablations/pairs/counting"

# In build folders of their own: other properties than those of the working tree's.
for project in Ablations Benchmarks; do
  dotnet publish "$top/ablations/ActivationReplay.$project" -c Release -r linux-x64 --self-contained -o "$stage/program" \
    --artifacts-path "$work/build" -p:Libtorch=none -p:DebugType=none -v quiet -nologo
done
# What only BenchmarkDotNet's own runs and debuggers need.
rm -rf "$stage"/program/{*.xml,*.pdb,Microsoft.CodeAnalysis*,Microsoft.Diagnostics.*,Dia2Lib.dll,TraceReloggerLib.dll,Iced.dll,Gee.External.Capstone.dll,amd64,x86,arm64} \
  "$stage"/program/{libcapstone,libmscordaccore,libmscordbi,libcoreclrtraceptprovider}.so
cp -r "$top/ablations/configs" "$stage/ablations/"
cp -r "$top/ablations/pairs/counting/base" "$top/ablations/pairs/counting/rlvr" "$stage/ablations/pairs/counting/"
cp -r "$goldens/." "$stage/goldens/"
rm -f "$stage/goldens/qwen-tokenizer.json.br"
cp "$kit/run-gpu-kit.sh" "$kit/table.py" "$kit/reference_loop.py" "$kit/README.md" "$top/results/benchmarks/bf16-errors.md" "$stage/kit/"

mkdir -p "$(dirname "$archive")"
tar -C "$work" -c gpu-kit | xz -T0 -6e > "$archive.part"
mv "$archive.part" "$archive"
bytes=$(stat -c %s "$archive")
echo "$archive: $bytes bytes"
[ "$bytes" -lt $((64 << 20)) ] || { echo "that is more than 64 MiB" >&2; exit 1; }
