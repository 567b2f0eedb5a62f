// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobsmodel.h"

#include <QCoreApplication>
#include <cmath>

#include "costtext.h"

namespace cellocus {

namespace {
/// Older ended jobs are forgotten, so that a long day does not fill the list.
constexpr std::size_t mostRows = 200;
}  // namespace

QString jobStateText(JobState state) {
  switch (state) {
    case JobState::Queued:
      return JobsModel::tr("waiting");
    case JobState::Running:
      return JobsModel::tr("running");
    case JobState::Cancelling:
      return JobsModel::tr("stopping…");
    case JobState::Done:
      return JobsModel::tr("done");
    case JobState::Failed:
      return JobsModel::tr("failed");
    case JobState::Cancelled:
      return JobsModel::tr("stopped");
    case JobState::Superseded:
      return JobsModel::tr("replaced");
  }
  return {};
}

void JobsModel::addQueue(JobQueue& queue) {
  connect(&queue, &JobQueue::jobAdded, this, [this, &queue](quint64 id) { add(queue, id); });
  connect(&queue, &JobQueue::jobChanged, this, [this, &queue](quint64 id) { change(queue, id); });
}

void JobsModel::add(JobQueue& queue, quint64 id) {
  if (queue.jobs().at(id).title.isEmpty()) return;
  beginInsertRows({}, 0, 0);
  m_rows.insert(m_rows.begin(), {&queue, id});
  endInsertRows();
  while (m_rows.size() > mostRows && !isOpen(static_cast<int>(m_rows.size()) - 1)) {
    const Row last = m_rows.back();
    beginRemoveRows({}, static_cast<int>(m_rows.size()) - 1, static_cast<int>(m_rows.size()) - 1);
    m_rows.pop_back();
    endRemoveRows();
    last.queue->forget(last.id);
  }
  emit summaryChanged();
}

void JobsModel::change(JobQueue& queue, quint64 id) {
  for (std::size_t row = 0; row < m_rows.size(); ++row) {
    if (m_rows[row].queue != &queue || m_rows[row].id != id) continue;
    emit dataChanged(index(static_cast<int>(row), 0),
                     index(static_cast<int>(row), ColumnCount - 1));
    emit summaryChanged();
    return;
  }
}

const Job* JobsModel::job(int row) const {
  if (row < 0 || row >= static_cast<int>(m_rows.size())) return nullptr;
  const Row& at = m_rows[static_cast<std::size_t>(row)];
  const auto found = at.queue->jobs().find(at.id);
  return found == at.queue->jobs().end() ? nullptr : &found->second;
}

int JobsModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int JobsModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : ColumnCount;
}

QVariant JobsModel::data(const QModelIndex& index, int role) const {
  const Job* found = job(index.row());
  if (!found) return {};
  if (role == fractionRole) return found->state == JobState::Running ? found->fraction : -1.0;
  if (role == Qt::ToolTipRole) return found->message.isEmpty() ? found->step : found->message;
  if (role != Qt::DisplayRole) return {};
  switch (index.column()) {
    case Title:
      return found->title;
    case State:
      if (!found->message.isEmpty()) return found->message;
      return found->state == JobState::Running ? tr("%1 %").arg(std::lround(found->fraction * 100))
                                               : jobStateText(found->state);
    case Time: {
      const double left = found->secondsLeft();
      if (left >= 0) return tr("%1 left").arg(durationText(left));
      const QString cost = found->isOpen() ? costText(found->expected) : QString();
      return cost.isEmpty() ? durationText(found->seconds) : cost;
    }
    default:
      return {};
  }
}

QVariant JobsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
  const QStringList names = {tr("Job"), tr("State"), tr("Time")};
  return names.value(section);
}

void JobsModel::cancel(int row) {
  if (job(row))
    m_rows[static_cast<std::size_t>(row)].queue->cancel(m_rows[static_cast<std::size_t>(row)].id);
}

bool JobsModel::isOpen(int row) const {
  const Job* found = job(row);
  return found && found->isOpen();
}

int JobsModel::openCount() const {
  int count = 0;
  for (int row = 0; row < rowCount(); ++row) count += isOpen(row) ? 1 : 0;
  return count;
}

QString JobsModel::summary() const {
  const Job* shown = nullptr;
  int open = 0;
  for (int row = 0; row < rowCount(); ++row) {
    const Job* candidate = job(row);
    if (!candidate || !candidate->isOpen()) continue;
    ++open;
    if (!shown || candidate->state == JobState::Running) shown = candidate;
  }
  if (!shown) return {};
  QString text = tr("%1, %2 %").arg(shown->title).arg(std::lround(shown->fraction * 100));
  if (const double left = shown->secondsLeft(); left >= 0)
    text = tr("%1, about %2 left").arg(text, durationText(left));
  else if (const QString cost = costText(shown->expected); !cost.isEmpty())
    text = tr("%1, %2").arg(text, cost);
  if (open > 1) text = tr("%1 (+%n more)", nullptr, open - 1).arg(text);
  return text;
}

}  // namespace cellocus
