// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "weights/checkpoint.h"

namespace cellocus {

/// What became of each tensor when a model was loaded.
struct LoadReport {
  struct WrongShape {
    std::string name;
    Shape expected, found;
  };
  std::vector<std::string> loaded, missing, unexpected;
  std::vector<WrongShape> wrongShape;

  /// True if the model can be used: nothing on its path is missing or of the wrong shape.
  bool complete() const { return missing.empty() && wrongShape.empty(); }
  /// The table for a person, one line a tensor, problems first.
  std::string text() const;
};

/// Hands a model its tensors by name and keeps the books. A tensor that is missing or of the wrong
/// shape is noted and zeros are handed out instead, so that one load reports every problem;
/// `finish` then refuses.
class WeightReader {
 public:
  /// `alias` turns a canonical name into the other names it may be stored under, best first.
  using Alias = std::function<std::vector<std::string>(const std::string& name)>;
  explicit WeightReader(std::shared_ptr<const Checkpoint> checkpoint, Alias alias = {},
                        Progress progress = {});

  /// The values of a tensor, or zeros if it is missing or of another shape. Where the file holds it
  /// under several names, they have to agree.
  /// @throws Error as Checkpoint::read, and "TENSOR_ALIAS"
  std::vector<float> read(const std::string& name, const Shape& shape);
  /// Keeps the books on a tensor that the model reads by itself when it needs it
  /// (Checkpoint::readRows): looks for it and at its shape, not at its values.
  void expect(const std::string& name, const Shape& shape);
  bool has(const std::string& name) const;
  /// Known to be in such files and not needed (e.g. num_batches_tracked): not reported as
  /// unexpected.
  void ignore(const std::string& name);

  LoadReport report() const;
  /// @throws Error "MODEL_INCOMPLETE" with the first problems and their number
  LoadReport finish(const std::string& modelName) const;

 private:
  /// The names in the file under which a tensor is stored, best first.
  std::vector<std::string> storedNames(const std::string& name) const;
  /// The same, noted as used; none if the tensor is missing or of another shape, which is noted
  /// too.
  std::vector<std::string> claimedNames(const std::string& name, const Shape& shape);
  void requireSame(const std::string& name, const std::string& other,
                   const std::vector<float>& values, const Progress& progress) const;

  std::shared_ptr<const Checkpoint> m_checkpoint;
  Alias m_alias;
  Progress m_progress;
  LoadReport m_report;
  std::vector<std::string> m_used;
};

}  // namespace cellocus
