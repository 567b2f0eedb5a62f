// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "base/error.h"

namespace cellocus::testing {

/// Code of the Error that `work` throws, with its sentence for the failure message; "no error"
/// otherwise.
template <typename Work>
std::string errorCode(Work work, std::string* sentence = nullptr) {
  try {
    work();
  } catch (const Error& error) {
    if (sentence) *sentence = error.what();
    return error.code();
  }
  return "no error";
}

}  // namespace cellocus::testing
