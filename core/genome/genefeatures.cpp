// SPDX-License-Identifier: GPL-3.0-or-later
// GTF (https://mblab.wustl.edu/GTF22.html) and GFF3 (Sequence Ontology) as GENCODE, Ensembl, RefSeq
// and UCSC write them.
#include <algorithm>
#include <array>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "genome/annotationbuilder.h"

namespace cellocus {

namespace {

enum class Dialect { Gtf, Gff3 };
enum class Part { Gene, Transcript, Exon, Coding, Ignored };

struct Feature {
  std::string_view contig, type, attributes;
  Locus locus;
  Strand strand = Strand::Unknown;
};

/// %2C and the like of GFF3.
std::string unescaped(std::string_view text) {
  std::string result;
  const auto digit = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
        digit(text[i + 2]) >= 0) {
      result += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

/// Calls `visit(key, value)` for `key "value";` pairs; a semicolon within quotes is part of the
/// value.
template <typename Visit>
void forGtfAttributes(std::string_view text, const Visit& visit) {
  for (;;) {
    const auto keyStart = text.find_first_not_of(" ;\t");
    if (keyStart == std::string_view::npos) return;
    text.remove_prefix(keyStart);
    const auto keyEnd = text.find_first_of(" ;");
    if (keyEnd == std::string_view::npos) return;
    const std::string_view key = text.substr(0, keyEnd);
    text.remove_prefix(keyEnd);
    const auto valueStart = text.find_first_not_of(' ');
    if (valueStart == std::string_view::npos) return;
    text.remove_prefix(valueStart);
    const bool quoted = text[0] == '"';
    if (quoted) text.remove_prefix(1);
    const auto valueEnd = std::min(text.find(quoted ? '"' : ';'), text.size());
    visit(key, quoted ? text.substr(0, valueEnd) : trimmed(text.substr(0, valueEnd)));
    text.remove_prefix(std::min(valueEnd + 1, text.size()));
  }
}

template <typename Visit>
void forGff3Attributes(std::string_view text, const Visit& visit) {
  while (!text.empty()) {
    const auto end = std::min(text.find(';'), text.size());
    const std::string_view pair = trimmed(text.substr(0, end));
    if (const auto equals = pair.find('='); equals != std::string_view::npos)
      visit(pair.substr(0, equals), pair.substr(equals + 1));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

/// The attributes that mean something here, under one name whoever wrote them.
struct Attributes {
  std::string_view id, parent;  // of GFF3
  std::string_view geneId, transcriptId, name, biotype, description;
  std::vector<std::string_view> aliases;
  bool mane = false, canonical = false;
};

void takeTags(Attributes& attributes, std::string_view tags) {
  for (const std::string_view tag : split(tags, ',')) {
    if (tag == "MANE_Select" || tag == "MANE Select") attributes.mane = true;
    if (tag == "Ensembl_canonical" || tag == "RefSeq Select") attributes.canonical = true;
  }
}

void takeAttribute(Attributes& attributes, Dialect dialect, std::string_view key,
                   std::string_view value) {
  if (value.empty()) return;
  if (key == "gene_id")
    attributes.geneId = value;
  else if (key == "transcript_id")
    attributes.transcriptId = value;
  else if (key == "gene_name" || key == "gene")
    attributes.name = value;
  else if (key == "gene_type" || key == "gene_biotype")
    attributes.biotype = value;
  else if (key == "description")
    attributes.description = value;
  else if (key == "tag")
    takeTags(attributes, value);
  else if (key == "gene_synonym" || key == "Dbxref" || key == "db_xref" || key == "hgnc_id" ||
           key == "Alias")
    attributes.aliases.push_back(value);
  else if (dialect == Dialect::Gff3 && key == "ID")
    attributes.id = value;
  else if (dialect == Dialect::Gff3 && key == "Parent")
    attributes.parent = value;
  else if (dialect == Dialect::Gff3 && key == "Name" && attributes.name.empty())
    attributes.name = value;
  else if (dialect == Dialect::Gff3 && key == "biotype" && attributes.biotype.empty())
    attributes.biotype = value;
}

Attributes parseAttributes(std::string_view text, Dialect dialect) {
  Attributes attributes;
  const auto take = [&](std::string_view key, std::string_view value) {
    takeAttribute(attributes, dialect, key, value);
  };
  if (dialect == Dialect::Gtf)
    forGtfAttributes(text, take);
  else
    forGff3Attributes(text, take);
  return attributes;
}

/// "gene:ENSG00000136574", "gene-GATA4" -> the id itself.
std::string bareId(std::string_view id) {
  for (const std::string_view prefix : {"gene:", "gene-", "transcript:", "rna-"})
    if (id.starts_with(prefix)) return withoutVersion(id.substr(prefix.size()));
  return withoutVersion(id);
}

/// Collects genes, transcripts and their parts in any order and joins them at the end.
class FeatureCollector {
 public:
  explicit FeatureCollector(Dialect dialect) : m_dialect(dialect) {}

  /// The reason why the line cannot be used, or nothing.
  std::string_view add(const Feature& feature, std::size_t line);
  std::vector<DraftGene> finish(SkippedLines& skipped);

 private:
  struct DraftTranscript {
    Transcript transcript;
    std::string parent;  ///< key of a gene or transcript; empty if none was given
    Strand strand = Strand::Unknown;
    std::size_t line = 0;
    bool declared = false;  ///< has a line of its own, not only parts
  };

  Part partOf(std::string_view type, const Attributes& attributes) const;
  void addGene(const Feature& feature, const Attributes& attributes, bool declared);
  void addTranscript(const Feature& feature, const Attributes& attributes, std::size_t line);
  void addPart(const Feature& feature, std::string_view transcriptId, std::string geneKey,
               Part part, std::size_t line);
  DraftTranscript& transcript(const std::string& key, std::size_t line);
  DraftGene* geneOf(const DraftTranscript& draft);
  static std::string keyOf(std::string_view id, std::string_view contig) {
    return std::string(id) + '\t' + std::string(contig);
  }

  Dialect m_dialect;
  std::vector<DraftGene> m_genes;
  std::vector<bool> m_declared;  ///< per gene: has a line of its own
  std::unordered_map<std::string, std::size_t> m_geneOfKey;
  std::vector<DraftTranscript> m_transcripts;
  std::unordered_map<std::string, std::size_t> m_transcriptOfKey;
};

Part FeatureCollector::partOf(std::string_view type, const Attributes& attributes) const {
  if (type == "exon") return Part::Exon;
  if (type == "CDS" || type == "stop_codon") return Part::Coding;
  if (m_dialect == Dialect::Gtf) {
    if (type == "gene") return Part::Gene;
    return type == "transcript" || type == "mRNA" ? Part::Transcript : Part::Ignored;
  }
  if (type == "gene" || type == "pseudogene" || type.ends_with("_gene")) return Part::Gene;
  constexpr std::array<std::string_view, 6> others = {
      "start_codon",     "intron", "five_prime_UTR",
      "three_prime_UTR", "UTR",    "stop_codon_redefined_as_selenocysteine"};
  const bool known = std::find(others.begin(), others.end(), type) != others.end();
  return !known && !attributes.id.empty() && !attributes.parent.empty() ? Part::Transcript
                                                                        : Part::Ignored;
}

std::string_view FeatureCollector::add(const Feature& feature, std::size_t line) {
  if (m_dialect == Dialect::Gtf && feature.type != "gene" && feature.type != "transcript" &&
      feature.type != "mRNA" && feature.type != "exon" && feature.type != "CDS" &&
      feature.type != "stop_codon")
    return {};
  const Attributes attributes = parseAttributes(feature.attributes, m_dialect);
  const Part part = partOf(feature.type, attributes);
  if (part == Part::Ignored) return {};
  if (m_dialect == Dialect::Gtf) {
    if (attributes.geneId.empty()) return "gene_id is missing";
    if (part != Part::Gene && attributes.transcriptId.empty()) return "transcript_id is missing";
    addGene(feature, attributes, part == Part::Gene);
  } else {
    if (part == Part::Gene && attributes.id.empty()) return "the gene has no ID";
    if ((part == Part::Exon || part == Part::Coding) && attributes.parent.empty())
      return "Parent is missing";
    if (part == Part::Gene) addGene(feature, attributes, true);
  }
  if (part == Part::Transcript) addTranscript(feature, attributes, line);
  if (part != Part::Exon && part != Part::Coding) return {};
  if (m_dialect == Dialect::Gtf) {
    addPart(feature, attributes.transcriptId, keyOf(attributes.geneId, feature.contig), part, line);
  } else {
    for (const std::string_view parent : split(attributes.parent, ','))
      addPart(feature, parent, {}, part, line);
  }
  return {};
}

void FeatureCollector::addGene(const Feature& feature, const Attributes& attributes,
                               bool declared) {
  const std::string_view id = m_dialect == Dialect::Gtf ? attributes.geneId : attributes.id;
  const auto [place, isNew] = m_geneOfKey.try_emplace(keyOf(id, feature.contig), m_genes.size());
  if (isNew) {
    m_genes.emplace_back();
    m_declared.push_back(false);
  }
  if (!isNew && (!declared || m_declared[place->second])) {
    if (m_declared[place->second]) return;
    Locus& range = m_genes[place->second].gene.locus;  // grows with its transcripts and exons
    range.start = std::min(range.start, feature.locus.start);
    range.end = std::max(range.end, feature.locus.end);
    return;
  }
  m_declared[place->second] = declared;
  DraftGene& draft = m_genes[place->second];
  Gene& gene = draft.gene;
  const bool escaped = m_dialect == Dialect::Gff3;
  const auto text = [&](std::string_view value) {
    return escaped ? unescaped(value) : std::string(value);
  };
  gene.id = text(attributes.geneId.empty() ? bareId(id) : withoutVersion(attributes.geneId));
  gene.symbol = attributes.name.empty() ? gene.id : text(attributes.name);
  gene.biotype = text(attributes.biotype);
  gene.description = text(attributes.description);
  gene.locus = feature.locus;
  gene.strand = feature.strand;
  for (const std::string_view alias : attributes.aliases)
    for (const std::string_view one : split(alias, ','))
      draft.aliases.push_back(text(trimmed(one)));
}

FeatureCollector::DraftTranscript& FeatureCollector::transcript(const std::string& key,
                                                                std::size_t line) {
  const auto [place, isNew] = m_transcriptOfKey.try_emplace(key, m_transcripts.size());
  if (isNew) {
    m_transcripts.emplace_back();
    m_transcripts.back().line = line;
  }
  return m_transcripts[place->second];
}

void FeatureCollector::addTranscript(const Feature& feature, const Attributes& attributes,
                                     std::size_t line) {
  const bool gtf = m_dialect == Dialect::Gtf;
  const std::string_view id = gtf ? attributes.transcriptId : attributes.id;
  DraftTranscript& draft = transcript(keyOf(id, feature.contig), line);
  const std::string_view shown = attributes.transcriptId.empty() ? id : attributes.transcriptId;
  draft.transcript.id = gtf ? withoutVersion(shown) : unescaped(bareId(shown));
  draft.transcript.locus = feature.locus;
  draft.transcript.mane |= attributes.mane;
  draft.transcript.canonical |= attributes.canonical;
  draft.strand = feature.strand;
  draft.parent =
      keyOf(gtf ? attributes.geneId : split(attributes.parent, ',').front(), feature.contig);
  draft.declared = true;
}

void FeatureCollector::addPart(const Feature& feature, std::string_view transcriptId,
                               std::string geneKey, Part part, std::size_t line) {
  DraftTranscript& draft = transcript(keyOf(transcriptId, feature.contig), line);
  Transcript& target = draft.transcript;
  if (target.id.empty()) target.id = bareId(transcriptId);
  if (draft.parent.empty()) draft.parent = std::move(geneKey);
  if (draft.strand == Strand::Unknown) draft.strand = feature.strand;
  if (!draft.declared) {
    const bool first = target.locus.contig.empty();
    target.locus = {feature.locus.contig,
                    first ? feature.locus.start : std::min(target.locus.start, feature.locus.start),
                    std::max(target.locus.end, feature.locus.end)};
  }
  if (part == Part::Exon) {
    target.exons.push_back(feature.locus);
    return;
  }
  const bool first = target.codingStart < 0;
  target.codingStart =
      first ? feature.locus.start : std::min(target.codingStart, feature.locus.start);
  target.codingEnd = std::max(target.codingEnd, feature.locus.end);
}

DraftGene* FeatureCollector::geneOf(const DraftTranscript& draft) {
  std::string key = draft.parent;
  // RefSeq's micro RNAs hang on a primary transcript, which hangs on the gene.
  for (int depth = 0; depth < 4; ++depth) {
    if (const auto gene = m_geneOfKey.find(key); gene != m_geneOfKey.end())
      return &m_genes[gene->second];
    const auto parent = m_transcriptOfKey.find(key);
    if (parent == m_transcriptOfKey.end()) return nullptr;
    key = m_transcripts[parent->second].parent;
  }
  return nullptr;
}

std::vector<DraftGene> FeatureCollector::finish(SkippedLines& skipped) {
  for (auto& [key, place] : m_transcriptOfKey)
    // Parts that hang on a gene directly, as those of mitochondrial genes in RefSeq.
    if (m_transcripts[place].parent.empty() && m_geneOfKey.contains(key))
      m_transcripts[place].parent = key;
  for (DraftTranscript& draft : m_transcripts) {
    DraftGene* owner = geneOf(draft);
    if (!owner) {
      skipped.add("the gene or transcript to which it belongs is not in the file", draft.line);
      continue;
    }
    auto& exons = draft.transcript.exons;
    std::sort(exons.begin(), exons.end(),
              [](const Locus& a, const Locus& b) { return a.start < b.start; });
    owner->gene.transcripts.push_back(std::move(draft.transcript));
  }
  return std::move(m_genes);
}

std::optional<Strand> parseStrand(std::string_view text) {
  if (text == "+") return Strand::Plus;
  if (text == "-") return Strand::Minus;
  if (text == "." || text == "?") return Strand::Unknown;
  return std::nullopt;
}

/// Fills `feature`, or says why the line cannot be used.
std::string_view parseFeature(std::string_view line, Feature& feature) {
  const auto fields = split(line, '\t');
  if (fields.size() != 9)
    return fields.size() == 1 ? "the line has no tabs" : "the line has not nine columns";
  const auto start = parseInteger(fields[3]);
  const auto end = parseInteger(fields[4]);
  if (!start || !end) return "a position is no whole number";
  if (*start < 1) return "the start is below 1 (exported with positions from 0?)";
  if (*start > *end) return "the start lies after the end";
  const auto strand = parseStrand(fields[6]);
  if (!strand) return "the strand is none of + - . ?";
  const std::string_view phase = fields[7];
  if (phase != "." && phase != "0" && phase != "1" && phase != "2")
    return "the phase is none of 0 1 2 .";
  if (fields[0].empty() || fields[2].empty()) return "the contig or the type is empty";
  feature.contig = fields[0];
  feature.type = fields[2];
  feature.attributes = fields[8];
  feature.locus.contig = fields[0];
  feature.locus.start = *start - 1;
  feature.locus.end = *end;
  feature.strand = *strand;
  return {};
}

/// Judges by the first line of data; a "##gff-version 3" line alone does not tell (some GTF have
/// one).
std::optional<Dialect> dialectOf(std::string_view line) {
  const auto fields = split(line, '\t');
  if (fields.size() != 9) return std::nullopt;
  const std::string_view attributes = trimmed(fields[8]);
  const auto sign = attributes.find_first_of(" =");
  if (sign == std::string_view::npos) return std::nullopt;
  return attributes[sign] == '=' ? Dialect::Gff3 : Dialect::Gtf;
}

[[noreturn]] void refuseFormat(const LineReader& reader, std::string_view line) {
  const bool spaces =
      line.find('\t') == std::string_view::npos && line.find(' ') != std::string_view::npos;
  if (spaces)
    reader.fail("_SPACES", "columns are separated by spaces; a GTF or GFF3 needs tabs.",
                "Export the file again with tabs.");
  reader.fail("_FORMAT",
              "it is neither a GTF, a GFF3 nor a MANE summary: \"" + printable(line, 60) +
                  "\" has not the nine columns of a feature.",
              "Choose a gene annotation, e.g. from GENCODE.");
}

}  // namespace

std::vector<DraftGene> readGeneFeatures(LineReader& reader, std::vector<std::string>& remarks) {
  std::optional<FeatureCollector> collector;
  SkippedLines skipped;
  std::size_t read = 0;
  std::string_view line;
  std::string firstBadLine;
  Feature feature;
  while (reader.next(line)) {
    if (line.starts_with("##FASTA") || line.starts_with('>')) break;  // GFF3 may carry the sequence
    if (line.empty() || line[0] == '#' || line.starts_with("track ") ||
        line.starts_with("browser "))
      continue;
    ++read;
    if (!collector) {
      const auto dialect = dialectOf(line);
      // A broken line or two at the beginning are skipped like any other; more are another kind of
      // file.
      if (!dialect && read >= 3) refuseFormat(reader, firstBadLine);
      if (!dialect && firstBadLine.empty()) firstBadLine = line;
      if (dialect) collector.emplace(*dialect);
    }
    std::string_view reason = parseFeature(line, feature);
    if (reason.empty() && collector) reason = collector->add(feature, reader.number());
    if (!reason.empty()) skipped.add(reason, reader.number());
  }
  if (!collector && read > 0) refuseFormat(reader, firstBadLine);
  std::vector<DraftGene> genes;
  if (collector) genes = collector->finish(skipped);
  if (genes.empty())
    throw noGenes(reader, skipped, "Choose a gene annotation with gene, transcript or exon lines.");
  for (std::string& remark : skipped.remarks(read)) remarks.push_back(std::move(remark));
  return genes;
}

}  // namespace cellocus
