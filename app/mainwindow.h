// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMainWindow>
#include <QUndoStack>

#include "actions.h"
#include "cellspanel.h"
#include "exporter.h"
#include "figures.h"
#include "genome/locusquery.h"
#include "genomelink.h"
#include "history.h"
#include "jobsmodel.h"
#include "session/session.h"

class QLabel;
class QProgressBar;
class QSplitter;
class QStackedWidget;
class QTabWidget;

namespace cellocus {

class DataPanel;
class EditsPanel;
class EvaluatePanel;
class FitPanel;
class InspectorPanel;
class LocusBox;
class StartPage;
class VerifyDialog;

/// The window: connects the session with views, docks and actions. It computes nothing itself.
class MainWindow : public QMainWindow {
  Q_OBJECT

 public:
  explicit MainWindow(QWidget* parent = nullptr);
  ~MainWindow() override;

  Session& session() { return m_session; }
  Actions& actions() { return m_actions; }
  GenomeView& genomeView() { return *m_genomeView; }
  CellsPanel& cellsPanel() { return *m_cellsPanel; }
  InspectorPanel& inspector() { return *m_inspector; }
  LocusBox& locusBox() { return *m_locusBox; }
  Exporter& exporter() { return m_exporter; }
  QUndoStack& undoStack() { return m_undo; }
  JobsModel& jobs() { return m_jobs; }

  void openSessionFile(const QString& path);
  /// @return whether it was saved
  bool saveSessionFile(const QString& path);
  void openState(const SessionState& state);
  /// Real data of a folder; a head is fitted to its cells, if that was not done before.
  void openReal(const QString& dataFolder, const QString& demoFolder);
  std::vector<FigureSource> figures() const;
  QString lastMessage() const { return m_lastMessage; }

 public slots:
  void openDemo();

 protected:
  void closeEvent(QCloseEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  void buildCentre();
  void buildLowerTabs();
  void buildDocks();
  void buildMenus();
  void buildToolBar();
  void buildStatusBar();
  QDockWidget* addDock(const char* name, const QString& title, QWidget* content,
                       Qt::DockWidgetArea area);
  void connectFileActions();
  void connectViewActions();
  void connectRunActions();
  void connectCellActions();
  void connectSession();
  void connectLinks();

  Locus withFlanks(const Locus& gene) const;
  void goTo(const LocusAnswer& answer);
  void chooseFiles();
  void chooseSession();
  bool saveSession();
  bool saveSessionAs();
  void exportFigure();
  void exportTable();
  void exportEdits();
  void fitRealHead();
  void openVerifyDialog();
  void showShortcuts();
  void showAbout();

  void showReadout(const GenomeReadout& readout);
  void showPlace();
  void showStatus();
  void showModel();
  void refreshActions();
  void refreshRunActions();
  void say(const QString& sentence);
  void remember(const QString& sessionPath);
  QJsonObject viewState() const;
  void restoreViewState(const QJsonObject& view);
  void applyTheme(const QString& name);
  bool mayDiscard();

  Session m_session;
  QUndoStack m_undo;
  Actions m_actions;
  JobsModel m_jobs;
  Exporter m_exporter;
  History m_history;
  QString m_sessionPath, m_lastMessage, m_theme = "auto";
  QJsonObject m_pendingView;
  QByteArray m_defaultLayout;

  QStackedWidget* m_stack = nullptr;
  QSplitter* m_workspace = nullptr;
  StartPage* m_startPage = nullptr;
  GenomeView* m_genomeView = nullptr;
  GenomeLink* m_genomeLink = nullptr;
  QTabWidget* m_lower = nullptr;
  CellsPanel* m_cellsPanel = nullptr;
  FitPanel* m_fitPanel = nullptr;
  EvaluatePanel* m_evaluatePanel = nullptr;
  LocusBox* m_locusBox = nullptr;
  DataPanel* m_data = nullptr;
  InspectorPanel* m_inspector = nullptr;
  EditsPanel* m_edits = nullptr;
  VerifyDialog* m_verifyDialog = nullptr;  ///< made when it is first asked for
  QLabel *m_readoutLabel = nullptr, *m_typingLabel = nullptr, *m_modelLabel = nullptr,
         *m_jobsLabel = nullptr;
};

}  // namespace cellocus
