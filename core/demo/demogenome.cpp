// SPDX-License-Identifier: GPL-3.0-or-later
#include "demo/demogenome.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/seededrandom.h"
#include "demo/motifs.h"

namespace cellocus {

namespace {

struct ContigPlan {
  const char* name;
  std::int64_t length, unknownStart;  ///< the first bases are N, as at a telomere
};
constexpr std::array<ContigPlan, 3> contigPlans = {
    {{"demo1", 900'000, 8'000}, {"demo2", 650'000, 0}, {"demo3", 450'000, 0}}};

/// Each gene has a stretch of its own: 9 kb before the start site for enhancers, 8 kb for its body.
constexpr std::int64_t slotLength = 17'000, upstreamLength = 9'000;
/// Start sites keep this far from contig ends, so that the model's window fits; the last gene does
/// not.
constexpr std::int64_t marginToEnd = 100'000, edgeGeneToEnd = 26'000;
constexpr std::int64_t cleanReach = 1'000;
constexpr double cpgShareBackground = 0.22, cpgShareIsland = 0.8, islandGc = 0.62;

char otherBase(char base, SeededRandom& random) {
  constexpr std::string_view bases = "ACGT";
  const auto at = static_cast<std::int64_t>(bases.find(base));
  return bases[static_cast<std::size_t>((at + random.between(1, 3)) % 4)];
}

/// Writes `count` bases of a first-order chain: G after C is as rare as `cpgShare` says.
void writeBackground(std::string& bases, std::int64_t first, std::int64_t count, double gc,
                     double cpgShare, SeededRandom& random) {
  for (std::int64_t i = first; i < first + count; ++i) {
    const bool afterC = i > 0 && bases[static_cast<std::size_t>(i - 1)] == 'C';
    const double g = gc / 2 * (afterC ? cpgShare : 1);
    // What G loses after C goes to A and T, as methylated CpG decays to TpG and CpA.
    const double at = (1 - gc / 2 - g) / 2;
    const double drawn = random.uniform();
    bases[static_cast<std::size_t>(i)] = drawn < at                ? 'A'
                                         : drawn < 2 * at          ? 'T'
                                         : drawn < 2 * at + gc / 2 ? 'C'
                                                                   : 'G';
  }
}

/// Builds one contig after the other and remembers which bases must stay as they are.
class GenomeMaker {
 public:
  explicit GenomeMaker(std::uint64_t seed) : m_random(seed) {
    m_genome.plans = demoGenePlans(seed);
    for (const DemoFactor& factor : demoFactors())
      for (const Motif& motif : textbookMotifs())
        if (motif.name == factor.motif) m_scorers.push_back(motifScorer(motif));
  }

  DemoGenome make(const Progress& progress) {
    for (const ContigPlan& plan : contigPlans) background(plan);
    progress.at(0.1, "planting genes and sites");
    placeGenes();
    for (std::size_t gene = 0; gene < m_genome.genes.size(); ++gene) {
      progress.at(0.1 +
                  0.9 * static_cast<double>(gene) / static_cast<double>(m_genome.genes.size()));
      plant(gene);
    }
    std::sort(m_genome.sites.begin(), m_genome.sites.end(), [](const auto& a, const auto& b) {
      return std::pair(a.locus.contig, a.locus.start) < std::pair(b.locus.contig, b.locus.start);
    });
    return std::move(m_genome);
  }

 private:
  void background(const ContigPlan& plan);
  void placeGenes();
  void addGene(std::size_t contig, std::int64_t tss, Strand strand);
  void plant(std::size_t gene);
  void writeIsland();
  std::vector<Locus> writeExons(Gene& gene);
  void writeReadingFrame(const std::vector<std::int64_t>& coding);
  void plantPromoter();
  void plantEnhancer();
  bool plantSite(std::size_t factor, std::int64_t upstream, bool enhancer);
  bool sameFactorInBin(std::size_t factor, std::int64_t upstream) const;
  void removeChanceMatches();
  bool weaken(const MotifScorer& scorer, const MotifMatch& match, std::int64_t first);

  /// Position of an offset in the direction of the gene; negative is upstream.
  std::int64_t place(std::int64_t offset) const {
    return m_strand == Strand::Plus ? m_tss + offset : m_tss - offset;
  }
  char read(std::int64_t offset) const {
    const char base = (*m_bases)[static_cast<std::size_t>(place(offset))];
    return m_strand == Strand::Plus ? base : complement(base);
  }
  void write(std::int64_t offset, char base) {
    const auto at = static_cast<std::size_t>(place(offset));
    (*m_bases)[at] = m_strand == Strand::Plus ? base : complement(base);
    (*m_fixed)[at] = true;
  }

  SeededRandom m_random;
  DemoGenome m_genome;
  std::vector<MotifScorer> m_scorers;           ///< one per factor
  std::vector<std::vector<bool>> m_fixedBases;  ///< per contig
  std::vector<std::size_t> m_contigOfGene;
  // The gene that is being planted.
  std::size_t m_gene = 0;
  std::int64_t m_tss = 0;
  Strand m_strand = Strand::Plus;
  std::string* m_bases = nullptr;
  std::vector<bool>* m_fixed = nullptr;
};

void GenomeMaker::background(const ContigPlan& plan) {
  std::string bases(static_cast<std::size_t>(plan.length), 'N');
  for (std::int64_t at = plan.unknownStart; at < plan.length;) {
    const std::int64_t block = std::min(m_random.between(15'000, 60'000), plan.length - at);
    writeBackground(bases, at, block, m_random.uniform(0.36, 0.46), cpgShareBackground, m_random);
    at += block;
  }
  m_genome.contigs.push_back({plan.name, std::move(bases)});
  m_fixedBases.emplace_back(static_cast<std::size_t>(plan.length), false);
}

void GenomeMaker::placeGenes() {
  for (std::size_t contig = 0; contig < contigPlans.size(); ++contig) {
    const std::int64_t last = contigPlans[contig].length - marginToEnd;
    for (std::int64_t slot = marginToEnd; slot + slotLength <= last; slot += slotLength) {
      if (m_genome.genes.size() + 1 >= m_genome.plans.size()) break;
      const Strand strand = m_random.chance(0.5) ? Strand::Plus : Strand::Minus;
      const std::int64_t jitter = m_random.between(-400, 400);
      addGene(
          contig,
          slot + jitter + (strand == Strand::Plus ? upstreamLength : slotLength - upstreamLength),
          strand);
    }
  }
  addGene(contigPlans.size() - 1, contigPlans.back().length - edgeGeneToEnd, Strand::Plus);
  m_genome.plans.resize(m_genome.genes.size());
}

void GenomeMaker::addGene(std::size_t contig, std::int64_t tss, Strand strand) {
  const std::string digits = std::to_string(m_genome.genes.size() + 1);
  const std::string number = std::string(11 - digits.size(), '0') + digits;
  Gene gene;
  gene.id = "ENSDEMOG" + number;
  gene.symbol = m_genome.plans[m_genome.genes.size()].symbol;
  gene.biotype = "protein_coding";
  gene.description = "synthetic gene of the demo world";
  gene.strand = strand;
  gene.locus = {m_genome.contigs[contig].name, tss, tss + 1};
  gene.transcripts.push_back({"ENSDEMOT" + number, gene.locus, {}, -1, -1, false, true});
  m_genome.genes.push_back(std::move(gene));
  m_contigOfGene.push_back(contig);
}

void GenomeMaker::plant(std::size_t number) {
  Gene& gene = m_genome.genes[number];
  m_gene = number;
  m_tss = gene.locus.start;
  m_strand = gene.strand;
  m_bases = &m_genome.contigs[m_contigOfGene[number]].bases;
  m_fixed = &m_fixedBases[m_contigOfGene[number]];
  if (m_genome.plans[number].island) writeIsland();
  Transcript& transcript = gene.transcripts.front();
  transcript.exons = writeExons(gene);
  gene.locus.start = transcript.exons.front().start;
  gene.locus.end = transcript.exons.back().end;
  transcript.locus = gene.locus;
  plantPromoter();
  plantEnhancer();
  removeChanceMatches();
}

void GenomeMaker::writeIsland() {
  constexpr std::int64_t before = 400, length = 700;
  const std::int64_t first = m_strand == Strand::Plus ? m_tss - before : m_tss + before - length;
  writeBackground(*m_bases, first, length, islandGc, cpgShareIsland, m_random);
}

/// Exon 1 is untranslated and the first intron long, so that no codon lies where chance matches are
/// removed.
std::vector<Locus> GenomeMaker::writeExons(Gene& gene) {
  std::vector<std::pair<std::int64_t, std::int64_t>> exons = {{0, m_random.between(110, 240)}};
  std::int64_t at = cleanReach + m_random.between(100, 500);
  for (std::int64_t more = m_random.between(1, 5); more > 0; --more) {
    exons.emplace_back(at, at + m_random.between(90, 230));
    at = exons.back().second + m_random.between(200, 900);
  }
  std::vector<std::int64_t> coding;
  constexpr std::int64_t untranslated = 20;  // of the exon that holds the start codon
  for (std::size_t i = 1; i < exons.size(); ++i)
    for (std::int64_t offset = exons[i].first + (i == 1 ? untranslated : 0);
         offset < exons[i].second; ++offset)
      coding.push_back(offset);
  coding.resize(coding.size() / 3 * 3);
  exons.back().second += m_random.between(200, 600);

  writeReadingFrame(coding);
  for (std::size_t i = 0; i + 1 < exons.size(); ++i) {
    write(exons[i].second, 'G');
    write(exons[i].second + 1, 'T');
    write(exons[i + 1].first - 2, 'A');
    write(exons[i + 1].first - 1, 'G');
  }
  std::vector<Locus> loci;
  for (const auto& [first, end] : exons) {
    const std::int64_t a = place(first), b = place(end - 1);
    loci.push_back({gene.locus.contig, std::min(a, b), std::max(a, b) + 1});
  }
  std::sort(loci.begin(), loci.end(),
            [](const Locus& a, const Locus& b) { return a.start < b.start; });
  const std::int64_t firstBase = place(coding.front()), lastBase = place(coding.back());
  gene.transcripts.front().codingStart = std::min(firstBase, lastBase);
  gene.transcripts.front().codingEnd = std::max(firstBase, lastBase) + 1;
  return loci;
}

/// ATG ... TAA without a stop codon between.
void GenomeMaker::writeReadingFrame(const std::vector<std::int64_t>& coding) {
  for (std::size_t codon = 0; codon < coding.size(); codon += 3) {
    std::string bases = {read(coding[codon]), read(coding[codon + 1]), read(coding[codon + 2])};
    if (bases == "TAA" || bases == "TAG" || bases == "TGA") bases[0] = 'C';
    if (codon == 0) bases = "ATG";
    if (codon + 3 == coding.size()) bases = "TAA";
    for (std::size_t i = 0; i < 3; ++i) write(coding[codon + i], bases[i]);
  }
}

/// A TATA box where there is no CpG island, and the sites between 40 and 320 bases upstream; where
/// that has become too narrow, up to 450.
void GenomeMaker::plantPromoter() {
  constexpr std::int64_t nearest = 40, farthest = 310, farthestIfNarrow = 440, tata = -31;
  constexpr int attempts = 1000;
  const DemoGenePlan& plan = m_genome.plans[m_gene];
  if (!plan.island)
    for (std::size_t i = 0; const char base : std::string_view("TATAAAAG"))
      write(tata + static_cast<std::int64_t>(i++), base);
  for (const std::size_t factor : plan.promoter)
    for (int attempt = 0; attempt < attempts; ++attempt) {
      const bool narrow = attempt > attempts / 2;
      const std::int64_t upstream = m_random.between(nearest, narrow ? farthestIfNarrow : farthest);
      if (!sameFactorInBin(factor, upstream) && plantSite(factor, upstream, false)) break;
    }
}

/// A cluster of sites, 30 to 60 bases apart.
void GenomeMaker::plantEnhancer() {
  const DemoGenePlan& plan = m_genome.plans[m_gene];
  if (plan.enhancer.empty()) return;
  std::int64_t upstream = m_random.between(1'500, 7'500);
  for (const std::size_t factor : plan.enhancer) {
    plantSite(factor, upstream, true);
    upstream += m_random.between(30, 60);
  }
}

/// The model keeps one match of a motif per 128-base bin: two sites of a factor go into different
/// bins of the window around the start site, whose bin reaches from 64 bases upstream to 63
/// downstream.
bool GenomeMaker::sameFactorInBin(std::size_t factor, std::int64_t upstream) const {
  const auto binOf = [](std::int64_t bases) { return (bases + 63) / 128; };
  const auto width = static_cast<std::int64_t>(demoFactors()[factor].site.size());
  if (binOf(upstream) != binOf(upstream + width - 1)) return true;
  return std::any_of(m_genome.sites.begin(), m_genome.sites.end(), [&](const PlantedSite& site) {
    return site.gene == m_gene && site.factor == factor && !site.enhancer &&
           binOf(-site.distance) == binOf(upstream + width / 2);
  });
}

/// Writes a site that ends `upstream` bases before the start site, on a random strand; false where
/// something stands already.
bool GenomeMaker::plantSite(std::size_t factor, std::int64_t upstream, bool enhancer) {
  constexpr std::int64_t gap = 4;
  const std::string& forward = demoFactors()[factor].site;
  const auto width = static_cast<std::int64_t>(forward.size());
  const std::int64_t first = -upstream - width + 1;
  for (std::int64_t offset = first - gap; offset < first + width + gap; ++offset)
    if ((*m_fixed)[static_cast<std::size_t>(place(offset))]) return false;
  const bool alongGene = m_random.chance(0.5);
  const std::string site = alongGene ? forward : reverseComplement(forward);
  for (std::int64_t i = 0; i < width; ++i) write(first + i, site[static_cast<std::size_t>(i)]);
  const std::int64_t a = place(first), b = place(first + width - 1);
  const bool plus = alongGene == (m_strand == Strand::Plus);
  m_genome.sites.push_back(
      {{m_genome.genes[m_gene].locus.contig, std::min(a, b), std::max(a, b) + 1},
       plus ? Strand::Plus : Strand::Minus,
       factor,
       m_gene,
       first + width / 2,
       enhancer});
  return true;
}

/// Changes a base of every match of a planted factor that is no planted site. A match made up of
/// fixed bases only (a family member's site) stays.
void GenomeMaker::removeChanceMatches() {
  constexpr int rounds = 30;
  const std::int64_t first = m_tss - cleanReach;
  for (int round = 0; round < rounds; ++round) {
    bool changed = false;
    for (const MotifScorer& scorer : m_scorers) {
      const std::string_view region =
          std::string_view(*m_bases).substr(static_cast<std::size_t>(first), 2 * cleanReach);
      for (const MotifMatch& match : findMatches(scorer, region))
        changed |= weaken(scorer, match, first);
    }
    if (!changed) return;
  }
}

/// Replaces the free base whose loss costs the match most; false if none is free.
bool GenomeMaker::weaken(const MotifScorer& scorer, const MotifMatch& match, std::int64_t first) {
  std::int64_t best = -1;
  double most = 0;
  for (std::int64_t i = 0; i < scorer.width(); ++i) {
    const std::int64_t position = first + match.start + i;
    if ((*m_fixed)[static_cast<std::size_t>(position)]) continue;
    const std::int64_t column = match.strand == Strand::Plus ? i : scorer.width() - 1 - i;
    const BaseWeights& bits = scorer.bits[static_cast<std::size_t>(column)];
    const double spread = *std::max_element(bits.begin(), bits.end()) + m_random.uniform(0, 0.1);
    if (spread > most) {
      most = spread;
      best = position;
    }
  }
  if (best < 0) return false;
  char& base = (*m_bases)[static_cast<std::size_t>(best)];
  base = otherBase(base, m_random);
  return true;
}

}  // namespace

double siteWeight(std::int64_t distance) {
  constexpr double halfway = 600;
  constexpr std::int64_t reach = 16'384;
  const std::int64_t bases = std::abs(distance);
  return bases > reach ? 0 : 1 / (1 + static_cast<double>(bases) / halfway);
}

DemoGenome makeDemoGenome(std::uint64_t seed, const Progress& progress) {
  return GenomeMaker(seed).make(progress);
}

}  // namespace cellocus
