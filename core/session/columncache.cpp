// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/columncache.h"

#include <QCoreApplication>
#include <utility>

namespace cellocus {

void ColumnCache::reset(std::shared_ptr<const CellDataset> cells) {
  m_cells = std::move(cells);
  m_known.clear();
  m_waiting.clear();
}

void ColumnCache::load(const QString& name, Take take, std::function<void(const QString&)> failed) {
  if (!m_cells) return;
  if (const auto known = m_known.find(name); known != m_known.end()) return take(known->second);
  auto& waiting = m_waiting[name];
  waiting.push_back(std::move(take));
  if (waiting.size() > 1) return;
  m_loads.start(
      "column " + name, QCoreApplication::translate("ColumnCache", "Read column %1").arg(name),
      [cells = m_cells, key = name.toStdString()](const Progress& progress) {
        return std::make_shared<const CellColumn>(cells->column(key, progress));
      },
      [this, name](std::shared_ptr<const CellColumn> column) {
        m_known[name] = column;
        for (const Take& give : std::exchange(m_waiting[name], {})) give(column);
      },
      [this, name, failed = std::move(failed)](const QString& why) {
        m_waiting.erase(name);
        failed(why);
      });
}

}  // namespace cellocus
