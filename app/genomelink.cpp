// SPDX-License-Identifier: GPL-3.0-or-later
#include "genomelink.h"

#include <QApplication>
#include <QClipboard>
#include <QFileInfo>
#include <QMenu>
#include <QMessageBox>

#include "costtext.h"
#include "editcommand.h"

namespace cellocus {

GenomeLink::GenomeLink(Session& session, GenomeView& view, QUndoStack& edits, QObject* parent)
    : QObject(parent), m_session(session), m_view(view), m_edits(edits) {
  connectSources();
  connectContext();
  connectResults();
  connectNavigation();
  connectEditing();
  connectMenus();
  m_view.setScaleMode(m_scaleMode);
}

void GenomeLink::connectSources() {
  connect(&m_session, &Session::genomeChanged, this, [this] {
    m_edits.clear();
    m_view.setContigs(m_session.genome() ? m_session.genome()->contigs() : std::vector<Contig>());
  });
  connect(&m_session, &Session::annotationChanged, this,
          [this] { m_view.setAnnotation(m_session.annotation()); });
  connect(&m_session, &Session::bandsChanged, this, [this] { m_view.setBands(m_session.bands()); });
  connect(&m_session, &Session::bedTracksChanged, this, [this] {
    std::vector<BedRow> rows;
    for (const auto& track : m_session.bedTracks())
      rows.push_back({track, QString::fromStdString(track->path().stem().string())});
    m_view.setBedTracks(std::move(rows));
  });
  connect(&m_session, &Session::tracksChanged, this, &GenomeLink::showTracks);
  connect(&m_session, &Session::trunkChanged, this, &GenomeLink::showTracks);
}

void GenomeLink::showTracks() {
  if (!m_session.predictor()) return m_view.setTracks({});
  const std::vector<std::string>& names = m_session.predictor()->model().config().trackNames;
  std::vector<TrackRow> rows;
  for (const std::int64_t track : m_session.tracks()) {
    TrackRow row;
    row.track = track;
    row.name = track < static_cast<std::int64_t>(names.size())
                   ? QString::fromStdString(names[static_cast<std::size_t>(track)])
                   : tr("Track %1").arg(track);
    row.unit = tr("per %1-bp bin").arg(m_session.predictor()->model().config().binSize());
    rows.push_back(row);
  }
  m_view.setTracks(std::move(rows));
}

void GenomeLink::connectContext() {
  connect(&m_session, &Session::locusChanged, this, [this] { m_view.setLocus(m_session.locus()); });
  connect(&m_session, &Session::geneChanged, this, [this] {
    m_view.setSelectedGene(m_session.gene() ? QString::fromStdString(m_session.gene()->id)
                                            : QString());
  });
  connect(&m_session, &Session::modelWindowChanged, this, [this] {
    m_view.setPinnedBin(-1);
    m_view.setModelWindow(m_session.modelWindow());
  });
  connect(&m_session, &Session::editsChanged, this,
          [this] { m_view.setHaplotype(m_session.edits().haplotype); });
}

void GenomeLink::connectResults() {
  connect(&m_session, &Session::predictionChanged, this,
          [this] { m_view.setPredictions(m_session.reference(), m_session.edited()); });
  connect(&m_session, &Session::predictionStateChanged, this, &GenomeLink::showPredictionState);
  connect(&m_view, &GenomeView::sequenceNeeded, &m_session, &Session::requestSequence);
  connect(&m_session, &Session::sequenceReady, this,
          [this](const Locus& locus, const QString& bases) {
            m_view.setSequence(locus, bases.toStdString());
          });
}

/// The view itself says what the state is; the message adds what it costs or why it failed.
void GenomeLink::showPredictionState() {
  QString message;
  switch (m_session.predictionState()) {
    case PredictionState::Empty:
      message = m_session.predictor() ? costSentence(m_session.predictionCost())
                                      : tr("No sequence model is open.");
      break;
    case PredictionState::OutOfDate:
      message = costSentence(m_session.predictionCost());
      break;
    case PredictionState::Failed:
      message = m_session.predictionProblem();
      break;
    default:
      break;
  }
  m_view.setPredictionState(m_session.predictionState(), message);
}

void GenomeLink::connectNavigation() {
  connect(&m_view, &GenomeView::locusChanged, &m_session, &Session::setLocus);
  connect(&m_view, &GenomeView::locusSettled, this, &GenomeLink::settled);
  connect(&m_view, &GenomeView::geneActivated, &m_session, &Session::selectGene);
  connect(&m_view, &GenomeView::tssActivated, this, [this](const QString& id) {
    m_session.selectGene(id);
    if (const Gene* gene = m_session.gene()) {
      m_session.centreWindowOn(QString::fromStdString(gene->locus.contig), gene->tss());
      if (m_session.colourBy().kind != ColourBy::Kind::Difference)
        m_session.setColourBy({ColourBy::Kind::Predicted, {}});
      if (m_session.predictor() && !m_session.cellPredictionIsCurrent()) m_session.predict();
    }
  });
  connect(&m_view, &GenomeView::recentreRequested, this, [this](const Locus& position) {
    m_session.centreWindowOn(QString::fromStdString(position.contig), position.start);
  });
  connect(&m_view, &GenomeView::predictRequested, &m_session, &Session::predict);
  connect(&m_view, &GenomeView::hovered, this, &GenomeLink::readout);
  connect(&m_view, &GenomeView::binPinned, this, &GenomeLink::pinnedBinChanged);
  connect(&m_view, &GenomeView::hint, this, &GenomeLink::hint);
  connect(&m_view, &GenomeView::typingModeChanged, this, &GenomeLink::typingModeChanged);
  connect(&m_view, &GenomeView::trackRemovalRequested, this, [this](qint64 track) {
    std::vector<std::int64_t> tracks = m_session.tracks();
    std::erase(tracks, track);
    m_session.setTracks(std::move(tracks));
  });
}

void GenomeLink::goToGene(const Gene& gene) {
  m_session.selectGene(QString::fromStdString(gene.id));
  m_session.centreWindowOn(QString::fromStdString(gene.locus.contig), gene.tss());
}

void GenomeLink::connectEditing() {
  connect(&m_session, &Session::editsRead, this,
          [this](const EditState& edits, const QString& name) {
            push(edits, tr("Edits of %1").arg(name), false);
            if (!edits.haplotype.isReference()) {
              const Variant& first = edits.haplotype.variants().front();
              m_session.setLocus(
                  {first.contig, std::max<std::int64_t>(0, first.start - 100), first.end() + 100});
              if (!m_session.modelWindow())
                m_session.centreWindowOn(QString::fromStdString(first.contig), first.start);
            }
          });
  connect(&m_view, &GenomeView::editRequested, this,
          [this](const Variant& edit) { applyEdit(edit); });
  connect(&m_view, &GenomeView::changeRequested, this, &GenomeLink::changeEdit);
  connect(&m_view, &GenomeView::revertRequested, this, &GenomeLink::revertEdit);
  connect(&m_view, &GenomeView::editActivated, this,
          [this](const Variant& edit) { m_view.setCaret(edit.start); });
  connect(&m_view, &GenomeView::confirmationRequested, this,
          [this](const Variant& edit, const QString& question) {
            QMessageBox box(QMessageBox::Question, tr("Edit the sequence"), question,
                            QMessageBox::Apply | QMessageBox::Cancel, &m_view);
            box.setTextFormat(Qt::PlainText);
            if (box.exec() == QMessageBox::Apply) applyEdit(edit);
          });
}

void GenomeLink::push(const EditState& after, const QString& text, bool typed) {
  if (after == m_session.edits()) return;
  m_edits.push(new EditCommand(m_session, after, text,
                               typed ? EditCommand::Merge::WithTyping : EditCommand::Merge::Never));
}

void GenomeLink::applyEdit(const Variant& edit, const QString& text) {
  if (!m_session.genome()) return;
  EditState after = m_session.edits();
  try {
    after.haplotype = after.haplotype.with(edit, *m_session.genome());
  } catch (const Error& error) {
    emit failed(QString::fromUtf8(error.what()));
    return;
  }
  const bool oneBase = edit.ref.size() <= 1 && edit.alt.size() <= 1;
  push(after, text.isEmpty() ? QString::fromStdString(variantText(edit)) : text,
       text.isEmpty() && oneBase);
}

void GenomeLink::changeEdit(const Variant& before, const Variant& after) {
  EditState state = m_session.edits();
  state.haplotype = state.haplotype.without(before);
  try {
    if (after.ref != after.alt) state.haplotype = state.haplotype.with(after, *m_session.genome());
  } catch (const Error& error) {
    emit failed(QString::fromUtf8(error.what()));
    return;
  }
  push(state, QString::fromStdString(variantText(after)), true);
}

void GenomeLink::revertEdit(const Variant& edit) {
  EditState after = m_session.edits();
  after.haplotype = after.haplotype.without(edit);
  std::erase(after.disabled, edit);
  push(after, tr("Revert %1").arg(QString::fromStdString(variantText(edit))), false);
}

void GenomeLink::revertAll() {
  push({}, tr("Revert all edits"), false);
}

void GenomeLink::setDisplayMode(DisplayMode mode) {
  m_displayMode = mode;
  m_view.setDisplayMode(mode);
}

void GenomeLink::setScaleMode(ScaleMode mode) {
  m_scaleMode = mode;
  m_view.setScaleMode(mode);
}

void GenomeLink::connectMenus() {
  connect(&m_view, &GenomeView::menuRequested, this, &GenomeLink::showBaseMenu);
  connect(&m_view, &GenomeView::regionMenuRequested, this, &GenomeLink::showRegionMenu);
}

void GenomeLink::showBaseMenu(const GenomeHit& hit, const QPoint& at) {
  QMenu menu(&m_view);
  menu.setObjectName("genomeMenu");
  if (hit.variant) {
    const Variant edit = *hit.variant;
    menu.addAction(tr("Revert %1").arg(QString::fromStdString(variantText(edit))), this,
                   [this, edit] { revertEdit(edit); });
    menu.addAction(tr("Copy HGVS name"), this, [this, edit] {
      QApplication::clipboard()->setText(QString::fromStdString(hgvs(edit, *m_session.genome())));
    });
  }
  if (hit.kind == GenomeHit::Kind::Base && m_session.genome()) {
    const std::string contig = m_session.locus().contig;
    const std::string reference =
        m_session.genome()->sequence({contig, hit.position, hit.position + 1});
    for (const char base : {'A', 'C', 'G', 'T'}) {
      const Variant edit{contig, hit.position, reference, std::string(1, base)};
      menu.addAction(tr("Change to %1").arg(base), this, [this, edit] { applyEdit(edit); });
    }
  }
  if (!hit.geneId.isEmpty()) {
    menu.addAction(tr("Predict at this gene's start site"), this, [this, id = hit.geneId] {
      m_session.selectGene(id);
      if (!m_session.gene()) return;
      goToGene(*m_session.gene());
      m_session.predict();
    });
    menu.addAction(tr("Copy gene id"), this,
                   [id = hit.geneId] { QApplication::clipboard()->setText(id); });
  }
  if (hit.position >= 0) {
    menu.addAction(tr("Centre model window here"), this, [this, position = hit.position] {
      m_session.centreWindowOn(QString::fromStdString(m_session.locus().contig), position);
    });
  }
  if (!menu.isEmpty()) menu.exec(at);
}

void GenomeLink::showRegionMenu(const Locus& region, const QPoint& at) {
  QMenu menu(&m_view);
  menu.setObjectName("regionMenu");
  menu.addAction(tr("Zoom to %1").arg(QString::fromStdString(lengthText(region.length()))), this,
                 [this, region] { m_view.setLocus(region); });
  menu.addAction(tr("Copy range"), this, [region] {
    QApplication::clipboard()->setText(QString::fromStdString(plainLocusText(region)));
  });
  menu.addAction(tr("Copy as BED (0-based)"), this, [region] {
    QApplication::clipboard()->setText(QString("%1\t%2\t%3")
                                           .arg(QString::fromStdString(region.contig))
                                           .arg(region.start)
                                           .arg(region.end));
  });
  menu.addAction(tr("Copy sequence with edits"), this,
                 [this, region] {
                   QApplication::clipboard()->setText(QString::fromStdString(
                       m_session.edits().haplotype.sequence(*m_session.genome(), region)));
                 })
      ->setEnabled(m_session.genome() && region.length() <= 1'000'000);
  menu.addAction(tr("Delete these bases"), this,
                 [this, region] {
                   const std::string bases = m_session.genome()->sequence(region);
                   applyEdit({region.contig, region.start, bases, {}},
                             tr("Delete %1").arg(QString::fromStdString(locusText(region))));
                 })
      ->setEnabled(m_session.genome() && region.length() <= 10'000);
  menu.exec(at);
}

}  // namespace cellocus
