// SPDX-License-Identifier: GPL-3.0-or-later
// Spellings of contig names: UCSC (chr8), Ensembl (8), RefSeq (NC_000008.11), GenBank (CM000670.2).
#include <algorithm>
#include <array>
#include <tuple>

#include "base/text.h"
#include "genome/genome.h"

namespace cellocus {

namespace {

struct PrimaryContig {
  std::string_view key;   ///< Ensembl's name
  int version38;          ///< of the RefSeq accession; GRCh37's is one less
  std::int64_t length38;  ///< bases in GRCh38
  std::int64_t length37;  ///< bases in GRCh37
};

/// Source: NCBI assembly reports GCF_000001405.40 (GRCh38.p14) and GCF_000001405.25 (GRCh37.p13).
constexpr std::array<PrimaryContig, 24> primaryContigs = {{
    {"1", 11, 248956422, 249250621},  {"2", 12, 242193529, 243199373},
    {"3", 12, 198295559, 198022430},  {"4", 12, 190214555, 191154276},
    {"5", 10, 181538259, 180915260},  {"6", 12, 170805979, 171115067},
    {"7", 14, 159345973, 159138663},  {"8", 11, 145138636, 146364022},
    {"9", 12, 138394717, 141213431},  {"10", 11, 133797422, 135534747},
    {"11", 10, 135086622, 135006516}, {"12", 12, 133275309, 133851895},
    {"13", 11, 114364328, 115169878}, {"14", 9, 107043718, 107349540},
    {"15", 10, 101991189, 102531392}, {"16", 10, 90338345, 90354753},
    {"17", 11, 83257441, 81195210},   {"18", 10, 80373285, 78077248},
    {"19", 10, 58617616, 59128983},   {"20", 11, 64444167, 63025520},
    {"21", 9, 46709983, 48129895},    {"22", 11, 50818468, 51304566},
    {"X", 11, 156040895, 155270560},  {"Y", 10, 57227415, 59373566},
}};
constexpr std::string_view mitochondrial = "NC_012920.1";
constexpr std::int64_t mitochondrialLength = 16569;
constexpr std::int64_t firstGenBankNumber = 663;  // CM000663.2 is chr1 of GRCh38

const PrimaryContig* primaryContig(std::string_view key) {
  const auto found = std::find_if(primaryContigs.begin(), primaryContigs.end(),
                                  [&](const PrimaryContig& contig) { return contig.key == key; });
  return found == primaryContigs.end() ? nullptr : &*found;
}

std::string accession(std::size_t place, int version) {
  std::string number = std::to_string(place + 1);
  number.insert(0, 6 - number.size(), '0');
  return "NC_" + number + '.' + std::to_string(version);
}

/// Which primary contig an accession names, and of which assembly.
struct Accession {
  std::string_view key;
  std::int64_t length = 0;
};

Accession parseAccession(std::string_view name) {
  if (name == mitochondrial || name == "J01415.2") return {"MT", mitochondrialLength};
  const auto dot = name.find('.');
  if (dot == std::string_view::npos || (!name.starts_with("NC_") && !name.starts_with("CM")))
    return {};
  const bool refSeq = name[0] == 'N';
  const std::size_t prefix = refSeq ? 3 : 2;
  if (dot < prefix) return {};
  const auto number = parseInteger(name.substr(prefix, dot - prefix));
  const auto version = parseInteger(name.substr(dot + 1));
  if (!number || !version || dot - prefix != 6) return {};
  const std::int64_t place = refSeq ? *number - 1 : *number - firstGenBankNumber;
  if (place < 0 || place >= std::ssize(primaryContigs)) return {};
  const PrimaryContig& contig = primaryContigs[static_cast<std::size_t>(place)];
  const std::int64_t version38 = refSeq ? contig.version38 : 2;
  if (*version == version38) return {contig.key, contig.length38};
  if (*version == version38 - 1) return {contig.key, contig.length37};
  return {};
}

/// UCSC's names of unplaced sequences hold the GenBank accession: chr1_KI270706v1_random ->
/// KI270706.1.
std::string embeddedAccession(std::string_view name) {
  const auto pieces = split(name, '_');
  if (pieces.size() < 2) return {};
  const std::string_view piece = pieces[1];
  const auto v = piece.rfind('v');
  if (v == std::string_view::npos || v < 6 || !parseInteger(piece.substr(v + 1))) return {};
  return std::string(piece.substr(0, v)) + '.' + std::string(piece.substr(v + 1));
}

/// Sorts numbers by value before X, Y, MT before everything else.
std::tuple<int, std::int64_t, std::string> sortKey(std::string_view name) {
  std::string key = contigKey(name);
  if (const auto number = parseInteger(key)) return {0, *number, std::move(key)};
  constexpr std::array<std::string_view, 4> letters = {"X", "Y", "W", "Z"};
  const auto letter = std::find(letters.begin(), letters.end(), key);
  if (letter != letters.end()) return {1, letter - letters.begin(), {}};
  if (key == "MT") return {2, 0, {}};
  return {3, 0, std::move(key)};
}

}  // namespace

std::string contigKey(std::string_view name) {
  if (const Accession known = parseAccession(name); !known.key.empty())
    return std::string(known.key);
  const bool prefixed = name.size() > 3 && startsWithIgnoringCase(name, "chr");
  const std::string_view bare = prefixed ? name.substr(3) : name;
  const std::string upper = uppered(bare);
  if (upper == "M" || upper == "MT") return "MT";
  if (primaryContig(upper)) return upper;
  if (prefixed)
    if (std::string inside = embeddedAccession(name); !inside.empty()) return inside;
  return std::string(bare);
}

std::string refSeqAccession(std::string_view contig) {
  const std::string key = contigKey(contig);
  if (key == "MT") return std::string(mitochondrial);
  const PrimaryContig* found = primaryContig(key);
  if (!found) return {};
  return accession(static_cast<std::size_t>(found - primaryContigs.data()), found->version38);
}

std::vector<std::string> contigAliases(std::string_view name) {
  std::vector<std::string> result = {std::string(name)};
  const auto add = [&](std::string alias) {
    if (!alias.empty() && std::find(result.begin(), result.end(), alias) == result.end())
      result.push_back(std::move(alias));
  };
  const std::string key = contigKey(name);
  if (key == "MT") {
    for (const char* alias : {"chrM", "MT", "M", "chrMT"}) add(alias);
    add(std::string(mitochondrial));
    return result;
  }
  if (primaryContig(key)) {
    add("chr" + key);
    add(key);
    // An old accession is not an alias of the new one: they are different sequences.
    if (parseAccession(name).key.empty()) add(refSeqAccession(key));
    return result;
  }
  add(key);
  // "25" of a fish, "2L" of a fly, "IV" of yeast; longer names are those of scaffolds.
  const bool chromosome = key.size() <= 4 && std::all_of(key.begin(), key.end(), [](char c) {
                            return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
                          });
  if (key == name && chromosome) add("chr" + key);
  return result;
}

bool contigBefore(std::string_view a, std::string_view b) {
  return sortKey(a) < sortKey(b);
}

std::string assemblyName(const std::vector<Contig>& contigs) {
  int matches38 = 0, matches37 = 0;
  for (const Contig& contig : contigs)
    if (const PrimaryContig* known = primaryContig(contigKey(contig.name))) {
      matches38 += contig.length == known->length38;
      matches37 += contig.length == known->length37;
    }
  if (matches38 == matches37) return {};
  return matches38 > matches37 ? "GRCh38" : "GRCh37";
}

Genome::Genome(std::filesystem::path path, std::vector<Contig> contigs,
               std::vector<std::string> remarks)
    : m_path(std::move(path)), m_contigs(std::move(contigs)), m_remarks(std::move(remarks)) {
  for (std::size_t i = 0; i < m_contigs.size(); ++i) {
    m_byName.try_emplace(m_contigs[i].name, i);
    m_byKey.try_emplace(contigKey(m_contigs[i].name), i);
  }
}

const Contig* Genome::find(std::string_view nameOrAlias) const {
  if (const auto exact = m_byName.find(std::string(nameOrAlias)); exact != m_byName.end())
    return &m_contigs[exact->second];
  const auto found = m_byKey.find(contigKey(nameOrAlias));
  if (found == m_byKey.end()) return nullptr;
  const Contig& contig = m_contigs[found->second];
  const Accession accession = parseAccession(nameOrAlias);
  const bool otherAssembly = !accession.key.empty() && accession.length != contig.length;
  return otherAssembly ? nullptr : &contig;
}

const Contig& requireContig(const Genome& genome, std::string_view nameOrAlias) {
  if (const Contig* found = genome.find(nameOrAlias)) return *found;
  std::vector<std::string> names;
  for (const Contig& contig : genome.contigs()) {
    names.push_back(contig.name);
    if (names.size() == 5000) break;
  }
  const std::vector<std::string> near = nearest(nameOrAlias, names);
  std::string fix = near.empty() ? "Its contigs are " : "Did you mean ";
  const std::vector<std::string>& offered = near.empty() ? names : near;
  for (std::size_t i = 0; i < offered.size() && i < 5; ++i)
    fix += (i ? ", " : "") + printable(offered[i], 40);
  if (near.empty())
    fix += names.size() > 5 ? ", \u2026." : ".";
  else
    fix += "?";
  throw Error("CONTIG_UNKNOWN", printable(genome.path().filename().string(), 200),
              "the genome has no contig \"" + printable(nameOrAlias) + "\".", fix);
}

}  // namespace cellocus
