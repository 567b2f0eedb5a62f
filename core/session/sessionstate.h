// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QJsonObject>
#include <QString>
#include <QStringList>
#include <optional>
#include <vector>

#include "genome/haplotype.h"
#include "genome/locus.h"
#include "models/enformer.h"

namespace cellocus {

/// The edits of the user: those that are on (the haplotype) and those that were switched off and
/// are kept.
struct EditState {
  Haplotype haplotype;
  std::vector<Variant> disabled;
  bool operator==(const EditState&) const = default;
};

/// Where the cells get their colour from.
struct ColourBy {
  enum class Kind { Nothing, Column, Observed, Predicted, Edited, Difference };
  Kind kind = Kind::Nothing;
  QString name;  ///< of the column; genes are always the selected gene
  bool operator==(const ColourBy&) const = default;
};

/// Everything that a saved session brings back: files by path, and the context by value. No data is
/// in it.
struct SessionState {
  QString genome, trunk, head, cells, bands;
  QString embeddings, embeddingWindows;  ///< what a head is fitted to, and the query file of it
  QJsonObject fit;                       ///< FitChoices
  QStringList annotations, bedTracks;
  QString gamma;  ///< "tf", "torch" or empty for what the model's config says
  Locus locus;
  QString gene;
  std::int64_t windowAnchor = -1;  ///< position in the middle of the model window, -1 = none
  std::vector<Variant> edits, disabledEdits;
  std::vector<std::int64_t> tracks;
  std::optional<Precision> trackPrecision;  ///< nothing: as the user has it
  ColourBy colourBy;
  QString embedding, groupBy;
  std::vector<std::int64_t> selectedCells;
  QJsonObject view;  ///< what only the window knows: display mode, layout; kept as it is
};

/// UTF-8 JSON of format "cellocus-session" 1.0. Files are stored relative to `sessionFile` and
/// absolute, with their size, so that a moved folder is found again.
QByteArray sessionJson(const SessionState& state, const QString& sessionFile);

struct SessionFile {
  SessionState state;
  QStringList problems;  ///< files that are missing or have changed, items that made no sense
};
/// @throws Error "SESSION_..." if it is no session, or one of a newer major version
SessionFile readSession(const QString& sessionFile);

}  // namespace cellocus
