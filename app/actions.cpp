// SPDX-License-Identifier: GPL-3.0-or-later
#include "actions.h"

#include "nn/packedproduct.h"

namespace cellocus {

Actions::Actions(QObject* parent) : QObject(parent) {
  makeFileActions();
  makeViewActions();
  makeRunActions();
  makeCellActions();
}

QAction* Actions::make(const char* name, const QString& text, const QString& tip,
                       const QKeySequence& key) {
  auto* action = new QAction(text, this);
  action->setObjectName(QString::fromLatin1(name));
  action->setShortcut(key);
  setTip(action, tip);
  return action;
}

void Actions::setTip(QAction* action, const QString& tip) {
  const QKeySequence key = action->shortcut();
  action->setStatusTip(tip);
  action->setToolTip(
      key.isEmpty() ? tip : tr("%1 (%2)").arg(tip, key.toString(QKeySequence::NativeText)));
}

void Actions::makeFileActions() {
  openFiles =
      make("openFiles", tr("&Open files…"),
           tr("Open genomes, annotations, models, cells and intervals"), QKeySequence::Open);
  openSession = make("openSession", tr("Open &session…"), tr("Open a saved session"),
                     QKeySequence("Ctrl+Shift+O"));
  saveSession = make("saveSession", tr("&Save session"),
                     tr("Save the session: files by path, edits, view"), QKeySequence::Save);
  saveSessionAs = make("saveSessionAs", tr("Save session &as…"),
                       tr("Save the session under another name"), QKeySequence("Ctrl+Shift+S"));
  openDemo = make("openDemo", tr("Open &demo"), tr("Open the synthetic demo world"));
  exportFigure = make("exportFigure", tr("Export &figure…"), tr("Save a view as SVG, PDF or PNG"),
                      QKeySequence("Ctrl+P"));
  exportTable = make("exportTable", tr("Export &table…"),
                     tr("Save predictions as TSV, CSV or bedGraph"), QKeySequence("Ctrl+E"));
  exportEdits = make("exportEdits", tr("Export &edits…"),
                     tr("Save the edits as VCF, or the edited sequence as FASTA"),
                     QKeySequence("Ctrl+Shift+E"));
  quit = make("quit", tr("&Quit"), tr("Close the program"), QKeySequence("Ctrl+Q"));
  quit->setMenuRole(QAction::QuitRole);
  revertAll =
      make("revertAll", tr("Revert &all edits"), tr("Bring the reference sequence back everywhere"),
           QKeySequence("Ctrl+Shift+Backspace"));
}

void Actions::makeViewActions() {
  zoomIn = make("zoomIn", tr("Zoom &in"), tr("Show half as many bases"), QKeySequence::ZoomIn);
  zoomOut = make("zoomOut", tr("Zoom &out"), tr("Show twice as many bases"), QKeySequence::ZoomOut);
  fitWindow = make("fitWindow", tr("&Fit model window"), tr("Show all that the model predicts"),
                   QKeySequence("Ctrl+0"));
  auto* modes = new QActionGroup(this);
  const auto mode = [&](const char* name, const QString& text, const QString& tip,
                        const char* key) {
    QAction* action = make(name, text, tip, QKeySequence(key));
    action->setCheckable(true);
    modes->addAction(action);
    return action;
  };
  showReference =
      mode("showReference", tr("&REF"), tr("Show what is predicted for the reference"), "Ctrl+1");
  showAlternative = mode("showAlternative", tr("&ALT"),
                         tr("Show what is predicted for the edited sequence"), "Ctrl+2");
  showBoth = mode("showBoth", tr("REF &+ ALT"),
                  tr("Show reference and edited sequence over each other"), "Ctrl+3");
  showDifference =
      mode("showDifference", tr("&Δ"), tr("Show ALT − REF, in the unit of each track"), "Ctrl+4");
  showBoth->setChecked(true);
  groupScale = make("groupScale", tr("One &scale for all tracks"),
                    tr("Give tracks of one unit the same scale"));
  groupScale->setCheckable(true);
  resetLayout =
      make("resetLayout", tr("Reset &layout"), tr("Put all docks back where they were at first"));
  auto* themes = new QActionGroup(this);
  const auto theme = [&](const char* name, const QString& text, const QString& tip) {
    QAction* action = make(name, text, tip);
    action->setCheckable(true);
    themes->addAction(action);
    return action;
  };
  themeAuto = theme("themeAuto", tr("&As the desktop"), tr("Light or dark as the desktop is"));
  themeLight = theme("themeLight", tr("&Light"), tr("Dark text on light ground"));
  themeDark = theme("themeDark", tr("&Dark"), tr("Light text on dark ground"));
  themeAuto->setChecked(true);
  goTo =
      make("goTo", tr("&Go to…"), tr("Type a gene, a region or a variant"), QKeySequence("Ctrl+L"));
  goTo->setShortcuts({QKeySequence("Ctrl+L"), QKeySequence("Ctrl+G")});
  back = make("back", tr("&Back"), tr("The place before"), QKeySequence("Alt+Left"));
  forward = make("forward", tr("&Forward"), tr("The place after"), QKeySequence("Alt+Right"));
}

void Actions::makeRunActions() {
  predict = make("predict", tr("&Predict"), tr("Predict tracks and cells for the model window"),
                 QKeySequence("Ctrl+R"));
  stop = make("stop", tr("&Stop"), tr("Stop all running work"), QKeySequence("Ctrl+."));
  autoPredict = make("autoPredict", tr("Predict after &edits"),
                     tr("Predict by itself after a pause, where that takes less than 2 s"));
  autoPredict->setCheckable(true);
  autoPredict->setChecked(true);
  roughTracks =
      make("roughTracks", tr("&Faster, rougher tracks (bfloat16)"),
           tr("About twice as fast, values off by some percent: used only to display tracks of the "
              "reference; edits and cells are always computed in float32"));
  roughTracks->setCheckable(true);
  if (!nn::canMultiply(nn::Precision::BFloat16)) {
    roughTracks->setEnabled(false);
    setTip(roughTracks, tr("This processor cannot compute in bfloat16: that needs AVX-512"));
  }
  fitHead =
      make("fitHead", tr("&Fit a head"),
           tr("Fit a model of the open cells: embedding of a gene's start site to expression"),
           QKeySequence("Alt+F6"));
  evaluateHead = make("evaluateHead", tr("&Evaluate the head"),
                      tr("Compare what the open head predicts with what was measured"),
                      QKeySequence("Alt+F7"));
  verifyWeights = make("verifyWeights", tr("&Verify weights…"),
                       tr("Compare the sequence model with published embeddings of start sites"));
}

void Actions::makeCellActions() {
  colourByObserved = make("colourByObserved", tr("Colour by &observed expression"),
                          tr("Colour cells by the measured expression of the selected gene"),
                          QKeySequence("Ctrl+Shift+1"));
  colourByPredicted =
      make("colourByPredicted", tr("Colour by &predicted expression (REF)"),
           tr("Colour cells by the expression predicted from the reference sequence"),
           QKeySequence("Ctrl+Shift+2"));
  colourByEdited = make("colourByEdited", tr("Colour by predicted expression (&ALT)"),
                        tr("Colour cells by the expression predicted from the edited sequence"),
                        QKeySequence("Ctrl+Shift+3"));
  colourByDifference =
      make("colourByDifference", tr("Colour by &ALT − REF"),
           tr("Colour cells by the predicted effect of the edits"), QKeySequence("Ctrl+Shift+4"));
  selectAll = make("selectAllCells", tr("Select &all cells"), tr("Select every cell"));
  selectNone = make("selectNoCells", tr("Select &none"), tr("Select no cell"));
  selectInverse =
      make("invertCells", tr("&Invert selection"), tr("Select the cells that are not selected"));
  shortcuts = make("shortcuts", tr("&Keys and mouse"),
                   tr("All keys of the genome and the cells view"), QKeySequence::HelpContents);
  about = make("about", tr("&About Cellocus"), tr("Version, libraries and licence"));
}

}  // namespace cellocus
