// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "cells/celldataset.h"
#include "session/job.h"

namespace cellocus {

/// The columns of the open dataset's cell table, each read once, in a job, whoever asks for it:
/// colours and groups may want the same one.
class ColumnCache {
 public:
  using Take = std::function<void(std::shared_ptr<const CellColumn>)>;
  explicit ColumnCache(JobQueue& loads) : m_loads(loads) {}

  /// Forgets the columns of the dataset before.
  void reset(std::shared_ptr<const CellDataset> cells);
  /// Calls `take` now if the column is known, or once it was read; `failed` if it cannot be read.
  void load(const QString& name, Take take, std::function<void(const QString&)> failed);

 private:
  JobQueue& m_loads;
  std::shared_ptr<const CellDataset> m_cells;
  std::map<QString, std::shared_ptr<const CellColumn>> m_known;
  std::map<QString, std::vector<Take>> m_waiting;
};

}  // namespace cellocus
