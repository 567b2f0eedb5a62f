#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what is missing, builds, and opens the demo session. With --real: real human DNA and cells from
# ../shared, where that exists. Without a display the views are drawn into demo-output/ instead.
set -eu
cd "$(dirname "$0")"

data=../shared/data
case ${1:-} in
  "") ;;
  --real) [ -d "$data" ] || { echo "--real needs the folder $data beside this one." >&2; exit 3; } ;;
  *) echo "usage: ./run.sh [--real]" >&2; exit 2 ;;
esac

cmake/install-packages.sh
cmake --preset release -DCELLOCUS_TESTS=OFF
cmake --build --preset release
cellocus=build/release/app/cellocus
# The head for the real cells is fitted by the window itself, once, while the rest can already be used.
if [ "${1:-}" = --real ]; then set -- "--real=$data"; else set -- --demo; fi

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  exec "$cellocus" "$@"
fi

output=demo-output
mkdir -p "$output"
echo "There is no display here, so the views are drawn into $output/ instead of a window:"
for view in genome cells violins window; do
  for format in svg png; do
    QT_QPA_PLATFORM=offscreen "$cellocus" "$@" --render "$view" -o "$output/$view.$format"
    echo "  $output/$view.$format"
  done
done
