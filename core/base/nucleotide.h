// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace cellocus {

/// The place of a base among A, C, G, T (either case): column of a one-hot input, row of a motif.
/// -1 for any other letter.
constexpr int nucleotideNumber(char base) {
  switch (base) {
    case 'A':
    case 'a':
      return 0;
    case 'C':
    case 'c':
      return 1;
    case 'G':
    case 'g':
      return 2;
    case 'T':
    case 't':
      return 3;
    default:
      return -1;
  }
}

}  // namespace cellocus
