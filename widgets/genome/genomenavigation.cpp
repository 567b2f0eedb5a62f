// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "genome/genomeviewparts.h"
#include "genome/sequencerow.h"

namespace cellocus {

namespace {

constexpr double fewestBases = 10;

}  // namespace

Viewport::Limits GenomeView::Parts::limits() const {
  return {0, std::max(1.0, static_cast<double>(scene.contigLength())), fewestBases};
}

Locus GenomeView::Parts::shown() const {
  const std::int64_t length = scene.contigLength();
  // Both rounded by themselves, so that panning does not change the length.
  const auto start = std::clamp<std::int64_t>(std::llround(axis.start()), 0, length);
  return {scene.contig, start, std::min<std::int64_t>(length, start + std::llround(axis.span()))};
}

bool GenomeView::Parts::atBases() const {
  return axis.pixelsPerUnit() >= SequenceRow::letterPixels;
}

void GenomeView::Parts::show(const Viewport& wanted) {
  axis = wanted.clamped(limits());
  changed();
  requestBases();
}

void GenomeView::Parts::moveTo(const Viewport& wanted) {
  if (scene.contigLength() == 0) return;
  const Locus before = shown();
  show(wanted);
  if (shown() == before) return;
  settled.start();
  emit view.locusChanged(shown());
}

void GenomeView::Parts::moveTo(const Locus& locus) {
  moveTo(Viewport(static_cast<double>(locus.start), static_cast<double>(locus.end), axis.left(),
                  axis.width()));
}

void GenomeView::Parts::centreOn(std::int64_t position) {
  const double shift = static_cast<double>(position) + 0.5 - (axis.start() + axis.span() / 2);
  moveTo(axis.panned(shift * axis.pixelsPerUnit()));
}

void GenomeView::Parts::reveal(std::int64_t position) {
  const auto place = static_cast<double>(position);
  const double marginBases = std::min(3.0, axis.span() / 4);
  if (place >= axis.start() + marginBases && place + 1 <= axis.end() - marginBases) return;
  if (place >= axis.start() - axis.span() && place < axis.end() + axis.span()) {
    const double shift = place < axis.start() + marginBases ? place - marginBases - axis.start()
                                                            : place + 1 + marginBases - axis.end();
    moveTo(axis.panned(shift * axis.pixelsPerUnit()));
  } else {
    centreOn(position);
  }
}

void GenomeView::Parts::requestBases() {
  if (axis.pixelsPerUnit() < SequenceRow::barPixels || scene.contigLength() == 0) return;
  const Locus visible = context().visible();
  if (scene.hasBases(visible) || requested.contains(visible)) return;
  // A screen more on both sides, so that panning does not ask at every step.
  requested = {scene.contig, std::max<std::int64_t>(0, visible.start - visible.length()),
               std::min(scene.contigLength(), visible.end + visible.length())};
  emit view.sequenceNeeded(Locus(requested));
}

void GenomeView::Parts::announce() {
  const Locus here = shown();
  view.setAccessibleDescription(GenomeView::tr("%1, %2").arg(
      QString::fromStdString(locusText(here)), QString::fromStdString(lengthText(here.length()))));
}

void GenomeView::Parts::goToGene(int direction) {
  if (!scene.annotation || scene.contigLength() == 0) return;
  const auto middle = static_cast<std::int64_t>(axis.start() + axis.span() / 2);
  const Gene* best = nullptr;
  for (const Gene* gene : scene.annotation->overlapping({scene.contig, 0, scene.contigLength()})) {
    const std::int64_t distance = (gene->locus.centre() - middle) * direction;
    // The gene in the middle is the current one.
    if (distance <= std::max<std::int64_t>(1, static_cast<std::int64_t>(1 / axis.pixelsPerUnit())))
      continue;
    if (!best || distance < (best->locus.centre() - middle) * direction) best = gene;
  }
  if (!best) {
    emit view.hint(direction > 0 ? GenomeView::tr("There is no gene after this one.")
                                 : GenomeView::tr("There is no gene before this one."));
    return;
  }
  centreOn(best->locus.centre());
  emit view.hint(QString::fromStdString(printable(best->symbol)));
}

void GenomeView::Parts::goToEdit(int direction) {
  const std::int64_t from = editor.caret() >= 0
                                ? editor.caret()
                                : static_cast<std::int64_t>(axis.start() + axis.span() / 2);
  std::optional<Variant> best;
  for (const Variant& edit : scene.haplotype.variants()) {
    if (edit.contig != scene.contig || (edit.start - from) * direction <= 0) continue;
    if (!best || std::abs(edit.start - from) < std::abs(best->start - from)) best = edit;
  }
  if (!best) {
    emit view.hint(direction > 0 ? GenomeView::tr("There is no edit after this place.")
                                 : GenomeView::tr("There is no edit before this place."));
    return;
  }
  centreOn(best->start);
  moveCaret(best->start);
  emit view.editActivated(*best);
}

void GenomeView::Parts::fitWindow() {
  if (const ModelWindow* window = scene.windowHere()) moveTo(window->input);
}

void GenomeView::Parts::select(const std::optional<Locus>& region) {
  if (scene.selection == region) return;
  scene.selection = region;
  changed();
  emit view.regionSelected(region.value_or(Locus{}));
}

void GenomeView::Parts::pin(std::int64_t bin) {
  if (scene.pinnedBin == bin) return;
  scene.pinnedBin = bin;
  changed();
  emit view.binPinned(bin);
}

void GenomeView::Parts::moveCaret(std::int64_t position) {
  const std::int64_t before = editor.caret();
  editor.setCaret(position);
  if (editor.caret() >= 0) reveal(editor.caret());
  view.update();
  if (editor.caret() != before) emit view.caretMoved(editor.caret());
}

}  // namespace cellocus
