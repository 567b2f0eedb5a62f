// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/locus.h"

#include <array>

#include "base/text.h"

namespace cellocus {

namespace {

std::string rangeText(const Locus& locus, std::string (*number)(std::int64_t)) {
  const std::string first = locus.contig + ':' + number(locus.start + 1);
  return locus.length() <= 1 ? first : first + '-' + number(locus.end);
}

std::string plainNumber(std::int64_t number) {
  return std::to_string(number);
}

/// Long alleles are cut: what a person recognises is the beginning and the length.
std::string shortAllele(const std::string& bases) {
  constexpr std::size_t shown = 24;
  if (bases.size() <= shown) return bases;
  return bases.substr(0, 12) + "\u2026 (" + withThousands(static_cast<std::int64_t>(bases.size())) +
         " bp)";
}

}  // namespace

std::string locusText(const Locus& locus) {
  return rangeText(locus, withThousands);
}

std::string plainLocusText(const Locus& locus) {
  return rangeText(locus, plainNumber);
}

std::string lengthText(std::int64_t bases) {
  if (bases < 1'000'000) return withThousands(bases) + " bp";
  return readable(static_cast<double>(bases) / 1e6, 3) + " Mb";
}

Variant trimmed(const Variant& variant) {
  Variant result = variant;
  while (!result.ref.empty() && !result.alt.empty() && result.ref.back() == result.alt.back()) {
    result.ref.pop_back();
    result.alt.pop_back();
  }
  const auto differ =
      std::mismatch(result.ref.begin(), result.ref.end(), result.alt.begin(), result.alt.end());
  const auto shared = differ.first - result.ref.begin();
  result.ref.erase(0, static_cast<std::size_t>(shared));
  result.alt.erase(0, static_cast<std::size_t>(shared));
  result.start += shared;
  return result;
}

std::string variantText(const Variant& variant) {
  if (variant.ref.empty())
    return variant.contig + ':' + withThousands(variant.start) + '^' +
           withThousands(variant.start + 1) + " ins" + shortAllele(variant.alt);
  if (variant.alt.empty())
    return locusText({variant.contig, variant.start, variant.end()}) + " del" +
           shortAllele(variant.ref);
  return variant.contig + ':' + withThousands(variant.start + 1) + ' ' + shortAllele(variant.ref) +
         '>' + shortAllele(variant.alt);
}

char complement(char base) {
  static const std::array<char, 256> table = [] {
    std::array<char, 256> result;
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = static_cast<char>(i);
    constexpr std::string_view from = "ACGTURYKMBVDHacgturykmbvdh";
    constexpr std::string_view to = "TGCAAYRMKVBHDtgcaayrmkvbhd";
    for (std::size_t i = 0; i < from.size(); ++i)
      result[static_cast<unsigned char>(from[i])] = to[i];
    return result;
  }();
  return table[static_cast<unsigned char>(base)];
}

std::string reverseComplement(std::string_view bases) {
  std::string result(bases.rbegin(), bases.rend());
  std::transform(result.begin(), result.end(), result.begin(), complement);
  return result;
}

}  // namespace cellocus
