"""The processor time of two commands in turn, A B A B, and the ratios of B to A.

    python3 Benchmarks/pairs.py "convoy evaluate --weights a.st" "convoy evaluate --weights b.st"

Time is user time, which other processes disturb less than elapsed time. --shared is a command that
does what both do besides what is compared, such as starting up; its time in the same round is taken
from theirs. Prints medians, with the least and the most.
"""

import argparse
import os
import shlex
import statistics
import subprocess


def seconds(command):
    process = subprocess.Popen(shlex.split(command), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"{command}: exit status {os.waitstatus_to_exitcode(status)}")
    return usage.ru_utime


def text(values, unit=""):
    return f"{statistics.median(values):.3f}{unit} ({min(values):.3f} - {max(values):.3f})"


def main():
    parser = argparse.ArgumentParser(description="Compare the processor time of two commands.")
    parser.add_argument("first")
    parser.add_argument("second")
    parser.add_argument("--shared")
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    firsts, others, shared = [], [], []
    for _ in range(arguments.rounds):
        firsts.append(seconds(arguments.first))
        others.append(seconds(arguments.second))
        shared.append(seconds(arguments.shared) if arguments.shared else 0)
    ratios = [(b - s) / (a - s) for a, b, s in zip(firsts, others, shared)]
    print(f"first {text(firsts, ' s')}, second {text(others, ' s')}, "
          f"shared {text(shared, ' s')}")
    print(f"second / first {text(ratios)} in {arguments.rounds} rounds")


if __name__ == "__main__":
    main()
