#!/bin/sh
# The scaling curve of the jvm device: suites/scaling.sh [THREADS ...], by default 1 2 4 8 16.
# Every point is a whole quick run with its own validation. RUN names another way to start the command line,
# for a machine that has a Java runtime and the jars of target/run/lib but neither a JDK nor Maven.
set -u
cd -P -- "$(dirname -- "$0")/.." || exit 1
run=${RUN:-./run.sh}
[ $# -gt 0 ] || set -- 1 2 4 8 16
for threads in "$@"; do
  echo "== $threads threads"
  $run -m "${MODEL:-SmolLM2}" -f griffinfly --threads "$threads" --progress plain || exit
done
