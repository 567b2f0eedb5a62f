// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/annotation.h"

#include <algorithm>
#include <tuple>
#include <unordered_set>

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "genome/annotationbuilder.h"
#include "genome/filesignature.h"
#include "genome/genome.h"

namespace cellocus {

namespace {

std::string nameKey(std::string_view name) {
  return lowered(withoutVersion(uppered(trimmed(name))));
}

bool hasMane(const Gene& gene) {
  return std::any_of(gene.transcripts.begin(), gene.transcripts.end(),
                     [](const Transcript& transcript) { return transcript.mane; });
}

/// Alternative haplotypes, patches and unplaced contigs have "_" or "." in their names.
bool onPrimaryContig(const Gene& gene) {
  return contigKey(gene.locus.contig).find_first_of("_.") == std::string::npos;
}

auto rank(const Gene& gene) {
  return std::tuple(!onPrimaryContig(gene), !hasMane(gene), -gene.locus.length());
}

void addName(std::unordered_map<std::string, std::vector<std::uint32_t>>& names, std::string key,
             std::uint32_t gene) {
  if (key.empty()) return;
  std::vector<std::uint32_t>& genes = names[std::move(key)];
  if (genes.empty() || genes.back() != gene) genes.push_back(gene);
}

/// Adds what a later file knows about a gene that is there already.
void enrich(DraftGene& known, const DraftGene& later) {
  Gene& gene = known.gene;
  if (gene.description.empty()) gene.description = later.gene.description;
  if (gene.biotype.empty()) gene.biotype = later.gene.biotype;
  for (const Transcript& transcript : later.gene.transcripts) {
    const auto same = std::find_if(gene.transcripts.begin(), gene.transcripts.end(),
                                   [&](const Transcript& t) { return t.id == transcript.id; });
    if (same != gene.transcripts.end()) {
      same->mane |= transcript.mane;
      same->canonical |= transcript.canonical;
    } else if (transcript.mane) {
      gene.transcripts.push_back(transcript);
    }
  }
  known.aliases.insert(known.aliases.end(), later.aliases.begin(), later.aliases.end());
  if (later.gene.id != gene.id) known.aliases.push_back(later.gene.id);
}

/// Genes by id and by symbol, both together with the contig: pseudoautosomal genes are on two.
class GeneDirectory {
 public:
  void add(const Gene& gene, std::size_t place) {
    const std::string contig = '\t' + contigKey(gene.locus.contig);
    m_byId.try_emplace(lowered(gene.id) + contig, place);
    m_bySymbol.try_emplace(lowered(gene.symbol) + contig, place);
  }
  /// The place of the same gene, or -1. A symbol counts only where the two overlap.
  std::ptrdiff_t find(const Gene& gene, const std::vector<DraftGene>& genes) const {
    const std::string key = contigKey(gene.locus.contig);
    if (const auto id = m_byId.find(lowered(gene.id) + '\t' + key); id != m_byId.end())
      return static_cast<std::ptrdiff_t>(id->second);
    const auto symbol = m_bySymbol.find(lowered(gene.symbol) + '\t' + key);
    if (symbol == m_bySymbol.end()) return -1;
    const Locus& other = genes[symbol->second].gene.locus;
    const bool overlap = other.start < gene.locus.end && other.end > gene.locus.start;
    return overlap ? static_cast<std::ptrdiff_t>(symbol->second) : -1;
  }

 private:
  std::unordered_map<std::string, std::size_t> m_byId, m_bySymbol;
};

}  // namespace

std::int64_t Gene::tss() const {
  const auto start = [&](const Locus& range) {
    return strand == Strand::Minus ? range.end - 1 : range.start;
  };
  for (const Transcript& transcript : transcripts)
    if (transcript.mane) return start(transcript.locus);
  for (const Transcript& transcript : transcripts)
    if (transcript.canonical) return start(transcript.locus);
  return start(locus);
}

std::string withoutVersion(std::string_view id) {
  const bool versioned = id.starts_with("ENS") || (id.size() > 3 && id[2] == '_');
  const auto dot = id.find('.');
  if (!versioned || dot == std::string_view::npos) return std::string(id);
  const auto end = std::min(id.find_first_not_of("0123456789", dot + 1), id.size());
  // "ENSG00000182378.15_PAR_Y" keeps its ending: it is another gene than the one on X.
  if (end == dot + 1 || (end < id.size() && id[end] != '_')) return std::string(id);
  return std::string(id.substr(0, dot)) + std::string(id.substr(end));
}

Error noGenes(const LineReader& reader, const SkippedLines& skipped, const std::string& fix) {
  const std::string why = skipped.count() > 0 ? " (" + skipped.first() + ")" : "";
  return Error("GTF_NO_GENES", shownPath(reader.path()), "no gene was found" + why + '.', fix);
}

std::shared_ptr<const Annotation> AnnotationBuilder::build(std::filesystem::path path,
                                                           std::vector<DraftGene> genes,
                                                           std::vector<std::string> remarks) {
  sortByLocus(genes, [](const DraftGene& draft) -> const Locus& { return draft.gene.locus; });
  auto index = std::make_shared<Annotation::Index>();
  std::shared_ptr<Annotation> result(new Annotation);
  std::unordered_set<std::string> symbols;
  for (std::uint32_t i = 0; i < genes.size(); ++i) {
    Gene& gene = genes[i].gene;
    index->intervals.append(gene.locus);
    addName(index->byName, lowered(gene.symbol), i);
    addName(index->byName, nameKey(gene.id), i);
    for (const Transcript& transcript : gene.transcripts)
      addName(index->byName, nameKey(transcript.id), i);
    for (const std::string& alias : genes[i].aliases) addName(index->byAlias, nameKey(alias), i);
    index->sortedNames.emplace_back(lowered(gene.symbol), i);
    if (gene.id != gene.symbol) index->sortedNames.emplace_back(lowered(gene.id), i);
    if (symbols.insert(gene.symbol).second) index->symbols.push_back(gene.symbol);
    index->aliases.push_back(std::move(genes[i].aliases));
    result->m_genes.push_back(std::move(gene));
  }
  std::sort(index->sortedNames.begin(), index->sortedNames.end());
  result->m_path = std::move(path);
  result->m_remarks = std::move(remarks);
  result->m_index = std::move(index);
  return result;
}

std::vector<DraftGene> AnnotationBuilder::drafts(const Annotation& annotation) {
  std::vector<DraftGene> drafts;
  for (std::size_t i = 0; i < annotation.m_genes.size(); ++i)
    drafts.push_back({annotation.m_genes[i], annotation.m_index->aliases[i]});
  return drafts;
}

std::shared_ptr<const Annotation> Annotation::open(const std::filesystem::path& path,
                                                   const Progress& progress) {
  LineReader reader(path,
                    {"GTF", "a gene annotation (GTF, GFF3 or MANE summary)", limits::gtfLineBytes},
                    progress);
  std::vector<std::string> remarks;
  std::string_view first;
  const bool mane = reader.peek(first) && first.starts_with("#NCBI_GeneID");
  std::vector<DraftGene> genes =
      mane ? readManeTable(reader, remarks) : readGeneFeatures(reader, remarks);
  return AnnotationBuilder::build(path, std::move(genes), std::move(remarks));
}

std::shared_ptr<const Annotation> Annotation::merged(
    const std::vector<std::shared_ptr<const Annotation>>& parts) {
  if (parts.empty()) return AnnotationBuilder::build({}, {}, {});
  std::vector<DraftGene> genes = AnnotationBuilder::drafts(*parts[0]);
  std::vector<std::string> remarks = parts[0]->m_remarks;
  GeneDirectory directory;
  for (std::size_t i = 0; i < genes.size(); ++i) directory.add(genes[i].gene, i);
  for (std::size_t part = 1; part < parts.size(); ++part) {
    for (DraftGene& later : AnnotationBuilder::drafts(*parts[part])) {
      const std::ptrdiff_t known = directory.find(later.gene, genes);
      if (known >= 0) {
        enrich(genes[static_cast<std::size_t>(known)], later);
      } else {
        directory.add(later.gene, genes.size());
        genes.push_back(std::move(later));
      }
    }
    remarks.insert(remarks.end(), parts[part]->m_remarks.begin(), parts[part]->m_remarks.end());
  }
  return AnnotationBuilder::build(parts[0]->m_path, std::move(genes), std::move(remarks));
}

std::vector<const Gene*> Annotation::overlapping(const Locus& locus) const {
  std::vector<const Gene*> result;
  m_index->intervals.forOverlapping(locus, [&](std::size_t i) { result.push_back(&m_genes[i]); });
  return result;
}

std::vector<const Gene*> Annotation::find(std::string_view name) const {
  const std::string key = nameKey(name);
  auto found = m_index->byName.find(key);
  if (found == m_index->byName.end()) {
    found = m_index->byAlias.find(key);
    if (found == m_index->byAlias.end()) return {};
  }
  std::vector<const Gene*> result;
  for (const std::uint32_t i : found->second) result.push_back(&m_genes[i]);
  std::stable_sort(result.begin(), result.end(),
                   [](const Gene* a, const Gene* b) { return rank(*a) < rank(*b); });
  return result;
}

std::vector<const Gene*> Annotation::startingWith(std::string_view prefix,
                                                  std::size_t limit) const {
  const std::string key = nameKey(prefix);
  if (key.empty()) return {};
  const auto& names = m_index->sortedNames;
  auto at = std::lower_bound(names.begin(), names.end(), std::pair(key, std::uint32_t{0}));
  // Exact names first, then MANE genes, then short names.
  std::vector<std::tuple<bool, bool, bool, std::size_t, std::string_view, std::uint32_t>> ranked;
  for (; at != names.end() && at->first.starts_with(key); ++at) {
    const Gene& gene = m_genes[at->second];
    ranked.emplace_back(at->first != key, !hasMane(gene), gene.biotype != "protein_coding",
                        at->first.size(), at->first, at->second);
  }
  std::sort(ranked.begin(), ranked.end());
  std::vector<const Gene*> result;
  for (const auto& entry : ranked) {
    const Gene* gene = &m_genes[std::get<5>(entry)];
    if (result.size() < limit && std::find(result.begin(), result.end(), gene) == result.end())
      result.push_back(gene);
  }
  return result;
}

std::vector<std::string> Annotation::similarSymbols(std::string_view name,
                                                    std::size_t limit) const {
  return nearest(trimmed(name), m_index->symbols, limit);
}

}  // namespace cellocus
