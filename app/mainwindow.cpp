// SPDX-License-Identifier: GPL-3.0-or-later
// Construction of the window. What it does with files is in mainwindowfiles.cpp.
#include "mainwindow.h"

#include <QApplication>
#include <QDockWidget>
#include <QLabel>
#include <QMenuBar>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QStatusBar>
#include <QTabWidget>
#include <QToolBar>

#include "base/text.h"
#include "cells/scatterview.h"
#include "costtext.h"
#include "datapanel.h"
#include "editspanel.h"
#include "evaluatepanel.h"
#include "fitpanel.h"
#include "inspector.h"
#include "jobsdock.h"
#include "locusbox.h"
#include "session/headfitting.h"
#include "startpage.h"
#include "theme.h"

namespace cellocus {

MainWindow::MainWindow(QWidget* parent)
    : QMainWindow(parent), m_actions(this), m_exporter(m_session) {
  setObjectName("mainWindow");
  setWindowTitle(tr("Cellocus[*]"));
  setAcceptDrops(true);
  setDockNestingEnabled(true);
  m_jobs.addQueue(m_session.computes());
  m_jobs.addQueue(m_session.loads());
  m_jobs.addQueue(m_session.fitting().queue());
  buildCentre();
  buildDocks();
  buildMenus();
  buildToolBar();
  buildStatusBar();
  connectFileActions();
  connectViewActions();
  connectRunActions();
  connectCellActions();
  connectSession();
  connectLinks();
  refreshActions();
  m_startPage->setRecent(QSettings().value("recentSessions").toStringList());
  // Fits the smallest screen that is still common, 1366 x 768 with its panels.
  resize(1280, 700);
  m_defaultLayout = saveState();
}

MainWindow::~MainWindow() = default;

void MainWindow::buildCentre() {
  m_genomeView = new GenomeView(this);
  m_genomeView->setObjectName("genomeView");
  m_genomeLink = new GenomeLink(m_session, *m_genomeView, m_undo, this);
  buildLowerTabs();
  m_workspace = new QSplitter(Qt::Vertical, this);
  m_workspace->setObjectName("workspace");
  m_workspace->addWidget(m_genomeView);
  m_workspace->addWidget(m_lower);
  m_workspace->setStretchFactor(0, 5);
  m_workspace->setStretchFactor(1, 4);
  m_workspace->setChildrenCollapsible(false);
  m_startPage = new StartPage(m_actions, this);
  m_stack = new QStackedWidget(this);
  m_stack->addWidget(m_startPage);
  m_stack->addWidget(m_workspace);
  setCentralWidget(m_stack);
}

void MainWindow::buildLowerTabs() {
  m_cellsPanel = new CellsPanel(m_session, m_actions, this);
  m_cellsPanel->setObjectName("cellsPanel");
  m_fitPanel = new FitPanel(m_session, this);
  m_fitPanel->setObjectName("fitPanel");
  m_evaluatePanel = new EvaluatePanel(m_session, this);
  m_evaluatePanel->setObjectName("evaluatePanel");
  m_lower = new QTabWidget(this);
  m_lower->setObjectName("lowerTabs");
  m_lower->setDocumentMode(true);
  m_lower->addTab(m_cellsPanel, tr("Cells"));
  m_lower->addTab(m_fitPanel, tr("Fit"));
  m_lower->addTab(m_evaluatePanel, tr("Evaluate"));
}

QDockWidget* MainWindow::addDock(const char* name, const QString& title, QWidget* content,
                                 Qt::DockWidgetArea area) {
  auto* dock = new QDockWidget(title, this);
  dock->setObjectName(QString::fromLatin1(name));
  dock->setWidget(content);
  addDockWidget(area, dock);
  return dock;
}

void MainWindow::buildDocks() {
  m_data = new DataPanel(m_session, this);
  m_inspector = new InspectorPanel(m_session, this);
  m_edits = new EditsPanel(m_session, *m_genomeLink, m_undo, this);
  auto* jobs = new JobsPanel(m_jobs, this);
  QDockWidget* dataDock = addDock("dataDock", tr("Data"), m_data, Qt::LeftDockWidgetArea);
  QDockWidget* inspector =
      addDock("inspectorDock", tr("Inspector"), m_inspector, Qt::RightDockWidgetArea);
  QDockWidget* edits = addDock("editsDock", tr("Edits"), m_edits, Qt::RightDockWidgetArea);
  QDockWidget* jobsDock = addDock("jobsDock", tr("Jobs"), jobs, Qt::RightDockWidgetArea);
  resizeDocks({dataDock}, {210}, Qt::Horizontal);
  resizeDocks({inspector}, {280}, Qt::Horizontal);
  resizeDocks({inspector, edits, jobsDock}, {5, 3, 3}, Qt::Vertical);
}

void MainWindow::buildMenus() {
  const Actions& a = m_actions;
  QMenu* file = menuBar()->addMenu(tr("&File"));
  file->addActions({a.openFiles, a.openSession, a.openDemo});
  file->addSeparator();
  file->addActions({a.saveSession, a.saveSessionAs});
  file->addSeparator();
  file->addActions({a.exportFigure, a.exportTable, a.exportEdits});
  file->addSeparator();
  file->addAction(a.quit);

  QMenu* edit = menuBar()->addMenu(tr("&Edit"));
  QAction* undo = m_undo.createUndoAction(this, tr("Undo"));
  undo->setObjectName("undo");
  undo->setShortcut(QKeySequence("Ctrl+Z"));
  QAction* redo = m_undo.createRedoAction(this, tr("Redo"));
  redo->setObjectName("redo");
  redo->setShortcuts({QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")});
  edit->addActions({undo, redo});
  edit->addSeparator();
  edit->addAction(a.revertAll);

  QMenu* view = menuBar()->addMenu(tr("&View"));
  view->addActions({a.showReference, a.showAlternative, a.showBoth, a.showDifference});
  view->addSeparator();
  view->addActions({a.groupScale, a.zoomIn, a.zoomOut, a.fitWindow});
  view->addSeparator();
  QMenu* theme = view->addMenu(tr("&Theme"));
  theme->addActions({a.themeAuto, a.themeLight, a.themeDark});
  QMenu* docks = view->addMenu(tr("&Docks"));
  for (QDockWidget* dock : findChildren<QDockWidget*>()) docks->addAction(dock->toggleViewAction());
  view->addAction(a.resetLayout);

  menuBar()->addMenu(tr("&Go"))->addActions({a.goTo, a.back, a.forward});
  QMenu* run = menuBar()->addMenu(tr("&Run"));
  run->addActions({a.predict, a.stop, a.autoPredict, a.roughTracks});
  run->setToolTipsVisible(true);
  QMenu* cells = menuBar()->addMenu(tr("&Cells"));
  cells->addActions(
      {a.colourByObserved, a.colourByPredicted, a.colourByEdited, a.colourByDifference});
  cells->addSeparator();
  cells->addActions({a.selectAll, a.selectNone, a.selectInverse});
  QMenu* tools = menuBar()->addMenu(tr("&Tools"));
  tools->addActions({a.fitHead, a.evaluateHead});
  tools->addSeparator();
  tools->addAction(a.verifyWeights);
  tools->setToolTipsVisible(true);  // says why something cannot be done
  menuBar()->addMenu(tr("&Help"))->addActions({a.shortcuts, a.about});
}

void MainWindow::buildToolBar() {
  QToolBar* bar = addToolBar(tr("Main"));
  bar->setObjectName("mainToolBar");
  bar->setMovable(false);
  bar->setToolButtonStyle(Qt::ToolButtonTextOnly);
  m_actions.back->setIconText("◀");
  m_actions.forward->setIconText("▶");
  bar->addActions({m_actions.back, m_actions.forward});
  m_locusBox = new LocusBox(bar);
  m_locusBox->setObjectName("locusBox");
  m_locusBox->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  bar->addWidget(m_locusBox);
  m_actions.zoomOut->setIconText("−");
  m_actions.zoomIn->setIconText("+");
  bar->addActions({m_actions.zoomOut, m_actions.zoomIn});
  bar->addSeparator();
  bar->addActions({m_actions.showReference, m_actions.showAlternative, m_actions.showBoth,
                   m_actions.showDifference});
  bar->addSeparator();
  bar->addActions({m_actions.predict, m_actions.stop});
  bar->addSeparator();
  m_actions.exportFigure->setIconText(tr("Export…"));
  bar->addAction(m_actions.exportFigure);
}

void MainWindow::buildStatusBar() {
  const auto add = [this](const char* name, int stretch) {
    auto* label = new QLabel(this);
    label->setObjectName(QString::fromLatin1(name));
    label->setTextFormat(Qt::PlainText);
    label->setContentsMargins(6, 0, 6, 0);
    statusBar()->addPermanentWidget(label, stretch);
    return label;
  };
  m_readoutLabel = add("readout", 0);
  m_typingLabel = add("typingMode", 0);
  m_typingLabel->setText(tr("OVR"));
  m_typingLabel->setToolTip(
      tr("Typed bases replace (OVR) or are inserted (INS); the Insert key changes it"));
  m_modelLabel = add("modelStatus", 0);
  m_jobsLabel = add("jobsStatus", 0);
}

void MainWindow::connectSession() {
  connect(&m_session, &Session::genomeChanged, this, [this] {
    m_stack->setCurrentWidget(m_workspace);
    m_locusBox->setSources(m_session.genome(), m_session.annotation());
    refreshActions();
  });
  connect(&m_session, &Session::annotationChanged, this,
          [this] { m_locusBox->setSources(m_session.genome(), m_session.annotation()); });
  connect(&m_session, &Session::cellsChanged, this,
          [this] { m_stack->setCurrentWidget(m_workspace); });
  connect(&m_session, &Session::locusChanged, this, &MainWindow::showPlace);
  connect(&m_session, &Session::geneChanged, this, &MainWindow::showPlace);
  for (auto signal :
       {&Session::trunkChanged, &Session::headChanged, &Session::predictionStateChanged,
        &Session::editsChanged, &Session::cellsChanged})
    connect(&m_session, signal, this, &MainWindow::refreshActions);
  connect(&m_session, &Session::failed, this, &MainWindow::say);
  connect(&m_session.fitting(), &HeadFitting::failed, this, &MainWindow::say);
  for (auto signal : {&HeadFitting::joinChanged, &HeadFitting::evaluationChanged})
    connect(&m_session.fitting(), signal, this, &MainWindow::refreshActions);
  connect(&m_session, &Session::remarked, this, &MainWindow::say);
  connect(&m_session, &Session::restored, this, [this] { restoreViewState(m_pendingView); });
  connect(&m_jobs, &JobsModel::summaryChanged, this, &MainWindow::showStatus);
  connect(&m_undo, &QUndoStack::cleanChanged, this,
          [this](bool clean) { setWindowModified(!clean); });
}

void MainWindow::connectLinks() {
  connect(m_locusBox, &LocusBox::answered, this, &MainWindow::goTo);
  connect(m_genomeLink, &GenomeLink::failed, this, &MainWindow::say);
  connect(m_genomeLink, &GenomeLink::hint, this, &MainWindow::say);
  connect(m_genomeLink, &GenomeLink::readout, this, &MainWindow::showReadout);
  connect(m_genomeLink, &GenomeLink::pinnedBinChanged, m_inspector, &InspectorPanel::setPinnedBin);
  connect(m_genomeLink, &GenomeLink::typingModeChanged, this, [this](TypingMode mode) {
    m_typingLabel->setText(mode == TypingMode::Insert ? tr("INS") : tr("OVR"));
  });
  connect(m_genomeLink, &GenomeLink::settled, this, [this](const Locus& locus) {
    m_history.visit(locus);
    refreshActions();
  });
  connect(m_cellsPanel, &CellsPanel::cellHovered, m_inspector, &InspectorPanel::showCell);
  connect(m_edits, &EditsPanel::goToRequested, this, [this](const Variant& edit) {
    m_session.setLocus({edit.contig, edit.start - 40, edit.start + 41});
    m_genomeView->setCaret(edit.start);
  });
  connect(m_data, &DataPanel::openRequested, m_actions.openFiles, &QAction::trigger);
  connect(&m_exporter, &Exporter::saved, this,
          [this](const QString& path) { say(tr("Saved %1").arg(path)); });
  connect(&m_exporter, &Exporter::failed, this, &MainWindow::say);
}

void MainWindow::connectViewActions() {
  const auto mode = [this](QAction* action, DisplayMode display) {
    connect(action, &QAction::triggered, this,
            [this, display] { m_genomeLink->setDisplayMode(display); });
  };
  mode(m_actions.showReference, DisplayMode::Reference);
  mode(m_actions.showAlternative, DisplayMode::Alternative);
  mode(m_actions.showBoth, DisplayMode::Both);
  mode(m_actions.showDifference, DisplayMode::Difference);
  connect(m_actions.groupScale, &QAction::toggled, this, [this](bool on) {
    m_genomeLink->setScaleMode(on ? ScaleMode::Group : ScaleMode::PerTrack);
  });
  connect(m_actions.zoomIn, &QAction::triggered, this, [this] { m_genomeView->zoomBy(2); });
  connect(m_actions.zoomOut, &QAction::triggered, this, [this] { m_genomeView->zoomBy(0.5); });
  connect(m_actions.fitWindow, &QAction::triggered, this, [this] {
    if (const auto window = m_session.modelWindow()) m_session.setLocus(window->predicted);
  });
  connect(m_actions.resetLayout, &QAction::triggered, this,
          [this] { restoreState(m_defaultLayout); });
  connect(m_actions.themeAuto, &QAction::triggered, this, [this] { applyTheme("auto"); });
  connect(m_actions.themeLight, &QAction::triggered, this, [this] { applyTheme("light"); });
  connect(m_actions.themeDark, &QAction::triggered, this, [this] { applyTheme("dark"); });
  connect(m_actions.goTo, &QAction::triggered, this, [this] { m_locusBox->startTyping(); });
  connect(m_actions.back, &QAction::triggered, this, [this] {
    if (m_history.canGoBack()) m_session.setLocus(m_history.goBack());
    refreshActions();
  });
  connect(m_actions.forward, &QAction::triggered, this, [this] {
    if (m_history.canGoForward()) m_session.setLocus(m_history.goForward());
    refreshActions();
  });
  connect(m_actions.shortcuts, &QAction::triggered, this, &MainWindow::showShortcuts);
  connect(m_actions.about, &QAction::triggered, this, &MainWindow::showAbout);
}

void MainWindow::connectRunActions() {
  connect(m_actions.predict, &QAction::triggered, &m_session, &Session::predict);
  connect(m_actions.stop, &QAction::triggered, this, [this] {
    m_session.computes().cancelAll();
    m_session.loads().cancelAll();
    m_session.fitting().queue().cancelAll();
  });
  connect(m_actions.autoPredict, &QAction::toggled, &m_session, &Session::setAutoPredict);
  connect(m_actions.roughTracks, &QAction::toggled, this, [this](bool on) {
    m_session.setTrackPrecision(on ? Precision::BFloat16 : Precision::Float32);
  });
  connect(m_actions.roughTracks, &QAction::triggered, this,
          [](bool on) { QSettings().setValue("roughTracks", on); });
  m_actions.roughTracks->setChecked(m_actions.roughTracks->isEnabled() &&
                                    QSettings().value("roughTracks").toBool());
  connect(m_actions.fitHead, &QAction::triggered, this,
          [this] { m_lower->setCurrentWidget(m_fitPanel); });
  connect(m_actions.evaluateHead, &QAction::triggered, this,
          [this] { m_lower->setCurrentWidget(m_evaluatePanel); });
  connect(m_actions.verifyWeights, &QAction::triggered, this, &MainWindow::openVerifyDialog);
  connect(m_actions.revertAll, &QAction::triggered, m_genomeLink, &GenomeLink::revertAll);
}

void MainWindow::connectCellActions() {
  const auto colour = [this](QAction* action, ColourBy::Kind kind) {
    connect(action, &QAction::triggered, this, [this, kind] { m_session.setColourBy({kind, {}}); });
  };
  colour(m_actions.colourByObserved, ColourBy::Kind::Observed);
  colour(m_actions.colourByPredicted, ColourBy::Kind::Predicted);
  colour(m_actions.colourByEdited, ColourBy::Kind::Edited);
  colour(m_actions.colourByDifference, ColourBy::Kind::Difference);
  connect(m_actions.selectAll, &QAction::triggered, m_cellsPanel, &CellsPanel::selectAll);
  connect(m_actions.selectNone, &QAction::triggered, m_cellsPanel, &CellsPanel::selectNone);
  connect(m_actions.selectInverse, &QAction::triggered, m_cellsPanel, &CellsPanel::selectInverse);
}

/// A gene with its surroundings: what regulates it lies beside it, not in it.
Locus MainWindow::withFlanks(const Locus& gene) const {
  constexpr std::int64_t least = 2'000;
  const std::int64_t flank = std::max(least, gene.length() / 10);
  const Contig* contig = m_session.genome()->find(gene.contig);
  const std::int64_t end = contig ? contig->length : gene.end;
  return {gene.contig, std::max<std::int64_t>(0, gene.start - flank),
          std::min(end, gene.end + flank)};
}

void MainWindow::goTo(const LocusAnswer& answer) {
  const bool wholeGene = answer.gene && answer.locus.length() == answer.gene->locus.length();
  m_session.setLocus(wholeGene ? withFlanks(answer.locus) : answer.locus);
  if (answer.gene)
    m_genomeLink->goToGene(*answer.gene);
  else if (!m_session.modelWindow())
    m_session.centreWindowOn(QString::fromStdString(answer.locus.contig), answer.locus.centre());
  if (answer.variant) m_genomeView->setCaret(answer.variant->start);
  if (!answer.note.empty()) say(QString::fromStdString(answer.note));
  m_genomeView->setFocus(Qt::OtherFocusReason);
}

void MainWindow::showPlace() {
  const QString gene =
      m_session.gene() ? QString::fromStdString(m_session.gene()->symbol) : QString();
  m_locusBox->setCurrent(m_session.locus(), gene);
}

void MainWindow::showReadout(const GenomeReadout& readout) {
  if (readout.position < 0) return m_readoutLabel->clear();
  m_readoutLabel->setText(
      tr("%1:%2").arg(readout.contig, QString::fromStdString(withThousands(readout.position + 1))));
}

void MainWindow::showStatus() {
  m_jobsLabel->setText(m_jobs.summary());
  m_actions.stop->setEnabled(m_jobs.openCount() > 0);
}

void MainWindow::refreshRunActions() {
  const bool canPredict = m_session.genome() && m_session.predictor();
  const PredictionCost cost = m_session.predictionCost();
  const QString time = costText(cost.seconds);
  m_actions.predict->setEnabled(canPredict);
  m_actions.predict->setText(time.isEmpty() ? tr("&Predict") : tr("&Predict %1").arg(time));
  const QString what = tr("Predict tracks and cells for the model window");
  Actions::setTip(m_actions.predict,
                  time.isEmpty() ? what : tr("%1. %2").arg(what, costSentence(cost)));
  m_actions.roughTracks->setChecked(m_session.trackPrecision() == Precision::BFloat16);
  m_actions.verifyWeights->setEnabled(canPredict);
  Actions::setTip(m_actions.verifyWeights,
                  !m_session.predictor() ? tr("Needs a sequence model: open one first")
                  : !m_session.genome()
                      ? tr("Needs the genome of the published embeddings: open it first")
                      : tr("Compare the sequence model with published embeddings of start sites"));
}

/// Which model there is, and how what is shown of it was computed.
void MainWindow::showModel() {
  if (!m_session.predictor()) return m_modelLabel->setText(tr("no sequence model"));
  const EnformerConfig& config = m_session.predictor()->model().config();
  const auto& shown = m_session.reference();
  const bool rough = shown && shown->precision == Precision::BFloat16;
  m_modelLabel->setText((rough ? tr("%1 · CPU bfloat16, rough") : tr("%1 · CPU float32"))
                            .arg(QString::fromStdString(config.modelName)));
  m_modelLabel->setToolTip(QString::fromStdString(config.label));
}

void MainWindow::refreshActions() {
  refreshRunActions();
  showModel();
  m_actions.back->setEnabled(m_history.canGoBack());
  m_actions.forward->setEnabled(m_history.canGoForward());
  m_actions.fitWindow->setEnabled(m_session.modelWindow().has_value());
  m_actions.revertAll->setEnabled(m_session.edits() != EditState());
  m_actions.exportEdits->setEnabled(m_session.genome() != nullptr);
  m_actions.exportTable->setEnabled(m_session.reference() || m_session.cellPrediction() ||
                                    m_session.fitting().join() || m_session.fitting().evaluation());
  m_actions.exportFigure->setEnabled(m_session.genome() || m_session.cells());
  for (QAction* action : {m_actions.colourByObserved, m_actions.colourByPredicted,
                          m_actions.colourByEdited, m_actions.colourByDifference,
                          m_actions.selectAll, m_actions.selectNone, m_actions.selectInverse})
    action->setEnabled(m_session.cells() != nullptr);
}

void MainWindow::say(const QString& sentence) {
  m_lastMessage = sentence;
  statusBar()->showMessage(sentence, 15000);
}

void MainWindow::applyTheme(const QString& name) {
  m_theme = name;
  setApplicationTheme(name);
}

}  // namespace cellocus
