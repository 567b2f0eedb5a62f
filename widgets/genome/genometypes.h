// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QString>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "analysis/modelwindow.h"
#include "genome/bedtrack.h"
#include "genome/locus.h"

namespace cellocus {

/// A predicted track to be shown.
struct TrackRow {
  std::int64_t track = 0;  ///< its number in the model's head, found in Prediction::tracks
  QString name;
  QString unit;   ///< "reads per 128-bp bin"; may be empty
  QColor colour;  ///< of the edited sequence; invalid = the theme's
};

/// A user's intervals to be shown.
struct BedRow {
  std::shared_ptr<const BedTrack> track;
  QString name;
};

/// What predicted tracks show. Difference is edited minus reference, in the track's unit.
enum class DisplayMode { Reference, Alternative, Both, Difference };
/// One scale for all tracks of the same unit, or one for each.
enum class ScaleMode { Group, PerTrack };
enum class TypingMode { Overtype, Insert };
/// What the plain mouse wheel does; with Ctrl it always zooms.
enum class WheelAction { Scroll, Zoom };

/// What lies under the mouse or was pinned, for a status bar or inspector.
struct GenomeReadout {
  static constexpr float missing = std::numeric_limits<float>::quiet_NaN();
  struct Value {
    std::int64_t track = 0;
    float reference = missing;  ///< NaN where there is no value
    float edited = missing;
  };
  QString contig;
  std::int64_t position = -1;  ///< 0-based; -1 = the mouse has left the axis
  std::int64_t bin = -1;       ///< of the model window, -1 outside
  std::vector<Value> values;   ///< of the tracks shown; empty outside the predicted range
};

/// What a click or a context menu is about. Fields that do not apply are empty.
struct GenomeHit {
  enum class Kind { Nothing, Overview, Ruler, Tss, Gene, Bed, Bin, Edit, Base };
  Kind kind = Kind::Nothing;
  std::int64_t position = -1;  ///< 0-based, under the mouse
  std::int64_t bin = -1;
  std::int64_t track = -1;  ///< number of the predicted track
  QString geneId;
  QString name;  ///< of an interval
  std::optional<Variant> variant;
  std::optional<Locus> locus;  ///< of the gene or interval
};

}  // namespace cellocus
