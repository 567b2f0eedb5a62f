// SPDX-License-Identifier: GPL-3.0-or-later
#include "cells/sparsesource.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "base/text.h"

namespace cellocus {

namespace {

/// Stored values read between two looks at whether the user has stopped.
constexpr std::int64_t blockElements = std::int64_t{1} << 20;
/// A turned copy takes 8 bytes a stored value; up to 400 MB are kept.
constexpr std::int64_t turnedElements = 50'000'000;
constexpr std::int64_t samplePieces = 8, sampleElements = 20'000;

}  // namespace

SparseSource::SparseSource(std::shared_ptr<const H5File> file, SparseLayout layout)
    : MatrixSource(layout.rows, layout.columns),
      m_file(std::move(file)),
      m_layout(std::move(layout)),
      m_lineCount(m_layout.lines == Axis::Rows ? rows() : columns()),
      m_acrossCount(m_layout.lines == Axis::Rows ? columns() : rows()) {
  readIndptr();
}

void SparseSource::throwAt(std::string_view dataset, const std::string& fact) const {
  throw Error("H5AD_MATRIX", m_file->where(m_layout.path + "/" + std::string(dataset)), fact,
              "The sparse matrix is damaged; write the file again from its source.");
}

void SparseSource::readIndptr() {
  m_indptr = m_file->integers(m_layout.path + "/indptr");
  const std::string unit = m_layout.lines == Axis::Rows ? "row " : "column ";
  if (std::ssize(m_indptr) != m_lineCount + 1)
    throwAt("indptr", "it has " + withThousands(std::ssize(m_indptr)) + " entries where " +
                          withThousands(m_lineCount + 1) + " are expected.");
  if (m_indptr.front() != 0) throwAt("indptr", "it does not begin with 0.");
  for (std::size_t i = 1; i < m_indptr.size(); ++i)
    if (m_indptr[i] < m_indptr[i - 1])
      throwAt("indptr",
              "it decreases at " + unit + withThousands(static_cast<std::int64_t>(i)) + ".");
  for (const char* name : {"indices", "data"}) {
    const std::vector<std::int64_t> shape = m_file->shape(m_layout.path + "/" + name);
    const std::int64_t count = shape.size() == 1 ? shape.front() : -1;
    if (count != storedCount())
      throwAt("indptr", "its last entry " + withThousands(storedCount()) +
                            " is not the length of '" + name + "', " + withThousands(count) + ".");
  }
}

/// Calls visit(line, across, value) for every stored value of the lines; value is 0 if only indices
/// are read.
template <typename Visit>
void SparseSource::scan(std::int64_t firstLine, std::int64_t lastLine, Reading reading,
                        const Progress& progress, Visit visit) const {
  const std::int64_t begin = m_indptr[static_cast<std::size_t>(firstLine)];
  const std::int64_t end = m_indptr[static_cast<std::size_t>(lastLine)];
  std::int64_t line = firstLine;
  for (std::int64_t at = begin; at < end; at += blockElements) {
    progress.at(static_cast<double>(at - begin) / static_cast<double>(end - begin),
                "reading expression");
    const H5File::Part part{{at}, {std::min(blockElements, end - at)}, {}};
    const std::vector<std::int64_t> indices = m_file->integers(m_layout.path + "/indices", part);
    std::vector<float> values;
    if (reading == Reading::IndicesAndValues)
      values = m_file->floats(m_layout.path + "/data", part);
    for (std::size_t i = 0; i < indices.size(); ++i) {
      while (m_indptr[static_cast<std::size_t>(line) + 1] <= at + static_cast<std::int64_t>(i))
        ++line;
      if (indices[i] < 0 || indices[i] >= m_acrossCount)
        throwAt("indices", "it holds " + withThousands(indices[i]) + " in " +
                               (m_layout.lines == Axis::Rows ? "row " : "column ") +
                               withThousands(line + 1) + " where less than " +
                               withThousands(m_acrossCount) + " is expected.");
      visit(line, indices[i], values.empty() ? 0.0f : values[i]);
    }
  }
}

Matrix SparseSource::lines(Axis axis, std::int64_t first, std::int64_t last,
                           const Progress& progress) const {
  if (axis != m_layout.lines) return across(first, last, progress);
  Matrix result = Matrix::Zero(last - first, m_acrossCount);
  scan(first, last, Reading::IndicesAndValues, progress,
       [&](std::int64_t line, std::int64_t index, float value) {
         result(line - first, index) += value;
       });
  return result;
}

Matrix SparseSource::across(std::int64_t first, std::int64_t last, const Progress& progress) const {
  Matrix result = Matrix::Zero(last - first, m_lineCount);
  const bool small =
      storedCount() <= turnedElements && m_lineCount <= std::numeric_limits<std::uint32_t>::max();
  if (!small) {
    scan(0, m_lineCount, Reading::IndicesAndValues, progress,
         [&](std::int64_t line, std::int64_t index, float value) {
           if (index >= first && index < last) result(index - first, line) += value;
         });
    return result;
  }
  const Turned& copy = turned(progress);
  for (std::int64_t row = first; row < last; ++row) {
    const auto begin = static_cast<std::size_t>(copy.start[static_cast<std::size_t>(row)]);
    const auto end = static_cast<std::size_t>(copy.start[static_cast<std::size_t>(row) + 1]);
    for (std::size_t i = begin; i < end; ++i) result(row - first, copy.line[i]) += copy.value[i];
  }
  return result;
}

/// Whoever comes second waits, but can still be stopped.
const SparseSource::Turned& SparseSource::turned(const Progress& progress) const {
  std::unique_lock lock(m_turning, std::defer_lock);
  while (!lock.try_lock_for(std::chrono::milliseconds(50))) progress.check();
  if (!m_turned) m_turned = turnRound(progress);
  return *m_turned;
}

/// A counting sort in two passes over the file, so that nothing is held twice.
std::unique_ptr<const SparseSource::Turned> SparseSource::turnRound(
    const Progress& progress) const {
  auto copy = std::make_unique<Turned>();
  copy->start.assign(static_cast<std::size_t>(m_acrossCount) + 1, 0);
  scan(0, m_lineCount, Reading::Indices, progress.part(0, 0.4),
       [&](std::int64_t, std::int64_t index, float) {
         ++copy->start[static_cast<std::size_t>(index) + 1];
       });
  for (std::size_t i = 1; i < copy->start.size(); ++i) copy->start[i] += copy->start[i - 1];
  copy->line.resize(static_cast<std::size_t>(storedCount()));
  copy->value.resize(static_cast<std::size_t>(storedCount()));
  std::vector<std::int64_t> next = copy->start;
  scan(0, m_lineCount, Reading::IndicesAndValues, progress.part(0.4, 1),
       [&](std::int64_t line, std::int64_t index, float value) {
         const auto place = static_cast<std::size_t>(next[static_cast<std::size_t>(index)]++);
         copy->line[place] = static_cast<std::uint32_t>(line);
         copy->value[place] = value;
       });
  return copy;
}

std::vector<float> SparseSource::sample() const {
  std::vector<float> values;
  const std::int64_t count = std::min(sampleElements, storedCount());
  if (count == 0) return values;
  for (std::int64_t piece = 0; piece < samplePieces; ++piece) {
    const std::int64_t at = (storedCount() - count) * piece / (samplePieces - 1);
    const std::vector<float> part = m_file->floats(m_layout.path + "/data", {{at}, {count}, {}});
    values.insert(values.end(), part.begin(), part.end());
  }
  return values;
}

}  // namespace cellocus
