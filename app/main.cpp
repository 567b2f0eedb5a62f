// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QCommandLineParser>
#include <QFileInfo>
#include <QLibraryInfo>
#include <QTimer>
#include <QTranslator>
#include <cstdio>
#include <cstring>

#include "demosession.h"
#include "export/provenance.h"
#include "mainwindow.h"
#include "render.h"
#include "theme.h"

namespace cellocus {
namespace {

/// The offscreen platform serves where nothing has to be seen: no display, or a picture into a
/// file.
void choosePlatform(int argc, char** argv) {
  bool needsNoDisplay = false;
  for (int i = 1; i < argc; ++i)
    for (const char* option : {"--render", "--help", "-h", "--version", "-v"})
      needsNoDisplay = needsNoDisplay || std::strcmp(argv[i], option) == 0;
  if (needsNoDisplay && !qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
    qputenv("QT_QPA_PLATFORM", "offscreen");
}

/// Qt takes "--session ID" out of the arguments for desktop session managers; ours has to pass by
/// it under another name.
void renameSessionOption(int argc, char** argv) {
  static char name[] = "--session-file";
  for (int i = 1; i < argc; ++i)
    if (std::strcmp(argv[i], "--session") == 0) argv[i] = name;
}

void describeOptions(QCommandLineParser& parser) {
  parser.setApplicationDescription("From a base to a cell: edit DNA, see tracks and cells move.");
  parser.addHelpOption();
  parser.addVersionOption();
  parser.addPositionalArgument("files", "Files to open: FASTA, GTF, BED, models, .h5ad, a session.",
                               "[FILES…]");
  parser.addOptions({
      {"demo", "Open the synthetic demo world."},
      {"real",
       "Open the real hg38 windows and cardiac cells of a data folder, with the demo's motif "
       "scanner.",
       "FOLDER"},
      {{"session", "session-file"}, "Open a saved session.", "FILE"},
      {"render", "Draw one view into a file and end: genome, cells, violins, window, screen.",
       "VIEW"},
      {{"o", "output"}, "File for --render: .svg, .pdf or .png.", "FILE"},
      {"size",
       "Size of the figure for --render, in millimetres (174x110), or of the screen in pixels.",
       "WxH"},
      {"dpi", "Resolution of a .png for --render (default 300).", "N", "300"},
      {"theme", "light, dark or auto.", "NAME", "auto"},
  });
}

std::optional<QSizeF> sizeOption(const QCommandLineParser& parser) {
  const QStringList parts = parser.value("size").split('x');
  bool width = false, height = false;
  const QSizeF size(parts.value(0).toDouble(&width), parts.value(1).toDouble(&height));
  return width && height && size.width() > 0 && size.height() > 0 ? std::optional(size)
                                                                  : std::nullopt;
}

/// @return an exit code if nothing can be opened
int openWanted(MainWindow& window, const QCommandLineParser& parser) {
  if (parser.isSet("demo")) {
    window.openDemo();
  } else if (parser.isSet("real")) {
    const auto demo = findDemo();
    if (!demo) {
      std::fputs("The demo's motif scanner is needed for --real and was not found.\n", stderr);
      return 3;
    }
    window.openReal(parser.value("real"), *demo);
  } else if (parser.isSet("session")) {
    if (!QFileInfo::exists(parser.value("session"))) {
      std::fprintf(stderr, "%s: there is no such session.\n", qPrintable(parser.value("session")));
      return 3;
    }
    window.openSessionFile(parser.value("session"));
  }
  QStringList files;
  for (const QString& file : parser.positionalArguments())
    if (file.endsWith(".ccsession"))
      window.openSessionFile(file);
    else
      files << file;
  window.session().openFiles(files);
  return 0;
}

int renderAndEnd(MainWindow& window, const QCommandLineParser& parser) {
  RenderRequest request;
  request.view = parser.value("render");
  request.output = parser.value("output");
  request.dpi = parser.value("dpi").toInt();
  if (request.output.isEmpty() || request.dpi < 10 ||
      (parser.isSet("size") && !sizeOption(parser))) {
    std::fputs("--render needs -o FILE; --size is WIDTHxHEIGHT.\n", stderr);
    return 2;
  }
  request.millimetres = sizeOption(parser);
  if (request.millimetres) request.screen = request.millimetres->toSize();
  const QString problem = render(window, request);
  if (problem.isEmpty()) return 0;
  std::fprintf(stderr, "%s\n", qPrintable(problem));
  if (!window.lastMessage().isEmpty())
    std::fprintf(stderr, "%s\n", qPrintable(window.lastMessage()));
  return 3;
}

int run(int argc, char** argv) {
  choosePlatform(argc, argv);
  renameSessionOption(argc, argv);
  QApplication application(argc, argv);
  QApplication::setOrganizationName("Cellocus");
  QApplication::setApplicationName("Cellocus");
  QApplication::setApplicationVersion(QString::fromStdString(programVersion()).section(' ', 1));
  QApplication::setStyle("fusion");
  // English has a file too: it knows "1 job" from "2 jobs".
  QTranslator translator;
  if (translator.load(QLocale(), "cellocus", "_", ":/i18n") ||
      translator.load(":/i18n/cellocus_en.qm"))
    QApplication::installTranslator(&translator);

  QCommandLineParser parser;
  describeOptions(parser);
  parser.process(application);
  setApplicationTheme(parser.value("theme"));
  MainWindow window;
  if (const int code = openWanted(window, parser); code != 0) return code;
  if (parser.isSet("render")) return renderAndEnd(window, parser);
  window.show();
  return QApplication::exec();
}

}  // namespace
}  // namespace cellocus

int main(int argc, char** argv) {
  return cellocus::run(argc, argv);
}
