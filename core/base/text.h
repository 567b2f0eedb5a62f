// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cellocus {

std::string_view trimmed(std::string_view text);
/// Pieces between separators; "a,,b" has an empty piece in the middle, "" has one empty piece.
std::vector<std::string_view> split(std::string_view text, char separator);
std::string lowered(std::string_view text);
std::string uppered(std::string_view text);
bool startsWithIgnoringCase(std::string_view text, std::string_view prefix);
bool containsIgnoringCase(std::string_view text, std::string_view part);

/// The whole of `text` as a decimal integer, or nothing: "12abc", "5e3", "+5", " 5" and "" are
/// nothing.
std::optional<std::int64_t> parseInteger(std::string_view text);
/// The whole of `text` as a number in C notation whatever the locale, or nothing.
std::optional<double> parseNumber(std::string_view text);

/// 11735000 as "11,735,000", whatever the locale.
std::string withThousands(std::int64_t number);
/// Shortest text that reads back as the same float ("0.1", "1e-08", "NA" for NaN), whatever the
/// locale.
std::string numberText(float value);
std::string numberText(double value);
/// At most `digits` significant digits, for a person: 0.0012, 12.3, 1,230,000.
std::string readable(double value, int digits = 3);
/// "3.2 GB", "512 bytes".
std::string byteText(std::uint64_t bytes);

/// Control characters shown as \xNN, invalid UTF-8 as \xNN, cut at `limit` characters with an
/// ellipsis. For names out of files that end up in messages.
std::string printable(std::string_view text, std::size_t limit = 80);

/// Candidates nearest to `text` by edit distance (case ignored), best first, at most `limit`.
std::vector<std::string> nearest(std::string_view text, const std::vector<std::string>& candidates,
                                 std::size_t limit = 3);

}  // namespace cellocus
