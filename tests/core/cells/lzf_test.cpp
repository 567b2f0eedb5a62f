// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/lzf.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cellocus {
namespace {

std::optional<std::string> unpacked(const std::vector<unsigned char>& packed, std::size_t room) {
  std::vector<unsigned char> into(room);
  const auto filled = unpackLzf(packed, into);
  if (!filled) return std::nullopt;
  return std::string(into.begin(), into.begin() + static_cast<std::ptrdiff_t>(*filled));
}

TEST(Lzf, UnpacksLiteralsAndMatches) {
  EXPECT_EQ(unpacked({2, 'a', 'b', 'c'}, 3), "abc");
  // "ab", then four bytes from two back, which overlap what they write.
  EXPECT_EQ(unpacked({1, 'a', 'b', 2 << 5, 1}, 6), "ababab");
  // A long match: 7 in the control byte, then the rest of the length.
  EXPECT_EQ(unpacked({0, 'x', 7 << 5, 1, 0}, 11), std::string(11, 'x'));
  EXPECT_EQ(unpacked({}, 4), "");
}

TEST(Lzf, RefusesDamagedBlocks) {
  EXPECT_EQ(unpacked({5, 'a'}, 100), std::nullopt) << "literals beyond the end";
  EXPECT_EQ(unpacked({0, 'a', 1 << 5, 1}, 100), std::nullopt) << "a match from before the start";
  EXPECT_EQ(unpacked({0, 'a', 1 << 5}, 100), std::nullopt) << "a match without its distance";
  EXPECT_EQ(unpacked({0, 'a', 7 << 5}, 100), std::nullopt) << "a match without its length";
  EXPECT_EQ(unpacked({0, 'a', 7 << 5, 255, 0}, 100), std::nullopt) << "more than there is room for";
  EXPECT_EQ(unpacked({2, 'a', 'b', 'c'}, 2), std::nullopt) << "more than there is room for";
}

}  // namespace
}  // namespace cellocus
