// SPDX-License-Identifier: GPL-3.0-or-later
#include "render.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QPixmap>
#include <QThread>

#include "base/file.h"

namespace cellocus {

namespace {

constexpr int longestWaitSeconds = 600;

QString renderScreen(MainWindow& window, const RenderRequest& request) {
  window.resize(request.screen);
  window.show();
  // Layout, then the sequence that the new width asks for, then the final painting.
  for (int i = 0; i < 5; ++i) {
    QCoreApplication::processEvents();
    waitUntilIdle(window.session(), longestWaitSeconds);
  }
  const QPixmap picture = window.grab();
  try {
    saveAtomic(request.output.toStdString(), [&](const std::filesystem::path& temporary) {
      if (!picture.save(QString::fromStdString(temporary.string())))
        throw Error("SAVE_FAILED", request.output.toStdString(),
                    "the picture could not be written.", "Choose a name that ends with .png.");
    });
  } catch (const Error& error) {
    return QString::fromUtf8(error.what());
  }
  return {};
}

}  // namespace

bool waitUntilIdle(Session& session, int seconds) {
  QElapsedTimer clock;
  clock.start();
  int quiet = 0;
  // A finished load may start the next one, so it has to be quiet for some rounds.
  while (quiet < 5) {
    QCoreApplication::processEvents(QEventLoop::AllEvents, 50);
    const bool busy =
        session.loads().isBusy() || session.computes().isBusy() || session.isRestoring();
    quiet = busy ? 0 : quiet + 1;
    if (clock.elapsed() > seconds * 1000LL) return false;
    QThread::msleep(5);
  }
  return true;
}

QString render(MainWindow& window, const RenderRequest& request) {
  Session& session = window.session();
  if (!waitUntilIdle(session, longestWaitSeconds))
    return QObject::tr("The session did not finish opening its files.");
  if (session.genome() && session.predictor() && session.modelWindow()) {
    session.predict();
    if (!waitUntilIdle(session, longestWaitSeconds))
      return QObject::tr("The prediction took too long.");
    if (session.predictionState() == PredictionState::Failed) return session.predictionProblem();
  }
  if (request.view == "screen") return renderScreen(window, request);
  for (const FigureSource& source : window.figures()) {
    if (source.id != request.view) continue;
    FigureOptions options;
    options.millimetres = request.millimetres.value_or(source.millimetres);
    options.dpi = request.dpi;
    options.format = figureFormat(request.output.toStdString());
    QString problem;
    const auto connection = QObject::connect(&window.exporter(), &Exporter::failed, &window,
                                             [&problem](const QString& why) { problem = why; });
    window.exporter().exportFigure(request.output, source, options, Exporter::Sidecar::Without);
    waitUntilIdle(session, longestWaitSeconds);
    QObject::disconnect(connection);
    return problem;
  }
  return QObject::tr(
             "This session has no view called %1 that shows something. Views: genome, cells, "
             "violins, window, screen.")
      .arg(request.view);
}

}  // namespace cellocus
