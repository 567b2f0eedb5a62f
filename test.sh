#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what is missing, builds everything with warnings as errors, runs every test, then builds the engine's
# tests under AddressSanitizer and UBSan and runs those. Ends with one line that sums it up.
set -eu
cd "$(dirname "$0")"
started=$(date +%s)
jobs=$(nproc)

cmake/install-packages.sh --tests

# run_tests PRESET: builds it and runs its tests; the counts are left in $summary.
run_tests() {
  summary="$1: not built"
  cmake --preset "$1" && cmake --build --preset "$1" || return 1
  log=build/$1/tests.log
  status=0
  ctest --preset "$1" --parallel "$jobs" --output-log "$log" || status=$?
  total=$(sed -n 's/.* tests failed out of \([0-9]*\)$/\1/p' "$log")
  failed=$(sed -n 's/.*, \([0-9]*\) tests failed out of .*/\1/p' "$log")
  skipped=$(grep -c '\*\*\*Skipped' "$log" || true)
  summary="$1: $((total - failed - skipped)) of $total tests passed, $skipped skipped, $failed failed"
  [ "$status" -eq 0 ]
}

result=passed
run_tests ci || result=FAILED
line=$summary
if [ "$result" = passed ]; then
  # A report of a sanitizer ends the test that caused it. Leaks are those of the product; oneDNN and OpenMP keep
  # their thread pools until the program ends, which is no leak.
  export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1
  export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
  run_tests asan || result=FAILED
  line="$line; $summary"
fi
seconds=$(($(date +%s) - started))
echo "test.sh: $result. $line. $((seconds / 60)) min $((seconds % 60)) s."
[ "$result" = passed ]
