// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/embedgenes.h"

#include <map>

#include "analysis/embeddingrun.h"
#include "analysis/querydesign.h"
#include "base/file.h"
#include "base/text.h"

namespace cellocus {

namespace {

std::vector<StartSite> wantedSites(const Annotation& annotation, const CellDataset* cells,
                                   std::vector<std::string>* remarks) {
  StartSites all = startSitesOf(annotation);
  if (remarks) *remarks = std::move(all.remarks);
  std::vector<StartSite> wanted;
  for (StartSite& site : all.sites)
    if (!cells || cells->findGene(site.gene) || cells->findGene(site.symbol))
      wanted.push_back(std::move(site));
  return wanted;
}

QueryDesign designFor(const EnformerConfig& config) {
  QueryDesign design;
  design.windowLength = config.windowLength;
  design.predictedLength = config.binCount() * config.binSize();
  design.binSize = config.binSize();
  design.bins = BinRule::Corrected;
  return design;
}

void remarkLost(const std::vector<LostSites>& lost, std::vector<std::string>& remarks) {
  std::map<std::string, std::int64_t> counts;
  for (const LostSites& sites : lost) ++counts[reasonText(sites.reason)];
  for (const auto& [reason, count] : counts)
    remarks.push_back(withThousands(count) + " genes have no embedding: " + reason + ".");
}

RunFacts factsOf(const GeneEmbeddingRequest& request, const std::vector<QueryWindow>& windows) {
  RunFacts facts = runFacts(windows, {});
  facts.emplace_back("gamma", gammaName(request.model->config().gamma));
  facts.emplace_back("precision", precisionName(request.model->config().precision));
  for (const Provenance::File& file : request.provenance.files)
    facts.emplace_back(file.role, file.sha256);
  return facts;
}

}  // namespace

std::int64_t embeddableGenes(const Annotation& annotation, const CellDataset* cells) {
  try {
    return std::ssize(wantedSites(annotation, cells, nullptr));
  } catch (const Error&) {
    return 0;  // an annotation without genes has nothing to embed
  }
}

GeneEmbeddings embedGenes(const GeneEmbeddingRequest& request, const Progress& progress) {
  GeneEmbeddings result;
  const std::vector<StartSite> sites =
      wantedSites(*request.annotation, request.cells.get(), &result.remarks);
  DesignedQueries designed =
      designQueries(sites, request.genome->contigs(), designFor(request.model->config()));
  remarkLost(designed.lost, result.remarks);
  result.windows = std::move(designed.windows);
  if (result.windows.empty())
    throw Error("TSS_EMPTY", request.annotation->path().filename().string(),
                "none of its protein-coding genes lies on the open genome" +
                    std::string(request.cells ? " and among the genes of the cells." : "."),
                "Open the annotation that belongs to genome and cells.");
  const EmbeddingJournal journal{journalFolder(request.output), factsOf(request, result.windows)};
  EmbeddingRun run =
      embedWindows(*request.model, *request.genome, result.windows, {}, journal, progress);
  result.remarks.insert(result.remarks.end(), run.remarks.begin(), run.remarks.end());
  result.file.embedding = std::move(run.embedding);
  result.file.gamma = gammaName(request.model->config().gamma);
  for (const QueryWindow& window : result.windows) {
    result.file.geneIds.push_back(window.geneId);
    result.file.geneSymbols.push_back(window.symbol);
    result.file.windows.push_back(plainLocusText(window.window));
  }
  writeEmbeddings(request.output, result.file, {{"provenance", request.provenance.json().dump()}});
  result.windowsPath = std::filesystem::path(request.output).replace_extension(".windows.tsv");
  saveAtomic(result.windowsPath, queryFileText(result.windows));
  removeJournal(journal.folder);
  return result;
}

}  // namespace cellocus
