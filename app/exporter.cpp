// SPDX-License-Identifier: GPL-3.0-or-later
#include "exporter.h"

#include <QFileInfo>
#include <QImage>

#include "base/file.h"
#include "base/text.h"
#include "export/bedgraph.h"
#include "export/evaluationtables.h"
#include "genome/vcf.h"
#include "provenanceof.h"
#include "session/headfitting.h"

namespace cellocus {

namespace {

std::filesystem::path filePath(const QString& path) {
  return {path.toStdString()};
}

std::string trackName(const Prediction& prediction, std::size_t column,
                      const std::vector<std::string>& names) {
  const auto track = static_cast<std::size_t>(prediction.tracks[column]);
  return track < names.size() ? names[track] : "track " + std::to_string(track);
}

/// FASTA of a locus with its edits, 60 bases a line.
std::string fastaText(const Haplotype& haplotype, const Genome& genome, const Locus& locus) {
  constexpr std::size_t lineLength = 60;
  const std::string bases = haplotype.sequence(genome, locus);
  std::string text = ">" + plainLocusText(locus);
  if (!haplotype.within(locus).empty()) text += " " + hgvs(haplotype, genome);
  text += '\n';
  for (std::size_t at = 0; at < bases.size(); at += lineLength)
    text += bases.substr(at, lineLength) + '\n';
  return text;
}

void writeSidecar(const QString& figure, const Provenance& provenance) {
  const QFileInfo info(figure);
  saveAtomic(filePath(info.path() + '/' + info.completeBaseName() + ".json"),
             provenance.json().dump(2) + '\n');
}

}  // namespace

Table trackTable(const Prediction& reference, const Prediction* edited,
                 const std::vector<std::string>& names, const std::string& unit) {
  Table table;
  table.columns = {
      {"contig", "", ""}, {"start", "bp, 1-based", ""}, {"end", "bp, 1-based, inclusive", ""}};
  for (std::size_t column = 0; column < reference.tracks.size(); ++column) {
    const std::string name = trackName(reference, column, names);
    table.columns.push_back({name + " REF", unit, "prediction from the reference sequence"});
    if (!edited) continue;
    table.columns.push_back(
        {name + " ALT", unit, "prediction from the edited sequence, in reference coordinates"});
    table.columns.push_back({name + " delta", unit, "ALT - REF"});
  }
  for (Eigen::Index bin = 0; bin < reference.values.rows(); ++bin) {
    const Locus locus = reference.bin(bin);
    std::vector<Table::Cell> row = {locus.contig, locus.start + 1, locus.end};
    for (Eigen::Index column = 0; column < reference.values.cols(); ++column) {
      const float ref = reference.values(bin, column);
      row.emplace_back(ref);
      if (!edited) continue;
      row.emplace_back(edited->values(bin, column));
      row.emplace_back(edited->values(bin, column) - ref);
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table cellTable(const CellPrediction& prediction, const std::vector<std::string>& cellNames,
                const CellColumn* groups) {
  Table table;
  const std::string gene = prediction.geneSymbol;
  table.columns = {{"cell", "", ""}};
  if (groups) table.columns.push_back({groups->name, "", ""});
  table.columns.push_back(
      {gene + " REF", prediction.unit, "head(embedding of the start site), reference"});
  if (prediction.hasEdit()) {
    table.columns.push_back(
        {gene + " ALT", prediction.unit, "head(embedding of the start site), edited"});
    table.columns.push_back({gene + " delta", prediction.unit, "ALT - REF"});
  }
  for (Eigen::Index cell = 0; cell < prediction.reference.size(); ++cell) {
    const auto at = static_cast<std::size_t>(cell);
    std::vector<Table::Cell> row = {cellNames[at]};
    if (groups) {
      const std::int32_t code = groups->codes[at];
      if (code < 0)
        row.emplace_back(std::monostate());
      else
        row.emplace_back(groups->categories[static_cast<std::size_t>(code)]);
    }
    row.emplace_back(prediction.reference[cell]);
    if (prediction.hasEdit()) {
      row.emplace_back(prediction.edited[cell]);
      row.emplace_back(prediction.edited[cell] - prediction.reference[cell]);
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

void Exporter::run(const QString& path,
                   std::function<void(const Provenance&, const Progress&)> write) {
  m_session.computes().start(
      "export " + path, tr("Export %1").arg(QFileInfo(path).fileName()),
      [request = ProvenanceRequest(m_session), write = std::move(write)](const Progress& progress) {
        write(request.complete(progress.part(0, 0.5)), progress.part(0.5, 1));
        return true;
      },
      [this, path](bool) { emit saved(path); }, [this](const QString& why) { emit failed(why); });
}

void Exporter::exportFigure(const QString& path, const FigureSource& source,
                            const FigureOptions& options, Sidecar sidecar) {
  m_session.computes().start(
      "export " + path, tr("Export %1").arg(QFileInfo(path).fileName()),
      [request = ProvenanceRequest(m_session)](const Progress& progress) {
        return request.complete(progress);
      },
      [this, path, source, options, sidecar](const Provenance& provenance) {
        try {
          FigureOptions described = options;
          described.title = source.title;
          QStringList lines;
          for (const std::string& line : provenance.headerLines())
            lines << QString::fromStdString(line);
          described.description = lines.join('\n');
          saveFigure(filePath(path), described, source.paint);
          if (sidecar == Sidecar::Json) writeSidecar(path, provenance);
          emit saved(path);
        } catch (const Error& error) {
          emit failed(QString::fromUtf8(error.what()));
        }
      },
      [this](const QString& why) { emit failed(why); });
}

void Exporter::exportTable(const QString& path, TableKind kind) {
  const HeadFitting& fitting = m_session.fitting();
  const auto save = [&](auto table) {
    run(path, [path, table](const Provenance& provenance, const Progress& progress) {
      saveTable(filePath(path), table(), provenance, progress);
    });
  };
  if (kind == TableKind::Tracks && m_session.reference()) {
    exportTracks(path);
  } else if (kind == TableKind::Cells && m_session.cellPrediction()) {
    save([cells = m_session.cellPrediction(), dataset = m_session.cells(),
          groups = m_session.groupColumn()] {
      const bool grouped = groups && groups->kind == CellColumn::Kind::Categorical;
      return cellTable(*cells, dataset->cellNames(), grouped ? groups.get() : nullptr);
    });
  } else if (kind == TableKind::Evaluation && fitting.evaluation()) {
    save([evaluation = fitting.evaluation()] { return evaluationTable(*evaluation); });
  } else if (kind == TableKind::GeneMatches && fitting.join()) {
    save([join = fitting.join(), embeddings = fitting.embeddings(), cells = m_session.cells()] {
      return geneJoinTable(*join, *embeddings, cells->genes());
    });
  } else {
    emit failed(tr("There is nothing of that kind to export yet."));
  }
}

void Exporter::exportTracks(const QString& path) {
  const auto reference = m_session.reference();
  const auto edited = m_session.edited();
  const EnformerConfig& config = m_session.predictor()->model().config();
  run(path, [path, reference, edited, names = config.trackNames, binSize = config.binSize(),
             genome = m_session.genome()](const Provenance& provenance, const Progress& progress) {
    if (!path.endsWith(".bedgraph", Qt::CaseInsensitive)) {
      const std::string unit = "per " + std::to_string(binSize) + "-bp bin";
      saveTable(filePath(path), trackTable(*reference, edited.get(), names, unit), provenance,
                progress);
      return;
    }
    const Prediction& shown = edited ? *edited : *reference;
    saveBedGraph(filePath(path),
                 binTrack(shown, 0, requireContig(*genome, shown.window.contig).length,
                          trackName(shown, 0, names)),
                 provenance);
  });
}

void Exporter::exportEdits(const QString& path) {
  if (!m_session.genome()) {
    emit failed(tr("Open a genome first."));
    return;
  }
  run(path, [path, genome = m_session.genome(), haplotype = m_session.edits().haplotype,
             locus = m_session.locus()](const Provenance& provenance, const Progress&) {
    const bool fasta =
        path.endsWith(".fa", Qt::CaseInsensitive) || path.endsWith(".fasta", Qt::CaseInsensitive);
    saveAtomic(filePath(path), fasta ? fastaText(haplotype, *genome, locus)
                                     : vcfText(haplotype, *genome, provenance.headerLines()));
  });
}

}  // namespace cellocus
