// SPDX-License-Identifier: GPL-3.0-or-later
// Colours of the cells: resolves ColourBy into a column or numbers, reading what is needed in a
// job.
#include <utility>

#include "session/session.h"

namespace cellocus {

void Session::setEmbedding(const QString& name) {
  if (!m_cells || name == m_embeddingName) return;
  m_embeddingName = name;
  m_loads.start(
      "embedding", tr("Read embedding %1").arg(name),
      [cells = m_cells, key = name.toStdString()](const Progress& progress) {
        return std::make_shared<const Matrix>(cells->embedding(key, progress));
      },
      [this](std::shared_ptr<const Matrix> embedding) {
        m_embedding = std::move(embedding);
        emit embeddingChanged();
      },
      [this](const QString& why) { emit failed(why); });
}

void Session::setColourBy(const ColourBy& by) {
  if (by == m_colourBy && m_cellValues) return;
  m_colourBy = by;
  refreshCellValues();
}

void Session::setGroupBy(const QString& column) {
  m_groupBy = column;
  if (column.isEmpty()) {
    m_groupColumn.reset();
    emit groupColumnChanged();
    return;
  }
  loadColumn(column, [this, column](std::shared_ptr<const CellColumn> values) {
    if (m_groupBy != column) return;
    m_groupColumn = std::move(values);
    emit groupColumnChanged();
  });
}

void Session::loadColumn(const QString& name, ColumnCache::Take take) {
  m_columns.load(name, std::move(take), [this](const QString& why) { emit failed(why); });
}

void Session::loadObserved() {
  if (!m_gene || !m_cells) return;
  auto column = m_cells->findGene(m_gene->id);
  if (!column) column = m_cells->findGene(m_gene->symbol);
  if (!column) {
    emit failed(tr("%1 is not among the %2 genes of %3.")
                    .arg(QString::fromStdString(m_gene->symbol))
                    .arg(m_cells->geneCount())
                    .arg(QString::fromStdString(m_cells->path().filename().string())));
    return;
  }
  m_loads.start(
      "observed", tr("Read expression of %1").arg(QString::fromStdString(m_gene->symbol)),
      [cells = m_cells, gene = *column](const Progress& progress) {
        return cells->gene(gene, {}, progress);
      },
      [this, id = m_geneId](Vector values) {
        m_observed = std::move(values);
        m_observedGene = id;
        refreshCellValues();
      },
      [this](const QString& why) { emit failed(why); });
}

namespace {

QString unitOfLayer(const CellDataset& cells) {
  if (cells.layers().empty()) return {};
  switch (cells.layers().front().content) {
    case ExpressionLayer::Content::Counts:
      return Session::tr("counts");
    case ExpressionLayer::Content::LogNormalised:
      return Session::tr("log-normalised expression");
    case ExpressionLayer::Content::Scaled:
      return Session::tr("scaled expression");
    case ExpressionLayer::Content::Unknown:
      break;
  }
  return Session::tr("unit not recorded in the file");
}

}  // namespace

/// Reference, edited haplotype or their difference, with the formula that the tooltip shows.
CellValues predictedValues(const CellPrediction& prediction, const ColourBy& by) {
  CellValues values;
  values.by = by;
  const QString gene = QString::fromStdString(prediction.geneSymbol);
  values.unit = QString::fromStdString(prediction.unit);
  values.label = QString::fromStdString(prediction.label);
  const QString head = Session::tr("head(embedding of the bin of the start site of %1)").arg(gene);
  switch (by.kind) {
    case ColourBy::Kind::Difference:
      values.title = Session::tr("%1 predicted, ALT − REF").arg(gene);
      values.formula = Session::tr("Δ = ALT − REF; each is %1").arg(head);
      values.numbers = prediction.hasEdit() ? prediction.difference()
                                            : Vector(Vector::Zero(prediction.reference.size()));
      break;
    case ColourBy::Kind::Edited:
      values.title = Session::tr("%1 predicted, ALT").arg(gene);
      values.formula = head;
      values.numbers = prediction.hasEdit() ? prediction.edited : prediction.reference;
      break;
    default:
      values.title = Session::tr("%1 predicted, REF").arg(gene);
      values.formula = head;
      values.numbers = prediction.reference;
  }
  return values;
}

void Session::setCellValues(CellValues values) {
  m_cellValues = std::make_shared<const CellValues>(std::move(values));
  emit cellValuesChanged();
}

void Session::refreshCellValues() {
  if (!m_cells || isRestoring()) return;
  using Kind = ColourBy::Kind;
  switch (m_colourBy.kind) {
    case Kind::Nothing:
      return setCellValues({});
    case Kind::Column:
      return loadColumn(
          m_colourBy.name, [this, by = m_colourBy](std::shared_ptr<const CellColumn> column) {
            if (by != m_colourBy) return;
            CellValues values;
            values.by = by;
            values.title = by.name;
            values.formula = tr("Column %1 of the cell table").arg(by.name);
            if (column->kind == CellColumn::Kind::Numeric)
              values.numbers =
                  Eigen::Map<const Eigen::VectorXd>(
                      column->numbers.data(), static_cast<Eigen::Index>(column->numbers.size()))
                      .cast<float>();
            values.column = std::move(column);
            setCellValues(std::move(values));
          });
    case Kind::Observed: {
      if (!m_gene) return setCellValues({});
      if (m_observedGene != m_geneId) return loadObserved();
      CellValues values;
      values.by = m_colourBy;
      values.title = tr("%1 observed").arg(QString::fromStdString(m_gene->symbol));
      values.unit = unitOfLayer(*m_cells);
      values.formula = tr("Matrix X of the file, as it is there");
      values.numbers = m_observed;
      return setCellValues(std::move(values));
    }
    default:
      if (m_cellPrediction) return setCellValues(predictedValues(*m_cellPrediction, m_colourBy));
      CellValues none;
      none.by = m_colourBy;
      return setCellValues(std::move(none));
  }
}

}  // namespace cellocus
