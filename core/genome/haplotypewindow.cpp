// SPDX-License-Identifier: GPL-3.0-or-later
// Haplotype::sequence for a window of fixed length: the sequence is laid out from the anchor to
// both sides.
#include <algorithm>

#include "base/text.h"
#include "genome/haplotype.h"

namespace cellocus {

namespace {

/// A stretch of the edited sequence: reference sequence, or letters of an edit.
struct Piece {
  enum class Kind { Reference, Substituted, Inserted } kind = Kind::Reference;
  std::int64_t reference = 0;  ///< where its first base lies; no meaning if inserted
  std::int64_t length = 0;
  std::string_view letters;  ///< of an edit

  Piece firstBases(std::int64_t count) const {
    return {kind, reference, count, letters.substr(0, static_cast<std::size_t>(count))};
  }
  Piece lastBases(std::int64_t count) const {
    const std::int64_t dropped = length - count;
    return {kind, reference + dropped, count,
            letters.empty() ? letters : letters.substr(static_cast<std::size_t>(dropped))};
  }
};

/// The letters of an edit: what stands for a reference base, then what is inserted.
std::vector<Piece> piecesOf(const Variant& variant) {
  const std::size_t aligned = std::min(variant.ref.size(), variant.alt.size());
  const std::string_view letters = variant.alt;
  std::vector<Piece> pieces;
  if (aligned > 0)
    pieces.push_back({Piece::Kind::Substituted, variant.start, static_cast<std::int64_t>(aligned),
                      letters.substr(0, aligned)});
  if (letters.size() > aligned)
    pieces.push_back({Piece::Kind::Inserted, 0, static_cast<std::int64_t>(letters.size() - aligned),
                      letters.substr(aligned)});
  return pieces;
}

/// Pieces from `anchor` to the right, `count` bases in all.
std::vector<Piece> piecesAfter(const std::vector<Variant>& variants, std::int64_t anchor,
                               std::int64_t count) {
  std::vector<Piece> result;
  const auto add = [&](const Piece& piece) {
    if (count <= 0 || piece.length <= 0) return;
    result.push_back(piece.firstBases(std::min(count, piece.length)));
    count -= result.back().length;
  };
  std::int64_t at = anchor;
  for (const Variant& variant : variants) {
    if (variant.start < at || (variant.ref.empty() && variant.start == anchor)) continue;
    add({Piece::Kind::Reference, at, variant.start - at, {}});
    for (const Piece& piece : piecesOf(variant)) add(piece);
    at = variant.end();
    if (count <= 0) break;
  }
  add({Piece::Kind::Reference, at, count, {}});
  return result;
}

/// Pieces from `anchor` to the left, `count` bases in all, in the order of the sequence.
std::vector<Piece> piecesBefore(const std::vector<Variant>& variants, std::int64_t anchor,
                                std::int64_t count) {
  std::vector<Piece> result;
  const auto add = [&](const Piece& piece) {
    if (count <= 0 || piece.length <= 0) return;
    result.push_back(piece.lastBases(std::min(count, piece.length)));
    count -= result.back().length;
  };
  std::int64_t at = anchor;
  for (auto variant = variants.rbegin(); variant != variants.rend() && count > 0; ++variant) {
    if (variant->end() > at) continue;
    add({Piece::Kind::Reference, variant->end(), at - variant->end(), {}});
    const std::vector<Piece> pieces = piecesOf(*variant);
    for (auto piece = pieces.rbegin(); piece != pieces.rend(); ++piece) add(*piece);
    at = variant->start;
  }
  add({Piece::Kind::Reference, at - count, count, {}});
  std::reverse(result.begin(), result.end());
  return result;
}

void append(HaplotypeSequence& sequence, const Piece& piece, const Genome& genome,
            const Contig& contig, char outside) {
  const std::int64_t at = std::ssize(sequence.bases);
  if (piece.kind != Piece::Kind::Inserted) {
    auto& blocks = sequence.blocks;
    const bool continues = !blocks.empty() && blocks.back().at + blocks.back().length == at &&
                           blocks.back().reference + blocks.back().length == piece.reference;
    if (continues)
      blocks.back().length += piece.length;
    else
      blocks.push_back({at, piece.reference, piece.length});
  }
  if (piece.kind != Piece::Kind::Reference) {
    sequence.bases += piece.letters;
    return;
  }
  const Locus locus{contig.name, piece.reference, piece.reference + piece.length};
  sequence.bases += uppered(genome.sequence(locus, outside));
  const std::int64_t inside =
      std::min(locus.end, contig.length) - std::clamp<std::int64_t>(locus.start, 0, contig.length);
  sequence.padded += piece.length - std::max<std::int64_t>(0, inside);
}

}  // namespace

HaplotypeSequence Haplotype::sequence(const Genome& genome, const Locus& window,
                                      std::int64_t anchor, char outside) const {
  const Contig& contig = requireContig(genome, window.contig);
  HaplotypeSequence result;
  result.window = {contig.name, window.start, window.end};
  const std::int64_t place = std::clamp(anchor, window.start, window.end) - window.start;
  std::int64_t middle = window.start + place;
  std::vector<Variant> variants;
  for (const Variant& variant : m_variants)
    if (variant.contig == contig.name) variants.push_back(variant);
  std::int64_t before = place;
  for (const Variant& variant : variants)
    if (variant.start < middle && middle < variant.end()) {
      // What stands for the bases before the anchor stays before it; a deletion's gap closes from
      // the right.
      before = place - (middle - variant.start);
      middle = variant.start;
      break;
    }
  result.bases.reserve(static_cast<std::size_t>(window.length()));
  if (before >= 0) {
    for (const Piece& piece : piecesBefore(variants, middle, before))
      append(result, piece, genome, contig, outside);
    for (const Piece& piece : piecesAfter(variants, middle, window.length() - before))
      append(result, piece, genome, contig, outside);
  } else {
    // The edit over the anchor begins before the window: its first letters are cut off.
    std::int64_t cut = -before;
    for (Piece piece : piecesAfter(variants, middle, window.length() - before)) {
      const std::int64_t dropped = std::min(cut, piece.length);
      cut -= dropped;
      if (dropped < piece.length)
        append(result, piece.lastBases(piece.length - dropped), genome, contig, outside);
    }
  }
  return result;
}

}  // namespace cellocus
