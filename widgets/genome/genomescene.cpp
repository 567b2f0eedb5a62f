// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/genomescene.h"

#include <algorithm>

namespace cellocus {

namespace {

float valueAt(const Prediction* prediction, const Locus& position, std::int64_t track) {
  const std::int64_t column = columnOf(prediction, track);
  if (column < 0 || prediction->predicted.contig != position.contig) return GenomeReadout::missing;
  const std::int64_t bin = prediction->binAt(position.start);
  return bin >= 0 && bin < prediction->values.rows() ? prediction->values(bin, column)
                                                     : GenomeReadout::missing;
}

std::string slice(const GenomeScene& scene, const Locus& locus) {
  return scene.bases.substr(static_cast<std::size_t>(locus.start - scene.loaded.start),
                            static_cast<std::size_t>(locus.length()));
}

}  // namespace

std::int64_t columnOf(const Prediction* prediction, std::int64_t track) {
  if (!prediction) return -1;
  const auto& tracks = prediction->tracks;
  const auto found = std::find(tracks.begin(), tracks.end(), track);
  if (found == tracks.end()) return -1;
  const auto column = static_cast<std::int64_t>(found - tracks.begin());
  return column < prediction->values.cols() ? column : -1;
}

std::int64_t GenomeScene::contigLength() const {
  const auto found = std::find_if(contigs.begin(), contigs.end(),
                                  [this](const Contig& one) { return one.name == contig; });
  return found == contigs.end() ? 0 : found->length;
}

const ModelWindow* GenomeScene::windowHere() const {
  return window && window->input.contig == contig ? &*window : nullptr;
}

bool GenomeScene::hasBases(const Locus& locus) const {
  return !bases.empty() && loaded.contains(locus) && locus.start >= 0 && !locus.empty();
}

std::string GenomeScene::referenceBases(const Locus& locus) const {
  return slice(*this, locus);
}

std::string GenomeScene::editedBases(const Locus& locus) const {
  std::string letters = slice(*this, locus);
  for (const Variant& edit : editsIn(locus)) {
    const std::int64_t from = std::max(edit.start, locus.start),
                       to = std::min(edit.end(), locus.end);
    for (std::int64_t at = from; at < to; ++at) {
      const auto offset = static_cast<std::size_t>(at - edit.start);
      letters[static_cast<std::size_t>(at - locus.start)] =
          offset < edit.alt.size() ? edit.alt[offset] : '-';
    }
  }
  return letters;
}

std::vector<InsertedBases> GenomeScene::insertions(const Locus& locus) const {
  std::vector<InsertedBases> result;
  for (const Variant& edit : editsIn(locus))
    if (edit.lengthChange() > 0 && edit.end() >= locus.start && edit.end() <= locus.end)
      result.push_back({edit.end(), edit.alt.substr(edit.ref.size())});
  return result;
}

std::string GenomeScene::editedText(const Locus& locus) const {
  const std::string letters = editedBases(locus);
  const auto inserted = insertions(locus);
  std::string text;
  for (std::int64_t at = locus.start; at < locus.end; ++at) {
    for (const InsertedBases& one : inserted)
      if (one.before == at && at > locus.start) text += one.bases;
    const char letter = letters[static_cast<std::size_t>(at - locus.start)];
    if (letter != '-') text += letter;
  }
  return text;
}

std::vector<Variant> GenomeScene::editsIn(const Locus& locus) const {
  std::vector<Variant> result;
  for (const Variant& edit : haplotype.variants())
    if (edit.contig == locus.contig && edit.start <= locus.end && edit.end() >= locus.start)
      result.push_back(edit);
  return result;
}

std::optional<Variant> GenomeScene::editAt(std::int64_t position) const {
  for (const Variant& edit : haplotype.variants())
    if (edit.contig == contig && edit.start <= position &&
        (position < edit.end() || edit.start == position))
      return edit;
  return std::nullopt;
}

GenomeReadout GenomeScene::readout(std::int64_t position) const {
  GenomeReadout result;
  if (position < 0 || position >= contigLength()) return result;
  const Locus here{contig, position, position + 1};
  result.contig = QString::fromStdString(contig);
  result.position = position;
  if (const ModelWindow* model = windowHere()) result.bin = model->binAt(position);
  for (const TrackRow& row : tracks) {
    const GenomeReadout::Value value{row.track, valueAt(reference.get(), here, row.track),
                                     valueAt(edited.get(), here, row.track)};
    if (value.reference == value.reference || value.edited == value.edited)
      result.values.push_back(value);
  }
  return result;
}

}  // namespace cellocus
