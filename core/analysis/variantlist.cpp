// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/variantlist.h"

#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "genome/linereader.h"
#include "genome/vcf.h"

namespace cellocus {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t largestPosition = 2'147'483'647;

/// One allele as text.
struct Written {
  std::string_view id, contig, position, ref, alt;
};

bool isBases(std::string_view text) {
  return text.find_first_not_of("ACGTNacgtn") == std::string_view::npos;
}

/// Why it cannot be scored, or nothing.
std::string faultOf(const Written& written, std::optional<std::int64_t> position,
                    std::int64_t lowest) {
  if (written.contig.empty()) return "The chromosome is empty.";
  if (!position) return "The position '" + printable(written.position) + "' is no whole number.";
  if (*position < lowest || *position > largestPosition)
    return "The position is not in " + std::to_string(lowest) + " to 2,147,483,647.";
  for (const auto& [name, allele] :
       {std::pair("reference", written.ref), {"alternative", written.alt}})
    if (!isBases(allele))
      return "The " + std::string(name) + " allele '" + printable(allele) +
             "' is not made of A, C, G, T and N.";
  return {};
}

/// "." stands for no base.
std::string_view withoutDot(std::string_view allele) {
  return allele == "." ? std::string_view() : allele;
}

std::string nameOf(const Variant& variant) {
  return variant.contig + ':' + std::to_string(variant.start + 1) + ' ' + variant.ref + '>' +
         variant.alt;
}

/// `lowest`: of the positions of the file, 0 or 1.
ListedVariant listed(const Written& written, std::int64_t lowest, std::size_t line) {
  const auto position = parseInteger(written.position);
  ListedVariant result;
  result.line = line;
  result.fault = faultOf(written, position, lowest);
  result.variant = {std::string(written.contig), position.value_or(lowest) - lowest,
                    std::string(written.ref), std::string(written.alt)};
  result.id = written.id.empty() ? nameOf(result.variant) : std::string(written.id);
  return result;
}

std::string_view cell(const std::vector<std::string_view>& cells, std::size_t column) {
  return column < cells.size() ? trimmed(cells[column]) : std::string_view();
}

ListedVariant tableLine(std::string_view line, PositionBase base, std::size_t number) {
  constexpr std::size_t needed = 5;
  const auto cells = split(line, '\t');
  ListedVariant result = listed({cell(cells, 0), cell(cells, 1), cell(cells, 2),
                                 withoutDot(cell(cells, 3)), withoutDot(cell(cells, 4))},
                                base == PositionBase::One ? 1 : 0, number);
  result.geneId = cell(cells, needed);
  if (cells.size() < needed)
    result.fault = "The line has " + std::to_string(cells.size()) + " columns; five are needed.";
  return result;
}

}  // namespace

VariantList readVariantTable(const fs::path& path, PositionBase base, const Progress& progress) {
  LineReader reader(path, {"VARIANTS", "a table of variants", limits::vcfLineBytes}, progress);
  VariantList list{path, {}, {}};
  std::string_view line;
  while (reader.next(line)) {
    const bool header = reader.number() == 1 && line.starts_with("var_id");
    if (header || trimmed(line).empty()) continue;
    if (list.variants.empty() && line.starts_with("##fileformat=VCF"))
      reader.fail("_FORMAT", "it is a VCF.", "Give it as a VCF.");
    list.variants.push_back(tableLine(line, base, reader.number()));
  }
  if (list.variants.empty())
    reader.fail("_EMPTY", "no variant is in it.",
                "Give a table of id, chromosome, position, reference and alternative allele, and "
                "gene.");
  return list;
}

VariantList readVariantVcf(const fs::path& path, const Progress& progress) {
  // Refuses what is no VCF at all, with a reason.
  VcfFile::open(path, progress.part(0, 0.5));
  LineReader reader(path, {"VCF", "a VCF of variants", limits::vcfLineBytes},
                    progress.part(0.5, 1));
  VariantList list{path, {}, {}};
  std::string_view line;
  while (reader.next(line)) {
    if (line.starts_with('#') || trimmed(line).empty()) continue;
    const auto cells = split(line, '\t');
    const std::string_view id = cell(cells, 2) == "." ? std::string_view() : cell(cells, 2);
    for (const std::string_view alt : split(cell(cells, 4), ','))
      list.variants.push_back(
          listed({id, cell(cells, 0), cell(cells, 1), cell(cells, 3), alt}, 1, reader.number()));
  }
  return list;
}

}  // namespace cellocus
