#!/bin/bash
# Kills a run at every write of its checkpoints, resumes it, kills it again, and compares what it
# ends with: usage Tests/Faults/kill.sh CONVOY [KILLS [DATA]]. Every other time it loses what was not
# yet on the storage device, as if the power had failed. On Linux, with a C compiler.
set -euo pipefail
convoy=$(realpath "$1")
kills=${2:-200}
here=$(cd "$(dirname "$0")" && pwd)
data=$(realpath "${3:-$here/../../data/mnist}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cc -shared -fPIC -o kill_at_call.so "$here/kill_at_call.c" -ldl
steps=$((kills * 3 / 2 + 60))
run=(train --data "$data" --batch 8 --steps $steps --epochs $steps --dropout 0.2 --schedule cosine
  --log-steps)
"$convoy" "${run[@]}" --output whole.safetensors --log whole.jsonl > whole.txt

killed=0
tries=0
while true; do
  tries=$((tries + 1))
  # A checkpoint is some ten calls: each life ends at another of those of its first ones.
  at=$((tries % 37 + 1))
  threads=$((tries % 3 + 1))
  if [ -e run.ckpt ]; then start=(train --resume run.ckpt)
  else start=("${run[@]}" --checkpoint run.ckpt --checkpoint-every 1 --output run.safetensors --log run.jsonl); fi
  [ $killed -lt "$kills" ] && export KILL_AT=$at || unset KILL_AT
  [ $((tries % 2)) = 0 ] && export LOSE_UNSYNCED=1 || unset LOSE_UNSYNCED
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
# The first line names the run's files; times and memory differ.
plain() { sed -E '1d; s/"(seconds|runSeconds|samplesPerSecond|peakMemory)":[^,}]*//g' "$1"; }
diff <(plain whole.jsonl) <(plain run.jsonl)
[ "$(tail -1 whole.txt)" = "$(tail -1 run.txt)" ]
[ $killed -ge "$kills" ] || { echo "the run was over after $killed kills"; exit 1; }
echo "$killed kills, $tries runs: the same model and log, byte for byte; $(tail -1 run.txt)"
