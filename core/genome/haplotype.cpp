// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/haplotype.h"

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "base/text.h"

namespace cellocus {

namespace {

constexpr std::string_view nucleotides = "ACGTNRYSWKMBDHV";

bool before(const Variant& variant, std::string_view contig) {
  return variant.contig != contig && contigBefore(variant.contig, contig);
}

/// Short enough for a message.
std::string shownBases(std::string_view bases) {
  return bases.empty() ? "nothing" : '"' + printable(bases, 20) + '"';
}

void requireLetters(const Variant& edit) {
  const std::string letters = edit.ref + edit.alt;
  const auto stranger = letters.find_first_not_of(nucleotides);
  if (stranger == std::string::npos) return;
  throw Error("EDIT_LETTERS", printable(edit.contig) + ':' + withThousands(edit.start + 1),
              "\"" + printable(letters.substr(stranger, 1)) + "\" is no base.",
              "Edits are written with A, C, G, T and N.");
}

void requireReference(const Variant& edit, const Genome& genome) {
  const std::string found = uppered(genome.sequence({edit.contig, edit.start, edit.end()}));
  if (found == edit.ref) return;
  const auto differ =
      std::mismatch(found.begin(), found.end(), edit.ref.begin()).first - found.begin();
  const auto at = static_cast<std::size_t>(differ);
  const std::string build = assemblyName(genome.contigs());
  throw Error("REF_MISMATCH", edit.contig + ':' + withThousands(edit.start + 1 + differ),
              "the reference has " + shownBases(std::string_view(found).substr(at)) +
                  " there, but the edit expects " +
                  shownBases(std::string_view(edit.ref).substr(at)) + '.',
              "Check the position, and whether the edit was made for the same genome build" +
                  (build.empty() ? std::string(".") : "; this genome is " + build + '.'));
}

void requireWithin(const Variant& edit, const Contig& contig) {
  if (edit.start >= 0 && edit.start <= contig.length && edit.end() <= contig.length) return;
  throw Error("EDIT_OUTSIDE", contig.name + ':' + withThousands(edit.start + 1),
              "the edit reaches beyond " + contig.name + ", which has " +
                  withThousands(contig.length) + " bases.",
              "Check the position, and whether the edit was made for the same genome build.");
}

/// What the first `bases` reference bases of a variant become: base by base, and what is inserted
/// belongs to the last one.
std::size_t altOf(const Variant& variant, std::int64_t bases) {
  return std::min(static_cast<std::size_t>(bases), variant.alt.size());
}

/// The part of an old variant left of `start`, and the part right of `end`, of a new edit between
/// them.
Variant leftRest(const Variant& variant, std::int64_t start) {
  if (variant.end() <= start) return variant;
  const auto kept = static_cast<std::size_t>(start - variant.start);
  return {variant.contig, variant.start, variant.ref.substr(0, kept),
          variant.alt.substr(0, altOf(variant, start - variant.start))};
}
Variant rightRest(const Variant& variant, std::int64_t end) {
  if (variant.start >= end) return variant;
  const auto dropped = static_cast<std::size_t>(end - variant.start);
  return {variant.contig, end, variant.ref.substr(dropped),
          variant.alt.substr(altOf(variant, end - variant.start))};
}

/// Trims a variant; one of equal lengths is taken apart where the bases between changes are
/// unchanged.
void appendNormalised(std::vector<Variant>& result, const Variant& variant) {
  if (variant.ref.size() != variant.alt.size()) {
    result.push_back(trimmed(variant));
    return;
  }
  for (std::size_t i = 0; i < variant.ref.size(); ++i) {
    if (variant.ref[i] == variant.alt[i]) continue;
    std::size_t end = i + 1;
    while (end < variant.ref.size() && variant.ref[end] != variant.alt[end]) ++end;
    result.push_back({variant.contig, variant.start + static_cast<std::int64_t>(i),
                      variant.ref.substr(i, end - i), variant.alt.substr(i, end - i)});
    i = end;
  }
}

/// Joins pieces that touch. `pieces` are sorted and do not overlap.
std::vector<Variant> merged(const std::vector<Variant>& pieces) {
  std::vector<Variant> separate;
  for (const Variant& piece : pieces) appendNormalised(separate, piece);
  std::vector<Variant> joined;
  for (const Variant& piece : separate) {
    if (!joined.empty() && joined.back().end() == piece.start) {
      joined.back().ref += piece.ref;
      joined.back().alt += piece.alt;
    } else {
      joined.push_back(piece);
    }
  }
  std::vector<Variant> result;
  for (const Variant& variant : joined) appendNormalised(result, variant);
  return result;
}

}  // namespace

Haplotype Haplotype::with(const Variant& edit, const Genome& genome) const& {
  Haplotype result = *this;
  result.apply(edit, genome);
  return result;
}

Haplotype Haplotype::with(const Variant& edit, const Genome& genome) && {
  apply(edit, genome);
  return std::move(*this);
}

void Haplotype::apply(Variant edit, const Genome& genome) {
  const Contig& contig = requireContig(genome, edit.contig);
  edit.contig = contig.name;
  edit.ref = uppered(edit.ref);
  edit.alt = uppered(edit.alt);
  requireLetters(edit);
  requireWithin(edit, contig);
  requireReference(edit, genome);

  const auto first =
      std::partition_point(m_variants.begin(), m_variants.end(), [&](const Variant& v) {
        return before(v, edit.contig) || (v.contig == edit.contig && v.end() < edit.start);
      });
  auto last = first;
  while (last != m_variants.end() && last->contig == edit.contig && last->start <= edit.end())
    ++last;

  std::vector<Variant> left, right;
  for (auto old = first; old != last; ++old) {
    const bool inserts = old->ref.empty();
    const bool within = inserts && old->start > edit.start && old->start < edit.end();
    const bool replaced =
        inserts && edit.ref.empty() && !edit.alt.empty() && old->start == edit.start;
    if (within || replaced) continue;
    if (inserts ? old->start <= edit.start : old->start < edit.start)
      left.push_back(leftRest(*old, edit.start));
    if (inserts ? old->start > edit.start : old->end() > edit.end())
      right.push_back(rightRest(*old, edit.end()));
  }
  std::vector<Variant> pieces = std::move(left);
  pieces.push_back(std::move(edit));
  pieces.insert(pieces.end(), right.begin(), right.end());
  const std::vector<Variant> now = merged(pieces);
  const auto place = m_variants.erase(first, last);
  m_variants.insert(place, now.begin(), now.end());
}

Haplotype Haplotype::without(const Variant& edit) const {
  Haplotype result = *this;
  const Variant wanted = trimmed(edit);
  std::erase_if(result.m_variants, [&](const Variant& v) { return v == edit || v == wanted; });
  return result;
}

std::vector<Variant> Haplotype::within(const Locus& locus) const {
  const std::string key = contigKey(locus.contig);
  std::vector<Variant> result;
  auto at = std::partition_point(m_variants.begin(), m_variants.end(), [&](const Variant& v) {
    return before(v, locus.contig) ||
           (!contigBefore(locus.contig, v.contig) && v.end() < locus.start);
  });
  for (; at != m_variants.end() && contigKey(at->contig) == key && at->start <= locus.end; ++at)
    if (at->end() >= locus.start) result.push_back(*at);
  return result;
}

bool Haplotype::hasIndelWithin(const Locus& locus) const {
  const std::vector<Variant> variants = within(locus);
  return std::any_of(variants.begin(), variants.end(),
                     [](const Variant& variant) { return variant.lengthChange() != 0; });
}

std::string Haplotype::sequence(const Genome& genome, const Locus& locus) const {
  const Contig& contig = requireContig(genome, locus.contig);
  std::string result;
  std::int64_t at = locus.start;
  const auto copyReference = [&](std::int64_t end) {
    if (end > at) result += genome.sequence({contig.name, at, end});
    at = std::max(at, end);
  };
  for (const Variant& variant : within(locus)) {
    if (variant.ref.empty()) {
      const bool atEnd = variant.start == locus.end && variant.start == contig.length;
      if (variant.start < locus.start || (variant.start >= locus.end && !atEnd)) continue;
      copyReference(variant.start);
      result += variant.alt;
      continue;
    }
    const std::int64_t first = std::max(variant.start, locus.start);
    const std::int64_t last = std::min(variant.end(), locus.end);
    if (first >= last) continue;
    copyReference(first);
    const std::size_t from = altOf(variant, first - variant.start);
    const std::size_t to =
        last == variant.end() ? variant.alt.size() : altOf(variant, last - variant.start);
    result += variant.alt.substr(from, to - from);
    at = last;
  }
  copyReference(locus.end);
  return result;
}

Matrix alignedToReference(MatrixView values, const HaplotypeSequence& sequence,
                          std::int64_t firstBase, std::int64_t binSize) {
  const auto referenceOf = [&](std::int64_t base) {
    const auto& blocks = sequence.blocks;
    auto next = std::partition_point(blocks.begin(), blocks.end(),
                                     [&](const auto& block) { return block.at <= base; });
    if (next == blocks.begin()) return blocks.empty() ? sequence.window.start : next->reference - 1;
    --next;
    // Inserted bases lie where the reference base before them lies.
    return next->reference + std::min(base - next->at, next->length - 1);
  };
  Matrix result =
      Matrix::Constant(values.rows(), values.cols(), std::numeric_limits<float>::quiet_NaN());
  std::vector<bool> filled(static_cast<std::size_t>(values.rows()));
  for (Eigen::Index bin = 0; bin < values.rows(); ++bin) {
    const std::int64_t middle = firstBase + bin * binSize + binSize / 2;
    const std::int64_t base = referenceOf(middle) - sequence.window.start - firstBase;
    const std::int64_t target = base < 0 ? -1 : base / binSize;
    if (target < 0 || target >= values.rows()) continue;
    if (filled[static_cast<std::size_t>(target)])
      result.row(target) = result.row(target).cwiseMax(values.row(bin));
    else
      result.row(target) = values.row(bin);
    filled[static_cast<std::size_t>(target)] = true;
  }
  return result;
}

}  // namespace cellocus
