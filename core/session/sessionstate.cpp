// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/sessionstate.h"

#include <QDir>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "export/provenance.h"

namespace cellocus {

namespace {

constexpr int formatMajor = 1;

QString text(const std::string& value) {
  return QString::fromStdString(value);
}

QJsonObject fileJson(const QString& path, const QDir& folder) {
  const QString absolute = QFileInfo(path).absoluteFilePath();
  return {{"path", absolute},
          {"relative", folder.relativeFilePath(absolute)},
          {"size", QFileInfo(path).size()}};
}

QJsonArray filesJson(const QStringList& paths, const QDir& folder) {
  QJsonArray files;
  for (const QString& path : paths) files.append(fileJson(path, folder));
  return files;
}

QJsonArray variantsJson(const std::vector<Variant>& variants) {
  QJsonArray list;
  for (const Variant& variant : variants)
    list.append(QJsonObject{{"contig", text(variant.contig)},
                            {"start", static_cast<qint64>(variant.start)},
                            {"ref", text(variant.ref)},
                            {"alt", text(variant.alt)}});
  return list;
}

QJsonArray numbersJson(const std::vector<std::int64_t>& numbers) {
  QJsonArray list;
  for (const std::int64_t number : numbers) list.append(static_cast<qint64>(number));
  return list;
}

std::vector<std::int64_t> numbersFrom(const QJsonValue& value) {
  std::vector<std::int64_t> numbers;
  for (const QJsonValue& entry : value.toArray())
    if (const qint64 number = entry.toInteger(-1); number >= 0) numbers.push_back(number);
  return numbers;
}

bool isSequence(const QString& bases) {
  return std::all_of(bases.begin(), bases.end(),
                     [](QChar c) { return QString("ACGTN").contains(c); });
}

std::vector<Variant> variantsFrom(const QJsonValue& value, QStringList& problems) {
  std::vector<Variant> variants;
  for (const QJsonValue& entry : value.toArray()) {
    const QJsonObject object = entry.toObject();
    const QString ref = object["ref"].toString(), alt = object["alt"].toString();
    const Variant variant{object["contig"].toString().toStdString(), object["start"].toInteger(-1),
                          ref.toStdString(), alt.toStdString()};
    if (variant.contig.empty() || variant.start < 0 || !isSequence(ref) || !isSequence(alt))
      problems << QString("An edit of the session makes no sense and was left out.");
    else
      variants.push_back(variant);
  }
  return variants;
}

/// The relative place first: a session that was moved together with its files opens.
QString fileFrom(const QJsonValue& value, const QDir& folder, QStringList& problems) {
  const QJsonObject object = value.toObject();
  const QString stored = object["path"].toString();
  if (stored.isEmpty()) return {};
  const QString beside = folder.absoluteFilePath(object["relative"].toString());
  for (const QString& candidate : {beside, stored}) {
    const QFileInfo found(candidate);
    if (!found.exists()) continue;
    if (found.isFile() && object.contains("size") && found.size() != object["size"].toInteger())
      problems << QString("%1 has changed since the session was saved (was %2 bytes, now %3).")
                      .arg(found.fileName())
                      .arg(object["size"].toInteger())
                      .arg(found.size());
    return found.absoluteFilePath();
  }
  problems << QString("%1 is not there any more.").arg(stored);
  return {};
}

QStringList filesFrom(const QJsonValue& value, const QDir& folder, QStringList& problems) {
  QStringList paths;
  for (const QJsonValue& entry : value.toArray())
    if (const QString path = fileFrom(entry, folder, problems); !path.isEmpty()) paths << path;
  return paths;
}

const std::vector<std::pair<ColourBy::Kind, QString>>& colourNames() {
  using Kind = ColourBy::Kind;
  static const std::vector<std::pair<Kind, QString>> names = {
      {Kind::Nothing, "nothing"},     {Kind::Column, "column"}, {Kind::Observed, "observed"},
      {Kind::Predicted, "predicted"}, {Kind::Edited, "edited"}, {Kind::Difference, "difference"}};
  return names;
}

QJsonObject contextJson(const SessionState& state) {
  QJsonObject colour{{"name", state.colourBy.name}};
  for (const auto& [kind, name] : colourNames())
    if (kind == state.colourBy.kind) colour["kind"] = name;
  QJsonObject context{{"contig", text(state.locus.contig)},
                      {"start", static_cast<qint64>(state.locus.start)},
                      {"end", static_cast<qint64>(state.locus.end)},
                      {"gene", state.gene},
                      {"window_anchor", static_cast<qint64>(state.windowAnchor)},
                      {"tracks", numbersJson(state.tracks)},
                      {"colour_by", colour},
                      {"embedding", state.embedding},
                      {"group_by", state.groupBy},
                      {"selected_cells", numbersJson(state.selectedCells)}};
  if (state.trackPrecision) context["track_precision"] = text(precisionName(*state.trackPrecision));
  return context;
}

void readContext(const QJsonObject& context, SessionState& state) {
  state.locus = {context["contig"].toString().toStdString(), context["start"].toInteger(),
                 context["end"].toInteger()};
  state.gene = context["gene"].toString();
  state.windowAnchor = context["window_anchor"].toInteger(-1);
  state.tracks = numbersFrom(context["tracks"]);
  for (const Precision precision : {Precision::Float32, Precision::BFloat16})
    if (context["track_precision"].toString() == text(precisionName(precision)))
      state.trackPrecision = precision;
  const QJsonObject colour = context["colour_by"].toObject();
  state.colourBy.name = colour["name"].toString();
  for (const auto& [kind, name] : colourNames())
    if (name == colour["kind"].toString()) state.colourBy.kind = kind;
  state.embedding = context["embedding"].toString();
  state.groupBy = context["group_by"].toString();
  state.selectedCells = numbersFrom(context["selected_cells"]);
}

QJsonObject checkedRoot(const std::string& bytes, const std::string& where) {
  QJsonParseError error;
  const QJsonDocument document = QJsonDocument::fromJson(
      QByteArray(bytes.data(), static_cast<qsizetype>(bytes.size())), &error);
  if (error.error != QJsonParseError::NoError)
    throw Error("SESSION_DAMAGED", where,
                "it is not valid JSON at byte " + std::to_string(error.offset) + ": " +
                    error.errorString().toStdString() + ".",
                "The file may be incomplete; open an older copy.");
  const QJsonObject root = document.object();
  if (root["format"].toString() != "cellocus-session")
    throw Error("SESSION_FORMAT", where, "it is JSON, but not a session of Cellocus.",
                "Choose a file that was saved with File, Save session.");
  const int major = root["format_version"].toArray().at(0).toInt();
  if (major > formatMajor)
    throw Error("SESSION_NEWER", where,
                "it was saved by a newer version (format " + std::to_string(major) +
                    ", known up to " + std::to_string(formatMajor) + ").",
                "Open it with that version.");
  return root;
}

}  // namespace

QByteArray sessionJson(const SessionState& state, const QString& sessionFile) {
  const QDir folder = QFileInfo(sessionFile).absoluteDir();
  QJsonObject files{{"annotations", filesJson(state.annotations, folder)},
                    {"intervals", filesJson(state.bedTracks, folder)}};
  const std::pair<const char*, const QString&> single[] = {
      {"genome", state.genome},
      {"sequence_model", state.trunk},
      {"cell_head", state.head},
      {"cells", state.cells},
      {"bands", state.bands},
      {"embeddings", state.embeddings},
      {"embedding_windows", state.embeddingWindows}};
  for (const auto& [key, path] : single)
    if (!path.isEmpty()) files[key] = fileJson(path, folder);
  const QJsonObject root{{"format", "cellocus-session"},
                         {"format_version", QJsonArray{formatMajor, 0}},
                         {"files", files},
                         {"context", contextJson(state)},
                         {"edits", QJsonObject{{"on", variantsJson(state.edits)},
                                               {"off", variantsJson(state.disabledEdits)}}},
                         {"fit", state.fit},
                         {"view", state.view}};
  return QJsonDocument(root).toJson();
}

SessionFile readSession(const QString& sessionFile) {
  const auto file = InputFile::open(sessionFile.toStdString());
  const QJsonObject root =
      checkedRoot(file->readAll(limits::sessionBytes), file->path().filename().string());
  const QDir folder = QFileInfo(sessionFile).absoluteDir();
  SessionFile result;
  SessionState& state = result.state;
  const QJsonObject files = root["files"].toObject();
  state.genome = fileFrom(files["genome"], folder, result.problems);
  state.trunk = fileFrom(files["sequence_model"], folder, result.problems);
  state.head = fileFrom(files["cell_head"], folder, result.problems);
  state.cells = fileFrom(files["cells"], folder, result.problems);
  state.bands = fileFrom(files["bands"], folder, result.problems);
  state.embeddings = fileFrom(files["embeddings"], folder, result.problems);
  state.embeddingWindows = fileFrom(files["embedding_windows"], folder, result.problems);
  state.annotations = filesFrom(files["annotations"], folder, result.problems);
  state.bedTracks = filesFrom(files["intervals"], folder, result.problems);
  readContext(root["context"].toObject(), state);
  const QJsonObject edits = root["edits"].toObject();
  state.edits = variantsFrom(edits["on"], result.problems);
  state.disabledEdits = variantsFrom(edits["off"], result.problems);
  state.fit = root["fit"].toObject();
  state.view = root["view"].toObject();
  return result;
}

}  // namespace cellocus
