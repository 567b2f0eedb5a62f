// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPoint>
#include <QWidget>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/predictor.h"
#include "genome/annotation.h"
#include "genome/bedtrack.h"
#include "genome/genome.h"
#include "genome/genometypes.h"
#include "genome/haplotype.h"
#include "plot/palette.h"

class QPainter;

namespace cellocus {

/// A stretch of a contig with its genes, intervals, predicted tracks, edits and bases. Given
/// values, it says what the user did: it reads no file, predicts nothing, and typing a base changes
/// nothing by itself. Mouse and keys: UI 3.2 and 3.3.
class GenomeView : public QWidget {
  Q_OBJECT

 public:
  explicit GenomeView(QWidget* parent = nullptr);
  ~GenomeView() override;

  /// Names and lengths; shows the first contig if the current one is not among them. Empty = no
  /// genome.
  void setContigs(std::vector<Contig> contigs);
  void setAnnotation(std::shared_ptr<const Annotation> annotation);
  void setBands(std::vector<CytoBand> bands);
  void setBedTracks(std::vector<BedRow> rows);
  void setTracks(std::vector<TrackRow> rows);
  void setModelWindow(const std::optional<ModelWindow>& window);
  /// Either may be null. `edited` is null where nothing is edited.
  void setPredictions(std::shared_ptr<const Prediction> reference,
                      std::shared_ptr<const Prediction> edited);
  /// `message` is shown: why it failed, how long it may take.
  void setPredictionState(PredictionState state, const QString& message = {});
  void setHaplotype(const Haplotype& haplotype);
  /// Reference bases of a locus, one letter each, the answer to sequenceNeeded(). Any case.
  void setSequence(const Locus& locus, std::string bases);

  void setDisplayMode(DisplayMode mode);
  void setScaleMode(ScaleMode mode);
  void setBaseColours(BaseColours colours);
  void setWheelAction(WheelAction action);
  /// The hint on the first plain wheel turn is not shown (again).
  void setWheelHintSeen();

  /// Shows a locus, clamped to its contig and to at least 10 bases. A contig that is not among
  /// setContigs() is not shown. Does not emit locusChanged.
  void setLocus(const Locus& locus);
  Locus locus() const;
  void zoomBy(double factor);           ///< around the middle; above 1 shows less
  void setPinnedBin(std::int64_t bin);  ///< -1 = none
  std::int64_t pinnedBin() const;
  void setSelectedGene(const QString& id);  ///< empty = none
  void setSelection(const std::optional<Locus>& region);
  std::optional<Locus> selection() const;
  void setCaret(std::int64_t position);  ///< 0-based; -1 = none. Scrolls it into view.
  std::int64_t caret() const;
  void setTypingMode(TypingMode mode);
  TypingMode typingMode() const;

  GenomeReadout readoutAt(std::int64_t position) const;
  /// What a click at a point of the widget would be about.
  GenomeHit hitAt(const QPoint& place) const;
  /// Pixels that all rows need below each other; for the shape of a figure.
  int contentHeight() const;
  /// Paints all rows without scrolling, smaller where the height is less than contentHeight(): the
  /// screen's picture and the figure's. No mouse, caret or focus.
  void paint(QPainter& painter, QSize size, const Theme& theme) const;

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 signals:
  /// The user has moved or zoomed.
  void locusChanged(const cellocus::Locus& locus);
  /// Half a second after the last change: for the history and for screen readers.
  void locusSettled(const cellocus::Locus& locus);
  void binPinned(qint64 bin);  ///< -1 = the pin was taken away
  void geneActivated(const QString& geneId);
  void tssActivated(const QString& geneId);
  /// Centre the model window here (key W: the middle of the view).
  void recentreRequested(const cellocus::Locus& position);
  void bedFeatureActivated(const cellocus::Locus& locus, const QString& name);

  /// The bases of a locus are wanted: answer with setSequence(), now or later.
  void sequenceNeeded(const cellocus::Locus& locus);
  /// An edit in reference coordinates. `ref` equal to `alt` asks to restore the reference there.
  void editRequested(const cellocus::Variant& edit);
  /// One edit shall become another in one step: an insertion gets a letter more or less.
  void changeRequested(const cellocus::Variant& before, const cellocus::Variant& after);
  /// A pasted text of another length than the selection: ask first.
  void confirmationRequested(const cellocus::Variant& edit, const QString& question);
  void revertRequested(const cellocus::Variant& edit);
  void editActivated(const cellocus::Variant& edit);
  void caretMoved(qint64 position);
  void typingModeChanged(cellocus::TypingMode mode);

  /// A region was selected, or none any more (empty locus).
  void regionSelected(const cellocus::Locus& region);
  void regionMenuRequested(const cellocus::Locus& region, const QPoint& globalPosition);
  void menuRequested(const cellocus::GenomeHit& hit, const QPoint& globalPosition);
  void trackRemovalRequested(qint64 track);
  void predictRequested();  ///< the button in the empty, failed or outdated state
  void hovered(const cellocus::GenomeReadout& readout);
  /// A sentence for the status bar: why a key did nothing, what a deletion means.
  void hint(const QString& sentence);
  void wheelActionChanged(cellocus::WheelAction action);

 protected:
  bool event(QEvent* event) override;
  void changeEvent(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

 private:
  struct Parts;  ///< rows, scene, editor and what the mouse is doing
  std::unique_ptr<Parts> m_parts;
};

}  // namespace cellocus
