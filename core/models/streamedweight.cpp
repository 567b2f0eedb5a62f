// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/streamedweight.h"

#include <algorithm>

namespace cellocus {

namespace {

/// A tile of which at least this share is wanted is read as a whole, as it will be wanted again.
constexpr std::int64_t wholeTileShare = 4;

/// How many of the rows, from the first on, follow each other without a gap.
std::size_t runLength(std::span<const std::int64_t> rows) {
  std::size_t length = 1;
  while (length < rows.size() && rows[length] == rows[length - 1] + 1) ++length;
  return length;
}

}  // namespace

StreamedWeight::StreamedWeight(std::shared_ptr<const Checkpoint> checkpoint, std::string tensor,
                               std::uint64_t budget)
    : m_checkpoint(std::move(checkpoint)), m_tensor(std::move(tensor)), m_budget(budget) {
  const Shape& shape = m_checkpoint->find(m_tensor)->shape;
  m_rows = shape.at(0);
  m_columns = shape.at(1);
  m_tiles.resize(static_cast<std::size_t>((m_rows + tileRows - 1) / tileRows));
}

std::int64_t StreamedWeight::lastRow(std::int64_t index) const {
  return std::min(m_rows, firstRow(index) + tileRows);
}

std::uint64_t StreamedWeight::keptBytes() const {
  const std::scoped_lock lock(m_mutex);
  return m_keptBytes;
}

StreamedWeight::Values StreamedWeight::kept(std::int64_t index) const {
  const std::scoped_lock lock(m_mutex);
  return m_tiles.at(static_cast<std::size_t>(index));
}

StreamedWeight::Values StreamedWeight::tile(std::int64_t index) const {
  if (Values known = kept(index)) return known;
  // Read outside of the lock, so that threads read side by side.
  const auto values = std::make_shared<const std::vector<float>>(
      m_checkpoint->readRows(m_tensor, firstRow(index), lastRow(index)));
  const std::uint64_t bytes = values->size() * sizeof(float);
  const std::scoped_lock lock(m_mutex);
  Values& place = m_tiles.at(static_cast<std::size_t>(index));
  if (!place && bytes <= m_budget - m_keptBytes) {
    place = values;
    m_keptBytes += bytes;
  }
  return values;
}

void StreamedWeight::copyRows(std::span<const std::int64_t> rows, nn::MatrixBlock into,
                              const Progress& progress) const {
  for (std::size_t first = 0; first < rows.size();) {
    progress.check();
    const std::int64_t index = rows[first] / tileRows;
    const auto end = std::lower_bound(rows.begin() + static_cast<std::ptrdiff_t>(first), rows.end(),
                                      lastRow(index));
    const auto wanted = rows.subspan(first, static_cast<std::size_t>(end - rows.begin()) - first);
    const auto place = static_cast<Eigen::Index>(first), count = std::ssize(wanted);
    const bool many = wholeTileShare * count >= lastRow(index) - firstRow(index);
    if (const Values values = many ? tile(index) : kept(index)) {
      const Eigen::Map<const Matrix> whole(values->data(), lastRow(index) - firstRow(index),
                                           m_columns);
      for (Eigen::Index i = 0; i < count; ++i)
        into.row(place + i) = whole.row(wanted[static_cast<std::size_t>(i)] - firstRow(index));
    } else {
      copyFromFile(wanted, into.middleRows(place, count), progress);
    }
    first += wanted.size();
  }
}

void StreamedWeight::copyFromFile(std::span<const std::int64_t> rows, nn::MatrixBlock into,
                                  const Progress& progress) const {
  for (std::size_t first = 0; first < rows.size();) {
    progress.check();
    const std::size_t length = runLength(rows.subspan(first));
    const std::int64_t row = rows[first], count = static_cast<std::int64_t>(length);
    const std::vector<float> values = m_checkpoint->readRows(m_tensor, row, row + count);
    into.middleRows(static_cast<Eigen::Index>(first), count) =
        Eigen::Map<const Matrix>(values.data(), count, m_columns);
    first += length;
  }
}

std::vector<float> StreamedWeight::read(const Progress& progress) const {
  return m_checkpoint->read(m_tensor, progress);
}

}  // namespace cellocus
