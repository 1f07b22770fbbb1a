#!/bin/sh
# The same bits from the compiler in process and from the object ahead of time, for 1, 2 and 3
# threads; the ahead-of-time program holds no compiler.
#   char_lm_test.sh BIN_FOLDER TEXT
set -eu
bin=$1 text=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$bin/char_lm" --text "$text" --steps 100 --threads 2 --losses > "$work/jit"
[ "$(wc -l < "$work/jit")" = 100 ]
for threads in 1 2 3; do
  "$bin/char_lm_aot" --text "$text" --steps 100 --threads $threads > "$work/aot"
  diff "$work/jit" "$work/aot"
done
readelf -d "$bin/char_lm_aot" | grep NEEDED > "$work/needed"
if grep -E 'LLVM|MLIR|stdc\+\+|libmithril' "$work/needed"; then
  echo "the ahead-of-time program needs more than the C run time" >&2
  exit 1
fi
# Different weights must give different losses, or the comparison above says nothing.
"$bin/char_lm_aot" --text "$text" --steps 2 --seed 2 > "$work/other"
if head -n 2 "$work/jit" | cmp -s - "$work/other"; then
  echo "another seed gave the same losses" >&2
  exit 1
fi
