// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/text.h"

#include <gtest/gtest.h>

#include <limits>

namespace cellocus {
namespace {

TEST(Text, IntegersAreReadWholeOrNotAtAll) {
  EXPECT_EQ(parseInteger("42"), 42);
  EXPECT_EQ(parseInteger("-5"), -5);
  for (const char* wrong : {"", " 5", "5 ", "+5", "5e3", "12abc", "1,000", "99999999999999999999"})
    EXPECT_FALSE(parseInteger(wrong)) << wrong;
}

TEST(Text, ThousandsAreSeparatedOnBothSidesOfZero) {
  EXPECT_EQ(withThousands(0), "0");
  EXPECT_EQ(withThousands(999), "999");
  EXPECT_EQ(withThousands(1000), "1,000");
  EXPECT_EQ(withThousands(11735000), "11,735,000");
  EXPECT_EQ(withThousands(-123456), "-123,456");
}

TEST(Text, ReadableNumbersKeepThreeSignificantDigits) {
  EXPECT_EQ(readable(0), "0");
  EXPECT_EQ(readable(12.345), "12.3");
  EXPECT_EQ(readable(0.0012345), "0.00123");
  EXPECT_EQ(readable(1.5), "1.5");
  EXPECT_EQ(readable(1234567), "1,234,567");
  EXPECT_EQ(readable(-0.00001234), "-1.23e-05");
  EXPECT_EQ(readable(-0.0), "0");
}

TEST(Text, NumbersReadBackAsTheSameFloat) {
  for (const float value : {0.1f, 1e-8f, 16777217.f, -3.4e38f})
    EXPECT_EQ(static_cast<float>(*parseNumber(numberText(value))), value);
  EXPECT_EQ(numberText(std::numeric_limits<float>::quiet_NaN()), "NA");
}

TEST(Text, SplittingKeepsEmptyPieces) {
  EXPECT_EQ(split("a,,b", ',').size(), 3u);
  EXPECT_EQ(split("", ',').size(), 1u);
}

TEST(Text, NamesOutOfFilesCannotCarryTerminalCodes) {
  EXPECT_EQ(printable("chr1\x1b[31m"), "chr1\\x1B[31m");
  EXPECT_EQ(printable("caf\xc3\xa9"), "caf\xc3\xa9");
  EXPECT_EQ(printable("\xff"), "\\xFF");
  EXPECT_EQ(printable("abcdef", 3), "abc\u2026");
}

TEST(Text, MisspeltNamesFindTheirNeighbours) {
  const std::vector<std::string> genes = {"GATA1", "GATA4", "GATA6", "TBX5", "MYH6"};
  const auto found = nearest("GATA44", genes);
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found.front(), "GATA4");
  EXPECT_TRUE(nearest("ZZZZZZZZ", genes).empty());
}

TEST(Text, BytesAreShownInTheUnitThatFits) {
  EXPECT_EQ(byteText(512), "512 bytes");
  EXPECT_EQ(byteText(3200000000ull), "3.2 GB");
  EXPECT_EQ(byteText(999999), "1 MB");
}

}  // namespace
}  // namespace cellocus
