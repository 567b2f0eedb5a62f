// SPDX-License-Identifier: GPL-3.0-or-later
// What the window does with files: open, save, export, close.
#include <QApplication>
#include <QCloseEvent>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QStandardPaths>
#include <QTabWidget>

#include "base/file.h"
#include "demo/demoworld.h"
#include "demosession.h"
#include "evaluatepanel.h"
#include "export/provenance.h"
#include "exportdialog.h"
#include "fitpanel.h"
#include "inspector.h"
#include "mainwindow.h"
#include "session/headfitting.h"
#include "startpage.h"
#include "verifydialog.h"

namespace cellocus {

namespace {

constexpr int mostRecent = 8;

struct ModeName {
  DisplayMode mode;
  const char* name;
};
constexpr ModeName modeNames[] = {{DisplayMode::Reference, "reference"},
                                  {DisplayMode::Alternative, "alternative"},
                                  {DisplayMode::Both, "both"},
                                  {DisplayMode::Difference, "difference"}};

}  // namespace

void MainWindow::connectFileActions() {
  connect(m_actions.openFiles, &QAction::triggered, this, &MainWindow::chooseFiles);
  connect(m_actions.openSession, &QAction::triggered, this, &MainWindow::chooseSession);
  connect(m_actions.openDemo, &QAction::triggered, this, &MainWindow::openDemo);
  connect(m_actions.saveSession, &QAction::triggered, this, &MainWindow::saveSession);
  connect(m_actions.saveSessionAs, &QAction::triggered, this, &MainWindow::saveSessionAs);
  connect(m_actions.exportFigure, &QAction::triggered, this, &MainWindow::exportFigure);
  connect(m_actions.exportTable, &QAction::triggered, this, &MainWindow::exportTable);
  connect(m_actions.exportEdits, &QAction::triggered, this, &MainWindow::exportEdits);
  connect(m_actions.quit, &QAction::triggered, this, &QWidget::close);
  connect(m_startPage, &StartPage::recentActivated, this, &MainWindow::openSessionFile);
}

void MainWindow::chooseFiles() {
  const QStringList paths = QFileDialog::getOpenFileNames(
      this, tr("Open files"), {},
      tr("All that can be opened (*.fa *.fasta *.fa.gz *.fasta.gz "
         "*.gtf *.gtf.gz *.gff3 *.tsv *.vcf *.vcf.gz *.bed *.bed.gz *.h5ad *.h5 "
         "*.safetensors *.ckpt *.pt *.bin);;All files (*)"));
  m_session.openFiles(paths);
}

void MainWindow::chooseSession() {
  const QString path = QFileDialog::getOpenFileName(this, tr("Open session"), {},
                                                    tr("Sessions (*.ccsession *.json)"));
  if (!path.isEmpty()) openSessionFile(path);
}

void MainWindow::openSessionFile(const QString& path) {
  try {
    const SessionFile file = readSession(path);
    for (const QString& problem : file.problems) say(problem);
    m_sessionPath = path;
    remember(path);
    openState(file.state);
  } catch (const Error& error) {
    say(QString::fromUtf8(error.what()));
  }
}

void MainWindow::openState(const SessionState& state) {
  m_undo.clear();
  m_pendingView = state.view;
  m_stack->setCurrentWidget(m_workspace);
  m_session.restore(state);
}

void MainWindow::openDemo() {
  if (const auto folder = findDemo()) return openState(demoState(*folder));
  // An installation without the demo makes it once, in the cache folder.
  const QString folder = QString::fromStdString((cacheFolder() / "demo").string());
  m_session.computes().start(
      "demo", tr("Make the demo world"),
      [path = folder.toStdString()](const Progress& progress) {
        makeDemo(path, DemoOptions(), progress);
        return true;
      },
      [this, folder](bool) { openState(demoState(folder)); },
      [this](const QString& why) { say(why); });
}

void MainWindow::openReal(const QString& dataFolder, const QString& demoFolder) {
  m_session.computes().start(
      "demo", tr("Build the motif scanner"),
      [dataFolder, demoFolder](const Progress& progress) {
        return scannerFor(dataFolder, demoFolder, progress);
      },
      [this, dataFolder](const QString& scanner) {
        connect(&m_session, &Session::restored, this, &MainWindow::fitRealHead,
                Qt::SingleShotConnection);
        openState(realState(dataFolder, scanner));
      },
      [this](const QString& why) { say(why); });
}

void MainWindow::fitRealHead() {
  const RealHeadSources sources{m_session.genome(), m_session.annotation(), m_session.cells(),
                                m_session.predictor()};
  if (!sources.genome || !sources.annotation || !sources.cells || !sources.predictor) return;
  m_session.computes().start(
      "head", tr("Fit a head to the cells"),
      [sources](const Progress& progress) { return realHead(sources, progress); },
      [this](const std::filesystem::path& path) {
        m_session.openHead(QString::fromStdString(path.string()));
      },
      [this](const QString& why) { say(why); });
}

void MainWindow::openVerifyDialog() {
  if (!m_verifyDialog) m_verifyDialog = new VerifyDialog(m_session, this);
  m_verifyDialog->show();
  m_verifyDialog->raise();
  m_verifyDialog->activateWindow();
}

bool MainWindow::saveSession() {
  return m_sessionPath.isEmpty() ? saveSessionAs() : saveSessionFile(m_sessionPath);
}

bool MainWindow::saveSessionAs() {
  QString path = QFileDialog::getSaveFileName(this, tr("Save session"), tr("session.ccsession"),
                                              tr("Sessions (*.ccsession)"));
  if (path.isEmpty()) return false;
  if (QFileInfo(path).suffix().isEmpty()) path += ".ccsession";
  return saveSessionFile(path);
}

bool MainWindow::saveSessionFile(const QString& path) {
  SessionState state = m_session.state();
  state.view = viewState();
  try {
    saveAtomic(std::filesystem::path(path.toStdString()), sessionJson(state, path).toStdString());
  } catch (const Error& error) {
    say(QString::fromUtf8(error.what()));
    return false;
  }
  m_sessionPath = path;
  m_undo.setClean();
  remember(path);
  say(tr("Saved %1").arg(path));
  return true;
}

QJsonObject MainWindow::viewState() const {
  QJsonObject view{{"theme", m_theme},
                   {"group_scale", m_genomeLink->scaleMode() == ScaleMode::Group},
                   {"layout", QString::fromLatin1(saveState().toBase64())},
                   {"splitter", QString::fromLatin1(m_workspace->saveState().toBase64())},
                   {"pinned_bin", static_cast<qint64>(m_genomeView->pinnedBin())}};
  for (const ModeName& entry : modeNames)
    if (entry.mode == m_genomeLink->displayMode()) view["display_mode"] = entry.name;
  return view;
}

void MainWindow::restoreViewState(const QJsonObject& view) {
  if (view.isEmpty()) return;
  for (const ModeName& entry : modeNames) {
    if (view["display_mode"].toString() != entry.name) continue;
    m_genomeLink->setDisplayMode(entry.mode);
    QAction* actions[] = {m_actions.showReference, m_actions.showAlternative, m_actions.showBoth,
                          m_actions.showDifference};
    actions[static_cast<int>(entry.mode)]->setChecked(true);
  }
  m_actions.groupScale->setChecked(view["group_scale"].toBool());
  if (view.contains("layout"))
    restoreState(QByteArray::fromBase64(view["layout"].toString().toLatin1()));
  if (view.contains("splitter"))
    m_workspace->restoreState(QByteArray::fromBase64(view["splitter"].toString().toLatin1()));
  const qint64 pinned = view["pinned_bin"].toInteger(-1);
  m_genomeView->setPinnedBin(pinned);
  m_inspector->setPinnedBin(pinned);
  m_pendingView = {};
}

void MainWindow::remember(const QString& sessionPath) {
  QSettings settings;
  QStringList recent = settings.value("recentSessions").toStringList();
  const QString absolute = QFileInfo(sessionPath).absoluteFilePath();
  recent.removeAll(absolute);
  recent.prepend(absolute);
  while (recent.size() > mostRecent) recent.removeLast();
  settings.setValue("recentSessions", recent);
  m_startPage->setRecent(recent);
}

std::vector<FigureSource> MainWindow::figures() const {
  return figureSources(m_session, *m_genomeView, *m_cellsPanel, *m_fitPanel);
}

void MainWindow::exportFigure() {
  auto sources = figures();
  if (sources.empty())
    return say(tr("There is nothing to export yet. Open a genome or cells first."));
  ExportDialog dialog(std::move(sources), this);
  if (dialog.exec() != QDialog::Accepted) return;
  const FigureOptions options = dialog.options();
  const QString ending = options.format == FigureFormat::Svg   ? "svg"
                         : options.format == FigureFormat::Pdf ? "pdf"
                                                               : "png";
  QString path = QFileDialog::getSaveFileName(
      this, tr("Save figure"), dialog.source().id + '.' + ending, QString("*.%1").arg(ending));
  if (path.isEmpty()) return;
  if (QFileInfo(path).suffix().isEmpty()) path += '.' + ending;
  m_exporter.exportFigure(
      path, dialog.source(), options,
      dialog.wantsSidecar() ? Exporter::Sidecar::Json : Exporter::Sidecar::Without);
}

void MainWindow::exportTable() {
  std::vector<std::pair<QString, TableKind>> kinds;
  const HeadFitting& fitting = m_session.fitting();
  if (m_session.reference())
    kinds.emplace_back(tr("Predicted tracks (*.tsv *.tsv.gz *.csv *.bedgraph)"), TableKind::Tracks);
  if (m_session.cellPrediction())
    kinds.emplace_back(tr("Cells (*.tsv *.tsv.gz *.csv)"), TableKind::Cells);
  if (fitting.evaluation())
    kinds.emplace_back(tr("Evaluation of the head (*.tsv *.tsv.gz *.csv)"), TableKind::Evaluation);
  if (fitting.join())
    kinds.emplace_back(tr("How genes were matched (*.tsv *.tsv.gz *.csv)"), TableKind::GeneMatches);
  if (kinds.empty()) {
    say(tr("There is no table to export yet. Predict first (Ctrl+R)."));
    return;
  }
  QStringList filters;
  for (const auto& [filter, kind] : kinds) filters << filter;
  // What the user looks at comes first.
  QString chosen = filters.front();
  for (const auto& [filter, kind] : kinds) {
    const bool fits =
        (kind == TableKind::Evaluation && m_lower->currentWidget() == m_evaluatePanel) ||
        (kind == TableKind::GeneMatches && m_lower->currentWidget() == m_fitPanel);
    if (fits) chosen = filter;
  }
  QString path = QFileDialog::getSaveFileName(this, tr("Export table"), "predictions.tsv",
                                              filters.join(";;"), &chosen);
  if (path.isEmpty()) return;
  if (QFileInfo(path).suffix().isEmpty()) path += ".tsv";
  for (const auto& [filter, kind] : kinds)
    if (filter == chosen) return m_exporter.exportTable(path, kind);
}

void MainWindow::exportEdits() {
  QString path =
      QFileDialog::getSaveFileName(this, tr("Export edits"), "edits.vcf",
                                   tr("Edits (*.vcf);;Edited sequence of this place (*.fa)"));
  if (path.isEmpty()) return;
  if (QFileInfo(path).suffix().isEmpty()) path += ".vcf";
  m_exporter.exportEdits(path);
}

bool MainWindow::mayDiscard() {
  const int running = m_jobs.openCount();
  if (m_undo.isClean() && running == 0) return true;
  QMessageBox box(QMessageBox::Question, tr("Quit"), {}, QMessageBox::NoButton, this);
  box.setTextFormat(Qt::PlainText);
  QStringList reasons;
  if (!m_undo.isClean()) reasons << tr("The edits of this session are not saved.");
  if (running > 0) reasons << tr("%n job(s) running.", nullptr, running);
  box.setText(reasons.join('\n'));
  QPushButton* save =
      m_undo.isClean() ? nullptr : box.addButton(tr("Save and quit"), QMessageBox::AcceptRole);
  QPushButton* quit =
      box.addButton(m_undo.isClean() ? tr("Stop and quit") : tr("Quit without saving"),
                    QMessageBox::DestructiveRole);
  box.addButton(QMessageBox::Cancel);
  box.exec();
  if (save && box.clickedButton() == save) return saveSession();
  return box.clickedButton() == quit;
}

void MainWindow::closeEvent(QCloseEvent* event) {
  if (!mayDiscard()) return event->ignore();
  m_session.computes().cancelAll();
  m_session.loads().cancelAll();
  m_session.fitting().queue().cancelAll();
  event->accept();
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  if (event->mimeData()->hasUrls()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
  QStringList files;
  for (const QUrl& url : event->mimeData()->urls()) {
    const QString path = url.toLocalFile();
    if (path.endsWith(".ccsession"))
      openSessionFile(path);
    else if (!path.isEmpty())
      files << path;
  }
  m_session.openFiles(files);
}

void MainWindow::showShortcuts() {
  QMessageBox box(QMessageBox::NoIcon, tr("Keys and mouse"), {}, QMessageBox::Close, this);
  box.setTextFormat(Qt::PlainText);
  box.setText(tr(
      "Genome: Ctrl+wheel zooms at the mouse, Shift+wheel and dragging pan, a drag on the ruler "
      "selects, "
      "double-click zooms in, + and − zoom, arrow keys pan, F and B go to the next and previous "
      "gene, "
      "W centres the model window.\n\n"
      "Bases (zoomed in): a click sets the caret; A C G T N replace, Insert changes to inserting; "
      "Delete and Backspace; Ctrl+Backspace brings the reference back; Alt+Up and Alt+Down go "
      "through the edits.\n\n"
      "Cells: V pans, S lasso, R rectangle, Shift adds, Alt subtracts, 0 fits, Esc clears, G asks "
      "for a gene."));
  box.exec();
}

void MainWindow::showAbout() {
  QMessageBox box(QMessageBox::NoIcon, tr("About Cellocus"), {}, QMessageBox::Close, this);
  box.setTextFormat(Qt::PlainText);
  box.setText(
      tr("%1\nFrom a base to a cell.\n\nQt %2, oneDNN, Eigen, Highway, HDF5.\nGPL-3.0-or-later. "
         "Everything is computed on this machine; nothing is sent anywhere.")
          .arg(QString::fromStdString(programVersion()), qVersion()));
  box.exec();
}

}  // namespace cellocus
