// SPDX-License-Identifier: GPL-3.0-or-later
#include "weights/weightreader.h"

#include <algorithm>
#include <unordered_set>

#include "base/text.h"
#include "weights/elements.h"
#include "weights/formats.h"

namespace cellocus {

namespace {

std::string line(const LoadReport::WrongShape& tensor) {
  return printable(tensor.name) + " has the shape " + shapeText(tensor.found) + ", expected " +
         shapeText(tensor.expected);
}

}  // namespace

std::string LoadReport::text() const {
  std::string text;
  for (const WrongShape& tensor : wrongShape) text += "wrong shape  " + line(tensor) + "\n";
  for (const std::string& name : missing) text += "missing      " + printable(name) + "\n";
  for (const std::string& name : unexpected) text += "unexpected   " + printable(name) + "\n";
  for (const std::string& name : loaded) text += "loaded       " + printable(name) + "\n";
  return text;
}

WeightReader::WeightReader(std::shared_ptr<const Checkpoint> checkpoint, Alias alias,
                           Progress progress)
    : m_checkpoint(std::move(checkpoint)),
      m_alias(std::move(alias)),
      m_progress(std::move(progress)) {}

std::vector<std::string> WeightReader::claimedNames(const std::string& name, const Shape& shape) {
  std::vector<std::string> stored = storedNames(name);
  m_used.insert(m_used.end(), stored.begin(), stored.end());
  if (stored.empty()) {
    m_report.missing.push_back(name);
    return {};
  }
  const Shape& found = m_checkpoint->find(stored.front())->shape;
  if (found == shape) return stored;
  m_report.wrongShape.push_back({name, shape, found});
  return {};
}

std::vector<float> WeightReader::read(const std::string& name, const Shape& shape) {
  const std::vector<std::string> stored = claimedNames(name, shape);
  if (stored.empty())
    return std::vector<float>(static_cast<std::size_t>(elementCount(shape)), 0.0f);
  const double total = static_cast<double>(m_checkpoint->tensors().size());
  const double done = std::min(static_cast<double>(m_report.loaded.size()), total - 1);
  const Progress progress = m_progress.part(done / total, (done + 1) / total);
  std::vector<float> values = m_checkpoint->read(stored.front(), shape, progress);
  for (std::size_t i = 1; i < stored.size(); ++i)
    requireSame(stored.front(), stored[i], values, progress.part(1, 1));
  m_report.loaded.push_back(name);
  return values;
}

void WeightReader::expect(const std::string& name, const Shape& shape) {
  if (!claimedNames(name, shape).empty()) m_report.loaded.push_back(name);
}

bool WeightReader::has(const std::string& name) const {
  return !storedNames(name).empty();
}

void WeightReader::ignore(const std::string& name) {
  const std::vector<std::string> stored = storedNames(name);
  m_used.insert(m_used.end(), stored.begin(), stored.end());
}

LoadReport WeightReader::report() const {
  LoadReport report = m_report;
  const std::unordered_set<std::string_view> used(m_used.begin(), m_used.end());
  for (const TensorInfo& tensor : m_checkpoint->tensors())
    if (!used.contains(tensor.name)) report.unexpected.push_back(tensor.name);
  return report;
}

LoadReport WeightReader::finish(const std::string& modelName) const {
  constexpr std::size_t shownProblems = 3;
  LoadReport result = report();
  if (result.complete()) return result;
  std::vector<std::string> problems;
  for (const LoadReport::WrongShape& tensor : result.wrongShape) problems.push_back(line(tensor));
  for (const std::string& name : result.missing)
    problems.push_back(printable(name) + " is missing");
  std::string shown;
  for (std::size_t i = 0; i < std::min(problems.size(), shownProblems); ++i)
    shown += (i > 0 ? "; " : "") + problems[i];
  const std::size_t more = problems.size() - std::min(problems.size(), shownProblems);
  if (more > 0) shown += "; and " + withThousands(static_cast<std::int64_t>(more)) + " more";
  throw Error("MODEL_INCOMPLETE", shownPath(m_checkpoint->path()),
              "these are not the weights of this " + modelName + ": " + shown + ".",
              "Choose weights and configuration that belong together.");
}

std::vector<std::string> WeightReader::storedNames(const std::string& name) const {
  std::vector<std::string> names;
  if (m_checkpoint->find(name)) names.push_back(name);
  if (!m_alias) return names;
  for (std::string& other : m_alias(name))
    if (other != name && m_checkpoint->find(other)) names.push_back(std::move(other));
  return names;
}

void WeightReader::requireSame(const std::string& name, const std::string& other,
                               const std::vector<float>& values, const Progress& progress) const {
  if (m_checkpoint->samePlace(name, other)) return;
  const bool sameShape = m_checkpoint->find(name)->shape == m_checkpoint->find(other)->shape;
  if (sameShape && m_checkpoint->read(other, progress) == values) return;
  throw Error("TENSOR_ALIAS", shownPath(m_checkpoint->path()),
              printable(name) + " and " + printable(other) +
                  " are two names of the same weights, and they differ.",
              "It cannot be told which ones count; save the model again.");
}

}  // namespace cellocus
