#!/bin/bash
# Kills a run at every write of its checkpoints, resumes it, kills it again, and compares what it
# ends with: usage Tests/Faults/kill.sh CONVOY [KILLS]. On Linux, with a C compiler.
set -euo pipefail
convoy=$(realpath "$1")
kills=${2:-200}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cc -shared -fPIC -o kill_at_call.so "$here/kill_at_call.c" -ldl
run=(train --data "$here/../../data/mnist" --batch 8 --steps $((kills * 3 / 2 + 60)) --epochs 1
  --dropout 0.2 --schedule cosine --log-steps)
"$convoy" "${run[@]}" --output whole.safetensors --log whole.jsonl > whole.txt

killed=0
tries=0
while true; do
  tries=$((tries + 1))
  # A checkpoint is six calls: each life ends at another of those of its first three.
  at=$((tries % 20 + 1))
  threads=$((tries % 3 + 1))
  if [ -e run.ckpt ]; then start=(train --resume run.ckpt)
  else start=("${run[@]}" --checkpoint run.ckpt --checkpoint-every 1 --output run.safetensors --log run.jsonl); fi
  [ $killed -lt "$kills" ] && export KILL_AT=$at || unset KILL_AT
  status=0
  # The shell's own word of each kill is left out.
  { LD_PRELOAD=./kill_at_call.so "$convoy" "${start[@]}" --threads $threads > run.txt 2> errors.txt ||
    status=$?; } 2> /dev/null
  case $status in
    0) break ;;
    137) killed=$((killed + 1)) ;;
    *) echo "exit $status after $killed kills: $(cat errors.txt)"; exit 1 ;;
  esac
  [ $tries -lt $((kills * 10)) ] || { echo "no end after $killed kills"; exit 1; }
done
cmp whole.safetensors run.safetensors
diff <(sed -E 's/"(seconds|samplesPerSecond)":[^,}]*//g' whole.jsonl) \
  <(sed -E 's/"(seconds|samplesPerSecond)":[^,}]*//g' run.jsonl)
[ "$(tail -1 whole.txt)" = "$(tail -1 run.txt)" ]
[ $killed -ge "$kills" ] || { echo "the run was over after $killed kills"; exit 1; }
echo "$killed kills, $tries runs: the same model and log, byte for byte; $(tail -1 run.txt)"
