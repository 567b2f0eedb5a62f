// SPDX-License-Identifier: GPL-3.0-or-later
// HGVS nomenclature, https://hgvs-nomenclature.org, doi:10.1002/humu.22981: DNA level, genomic
// ("g.").
#include "genome/hgvs.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "genome/haplotype.h"

namespace cellocus {

namespace {

/// Single bases of a contig, read in pieces: the 3' rule may walk far through a repeat.
class BaseReader {
 public:
  BaseReader(const Genome& genome, const Contig& contig) : m_genome(genome), m_contig(contig) {}

  /// Upper case; 'N' beyond the contig, which equals nothing.
  char at(std::int64_t position) {
    constexpr std::int64_t piece = 4096;
    if (position < m_first || position >= m_first + std::ssize(m_bases)) {
      m_first = position - piece / 4;
      m_bases = uppered(m_genome.sequence({m_contig.name, m_first, m_first + piece}));
    }
    return m_bases[static_cast<std::size_t>(position - m_first)];
  }
  /// Unknown bases are not known to be the same.
  bool same(std::int64_t a, std::int64_t b) {
    const char base = at(a);
    return base != 'N' && base == at(b);
  }

 private:
  const Genome& m_genome;
  const Contig& m_contig;
  std::int64_t m_first = 0;
  std::string m_bases;
};

std::string positions(std::int64_t start, std::int64_t end) {
  const std::string first = std::to_string(start + 1);
  return end - start == 1 ? first : first + '_' + std::to_string(end);
}

std::string deletionName(const Variant& variant, BaseReader& bases) {
  std::int64_t start = variant.start, end = variant.end();
  while (bases.same(start, end)) {
    ++start;
    ++end;
  }
  return positions(start, end) + "del";
}

std::string insertionName(const Variant& variant, const Contig& contig, BaseReader& bases) {
  std::string alt = variant.alt;
  std::int64_t at = variant.start;
  std::size_t turn = 0;
  while (at < contig.length && alt[turn] != 'N' && bases.at(at) == alt[turn]) {
    turn = (turn + 1) % alt.size();
    ++at;
  }
  std::rotate(alt.begin(), alt.begin() + static_cast<std::ptrdiff_t>(turn), alt.end());
  const std::int64_t copy = at - std::ssize(alt);
  bool duplicates = copy >= 0;
  for (std::size_t i = 0; duplicates && i < alt.size(); ++i)
    duplicates = bases.at(copy + static_cast<std::int64_t>(i)) == alt[i];
  if (duplicates) return positions(copy, at) + "dup";
  // There is no base on one side at a contig's end, so the base on the other is named as replaced.
  if (at == 0) return "1delins" + alt + bases.at(0);
  if (at == contig.length) return std::to_string(at) + "delins" + bases.at(at - 1) + alt;
  return std::to_string(at) + '_' + std::to_string(at + 1) + "ins" + alt;
}

/// The part behind "g.": substitution before deletion before inversion before duplication before
/// insertion.
std::string changeName(const Variant& variant, const Contig& contig, const Genome& genome) {
  BaseReader bases(genome, contig);
  if (variant.ref.empty() && variant.alt.empty()) return "=";
  if (variant.ref.size() == 1 && variant.alt.size() == 1)
    return std::to_string(variant.start + 1) + variant.ref + '>' + variant.alt;
  if (variant.alt.empty()) return deletionName(variant, bases);
  if (variant.ref.empty()) return insertionName(variant, contig, bases);
  const std::string place = positions(variant.start, variant.end());
  if (variant.alt == reverseComplement(variant.ref)) return place + "inv";
  return place + "delins" + variant.alt;
}

/// The accession only where the contig is GRCh38's: the name must not claim another sequence.
std::string sequenceName(const Contig& contig, const Genome& genome) {
  const std::string accession = refSeqAccession(contig.name);
  return !accession.empty() && genome.find(accession) == &contig ? accession : contig.name;
}

[[noreturn]] void syntax(std::string_view text) {
  throw Error("LOCUS_SYNTAX", "",
              "\"" + printable(text) + "\" is no genomic HGVS name that can be read.",
              "Examples: NC_000008.11:g.11735000C>T, chr8:g.100_103del, chr8:g.100_101insAC, "
              "chr8:g.100dup.");
}

/// What stands behind the positions.
struct Change {
  std::string_view kind;  ///< ">", "del", "ins", "dup", "inv", "delins", "="
  std::string ref, alt;
};

bool isBases(std::string_view text) {
  return text.find_first_not_of("ACGTN") == std::string_view::npos;
}

Change parseChange(std::string_view rest, std::string_view text) {
  if (const auto arrow = rest.find('>'); arrow != std::string_view::npos) {
    Change change{">", std::string(rest.substr(0, arrow)), std::string(rest.substr(arrow + 1))};
    if (change.ref.empty() || change.alt.empty() || !isBases(change.ref) || !isBases(change.alt))
      syntax(text);
    return change;
  }
  if (rest == "=") return {"=", {}, {}};
  for (const std::string_view kind : {"delins", "del", "ins", "dup", "inv"}) {
    if (!rest.starts_with(kind)) continue;
    const std::string letters(rest.substr(kind.size()));
    if (!isBases(letters)) break;
    const bool inserts = kind == "ins" || kind == "delins";
    if (inserts == letters.empty() && inserts) break;
    return inserts ? Change{kind, {}, letters} : Change{kind, letters, {}};
  }
  syntax(text);
}

/// Reads "123" or "123_125" from the front of `rest` as a 0-based range.
Locus parsePositions(std::string_view& rest, const Contig& contig, std::string_view text) {
  const auto number = [&] {
    const auto end = std::min(rest.find_first_not_of("0123456789"), rest.size());
    const auto value = parseInteger(rest.substr(0, end));
    if (!value) syntax(text);
    rest.remove_prefix(end);
    return *value;
  };
  const std::int64_t first = number();
  std::int64_t last = first;
  if (rest.starts_with('_')) {
    rest.remove_prefix(1);
    last = number();
  }
  if (first > last) syntax(text);
  if (first < 1 || last > contig.length)
    throw Error("EDIT_OUTSIDE", contig.name,
                "the position lies beyond the contig, which has " + withThousands(contig.length) +
                    " bases.",
                "Check the position and the genome build.");
  return {contig.name, first - 1, last};
}

}  // namespace

std::string hgvs(const Variant& variant, const Genome& genome) {
  const Contig& contig = requireContig(genome, variant.contig);
  Variant upper{contig.name, variant.start, uppered(variant.ref), uppered(variant.alt)};
  return sequenceName(contig, genome) + ":g." + changeName(trimmed(upper), contig, genome);
}

std::string hgvs(const Haplotype& haplotype, const Genome& genome) {
  std::string result;
  const std::vector<Variant>& variants = haplotype.variants();
  for (auto first = variants.begin(); first != variants.end();) {
    const auto last = std::find_if(first, variants.end(),
                                   [&](const Variant& v) { return v.contig != first->contig; });
    const Contig& contig = requireContig(genome, first->contig);
    std::string changes;
    for (auto variant = first; variant != last; ++variant) {
      if (variant != first) changes += ';';
      changes += changeName(*variant, contig, genome);
    }
    if (!result.empty()) result += ' ';
    result += sequenceName(contig, genome) + ":g.";
    result += last - first > 1 ? std::string("[").append(changes).append("]") : changes;
    first = last;
  }
  return result;
}

std::optional<Variant> parseHgvs(std::string_view text, const Genome& genome) {
  const auto mark = text.find(":g.");
  if (mark == std::string_view::npos) return std::nullopt;
  const Contig& contig = requireContig(genome, trimmed(text.substr(0, mark)));
  std::string_view rest = trimmed(text.substr(mark + 3));
  const Locus place = parsePositions(rest, contig, text);
  const Change change = parseChange(rest, text);
  const std::string found = uppered(genome.sequence(place));
  Variant variant{contig.name, place.start, change.ref.empty() ? found : change.ref, change.alt};
  if (std::ssize(variant.ref) != place.length()) syntax(text);
  if (change.kind == "=") variant.alt = found;
  if (change.kind == "inv") variant.alt = reverseComplement(found);
  if (change.kind == "dup") variant = {contig.name, place.end, "", found};
  if (change.kind == "ins") {
    if (place.length() != 2) syntax(text);
    variant = {contig.name, place.start + 1, "", change.alt};
  }
  return trimmed(variant);
}

}  // namespace cellocus
