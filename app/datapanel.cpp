// SPDX-License-Identifier: GPL-3.0-or-later
#include "datapanel.h"

#include <QHeaderView>
#include <QTreeWidgetItemIterator>

#include "base/text.h"

namespace cellocus {

namespace {

QString text(const std::string& value) {
  return QString::fromStdString(value);
}
QString fileName(const std::filesystem::path& path) {
  return text(printable(path.filename().string()));
}
QString count(std::int64_t number) {
  return text(withThousands(number));
}

}  // namespace

DataPanel::DataPanel(Session& session, QWidget* parent) : QTreeWidget(parent), m_session(session) {
  setObjectName("data");
  setAccessibleName(tr("Open data"));
  setHeaderHidden(true);
  setRootIsDecorated(true);
  setIndentation(14);
  setWordWrap(true);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  for (auto signal :
       {&Session::genomeChanged, &Session::annotationChanged, &Session::bedTracksChanged,
        &Session::trunkChanged, &Session::headChanged, &Session::cellsChanged})
    connect(&m_session, signal, this, &DataPanel::refresh);
  connect(this, &QTreeWidget::itemActivated, this, [this](QTreeWidgetItem* item) {
    if (item->data(0, Qt::UserRole).toBool()) emit openRequested();
  });
  refresh();
}

QTreeWidgetItem* DataPanel::addPart(const QString& title, bool open, const QString& summary,
                                    const QString& tip) {
  auto* part = new QTreeWidgetItem(this, {tr("%1 %2").arg(open ? "✔" : "○", title)});
  auto* child = new QTreeWidgetItem(part, {open ? summary : tr("Open…")});
  child->setToolTip(0, open ? tip : tr("Double-click to open a file"));
  child->setData(0, Qt::UserRole, !open);
  part->setExpanded(true);
  return part;
}

void DataPanel::refresh() {
  clear();
  addGenome();
  addModels();
  addCells();
  // The dock is narrow: whatever is cut off can be read in full.
  for (QTreeWidgetItemIterator item(this); *item; ++item)
    if ((*item)->toolTip(0).isEmpty()) (*item)->setToolTip(0, (*item)->text(0));
}

void DataPanel::addGenome() {
  const auto& genome = m_session.genome();
  auto* part =
      addPart(tr("Genome"), genome != nullptr, genome ? fileName(genome->path()) : QString(),
              genome ? text(genome->path().string()) : QString());
  if (genome)
    new QTreeWidgetItem(
        part, {tr("%1 contigs").arg(count(static_cast<std::int64_t>(genome->contigs().size())))});
  const auto& annotation = m_session.annotation();
  addPart(tr("Annotation"), annotation != nullptr,
          annotation
              ? tr("%1 genes").arg(count(static_cast<std::int64_t>(annotation->genes().size())))
              : QString(),
          annotation ? text(annotation->path().string()) : QString());
  for (const auto& track : m_session.bedTracks())
    addPart(tr("Intervals"), true,
            tr("%1: %2").arg(fileName(track->path()),
                             count(static_cast<std::int64_t>(track->features().size()))),
            text(track->path().string()));
}

void DataPanel::addModels() {
  const auto& predictor = m_session.predictor();
  const EnformerConfig* config = predictor ? &predictor->model().config() : nullptr;
  auto* part =
      addPart(tr("Sequence model"), config != nullptr, config ? text(config->modelName) : QString(),
              config ? text(predictor->model().path().string() + "\n\n" +
                            predictor->model().loadReport().text())
                     : QString());
  if (config) {
    new QTreeWidgetItem(part, {tr("%1 bp in, %2 bins of %3 bp out")
                                   .arg(count(config->windowLength), count(config->binCount()),
                                        count(config->binSize()))});
    new QTreeWidgetItem(
        part, {config->gamma == Gamma::TensorFlow ? tr("gamma: TensorFlow") : tr("gamma: torch")});
    if (!config->label.empty()) {
      auto* label = new QTreeWidgetItem(part, {text(config->label)});
      label->setToolTip(0, text(config->label));
    }
  }
  const auto& head = m_session.head();
  auto* headPart =
      addPart(tr("Cell head"), head != nullptr, head ? text(head->description()) : QString(),
              head ? text(head->path().string()) : QString());
  if (head && m_session.cells()) {
    auto* match = new QTreeWidgetItem(headPart, {text(m_session.cellMatch().text)});
    match->setToolTip(0, text(m_session.cellMatch().text));
  }
}

void DataPanel::addCells() {
  const auto& cells = m_session.cells();
  auto* part = addPart(tr("Cells"), cells != nullptr, cells ? fileName(cells->path()) : QString(),
                       cells ? text(cells->path().string()) : QString());
  if (!cells) return;
  new QTreeWidgetItem(
      part, {tr("%1 cells × %2 genes").arg(count(cells->cellCount()), count(cells->geneCount()))});
  new QTreeWidgetItem(
      part, {cells->orientation() == Orientation::GenesByCells ? tr("read as genes × cells")
                                                               : tr("read as cells × genes")});
  for (const ExpressionLayer& layer : cells->layers()) {
    auto* item =
        new QTreeWidgetItem(part, {tr("%1: %2").arg(text(layer.path), text(layer.evidence))});
    item->setToolTip(0, text(layer.evidence));
  }
}

}  // namespace cellocus
