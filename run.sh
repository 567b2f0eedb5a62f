#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what is missing, builds, and opens the demo session. With --real: real human DNA and cells from
# ../shared, where that exists. Without a display the views are drawn into demo-output/ instead.
set -eu
cd "$(dirname "$0")"

world=--demo
case ${1:-} in
  "") ;;
  --real) world=--real ;;
  *) echo "usage: ./run.sh [--real]" >&2; exit 2 ;;
esac

cmake/install-packages.sh
cmake --preset release -DCELLOCUS_TESTS=OFF
cmake --build --preset release
cellocus=build/release/app/cellocus

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  exec "$cellocus" "$world"
fi

output=demo-output
mkdir -p "$output"
echo "There is no display here, so the views are drawn into $output/ instead of a window:"
for view in genome cells violins window; do
  for format in svg png; do
    QT_QPA_PLATFORM=offscreen "$cellocus" "$world" --render "$view" -o "$output/$view.$format"
    echo "  $output/$view.$format"
  done
done
