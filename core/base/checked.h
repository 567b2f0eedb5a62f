// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <concepts>
#include <string_view>

#include "base/error.h"

namespace cellocus {

/// Arithmetic on numbers that come out of files: the only way such numbers are added or multiplied.
/// @throws Error "NUMBER_OVERFLOW" naming `what`
template <std::integral T>
T checkedMultiply(T a, T b, std::string_view what) {
  T result;
  if (__builtin_mul_overflow(a, b, &result))
    throw Error("NUMBER_OVERFLOW", std::string(what), "its size does not fit into 64 bits.",
                "The file is damaged or was made to mislead; get it again from its source.");
  return result;
}

/// @throws Error "NUMBER_OVERFLOW" naming `what`
template <std::integral T>
T checkedAdd(T a, T b, std::string_view what) {
  T result;
  if (__builtin_add_overflow(a, b, &result))
    throw Error("NUMBER_OVERFLOW", std::string(what), "its size does not fit into 64 bits.",
                "The file is damaged or was made to mislead; get it again from its source.");
  return result;
}

}  // namespace cellocus
