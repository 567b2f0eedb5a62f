// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>

#include "export/tables.h"
#include "figures.h"
#include "session/session.h"

namespace cellocus {

/// What a table export holds.
enum class TableKind { Tracks, Cells, Evaluation, GeneMatches };

/// Predicted tracks: one row a bin, for each track REF, and with edits ALT and Δ.
Table trackTable(const Prediction& reference, const Prediction* edited,
                 const std::vector<std::string>& names, const std::string& unit);
/// Cells: name, group, REF, and with edits ALT and Δ.
Table cellTable(const CellPrediction& prediction, const std::vector<std::string>& cellNames,
                const CellColumn* groups);

/// Writes figures, tables and edits of a session. Checksums and text are made in a job; figures are
/// painted on the main thread, because they paint widgets.
class Exporter : public QObject {
  Q_OBJECT

 public:
  Exporter(Session& session, QObject* parent = nullptr) : QObject(parent), m_session(session) {}

  enum class Sidecar { Without, Json };
  void exportFigure(const QString& path, const FigureSource& source, const FigureOptions& options,
                    Sidecar sidecar);
  /// The ending chooses TSV, CSV or, for tracks, bedGraph.
  void exportTable(const QString& path, TableKind kind);
  /// .vcf writes the edits, .fa the edited sequence of the place that is shown.
  void exportEdits(const QString& path);

 signals:
  void saved(const QString& path);
  void failed(const QString& sentence);

 private:
  void exportTracks(const QString& path);
  void run(const QString& path, std::function<void(const Provenance&, const Progress&)> write);

  Session& m_session;
};

}  // namespace cellocus
