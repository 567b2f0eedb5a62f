// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <filesystem>
#include <memory>
#include <set>
#include <string>

#include "analysis/querydesign.h"
#include "analysis/regionsplit.h"
#include "arguments.h"
#include "base/file.h"
#include "base/text.h"
#include "choice.h"
#include "command.h"
#include "export/tables.h"
#include "genome/annotation.h"
#include "genome/genome.h"

namespace cellocus::cli {

namespace fs = std::filesystem;

namespace {

constexpr const char* usualColumns = "chrom=1,position=3,strand=6,gene=7,symbol=8";

struct Options {
  fs::path list, annotation, genome, sizes, regions, splitFiles, lost, output;
  std::string columns = usualColumns;
  std::optional<PositionBase> base;
  QueryDesign design;
  SeveralSites separate = SeveralSites::Separate;
  bool stitch = false, stripVersions = false;
  SplitOptions split;
};

const Choices<PositionBase> bases = {{"0", PositionBase::Zero}, {"1", PositionBase::One}};
const Choices<BinRule> binRules = {{"as-published", BinRule::AsPublished},
                                   {"corrected", BinRule::Corrected}};
const Choices<SeveralSites> separations = {{"as-published", SeveralSites::SeparateAsPublished},
                                           {"corrected", SeveralSites::Separate}};
const Choices<SplitRule> splitRules = {{"as-published", SplitRule::AsPublished},
                                       {"corrected", SplitRule::Corrected}};

/// "chrom=1,position=3": what is not named is not in the file.
SiteColumns columnsOf(const std::string& text) {
  std::map<std::string, int> named;
  for (const std::string& item : listOf("--columns", text)) {
    const auto equals = item.find('=');
    const auto number =
        equals == std::string::npos ? std::nullopt : parseInteger(item.substr(equals + 1));
    if (!number || *number < 1 || *number > 10'000)
      throw UsageError("--columns: '" + printable(item) +
                       "' is no name and number of a column; write for example gene=7.");
    named[item.substr(0, equals)] = static_cast<int>(*number);
  }
  const auto taken = [&named](const std::string& name) -> std::optional<int> {
    const auto node = named.extract(name);
    return node ? std::optional(node.mapped()) : std::nullopt;
  };
  const auto contig = taken("chrom"), position = taken("position");
  if (!contig || !position) throw UsageError("--columns: chrom and position are needed.");
  const SiteColumns columns{*contig, *position, taken("strand"), taken("gene"), taken("symbol")};
  if (!named.empty())
    throw UsageError("--columns: '" + printable(named.begin()->first) +
                     "' is none of chrom, position, strand, gene and symbol.");
  return columns;
}

void note(const std::vector<std::string>& remarks, Console& console) {
  for (const std::string& remark : remarks) console.note(remark);
}

std::vector<Contig> contigsOf(const Options& options, Console& console) {
  if (!options.sizes.empty()) return readContigSizes(options.sizes);
  const auto genome = Genome::open(options.genome, console.progress().part(0, 0.5));
  note(genome->remarks(), console);
  return genome->contigs();
}

StartSites sitesOf(const Options& options, Console& console) {
  const Progress progress = console.progress().part(0.5, 0.8);
  if (!options.list.empty())
    return readStartSites(options.list, columnsOf(options.columns), options.base, progress);
  const auto annotation = Annotation::open(options.annotation, progress);
  note(annotation->remarks(), console);
  return startSitesOf(*annotation);
}

/// How many start sites got no window, why, and the first of their genes.
std::string lostText(const std::vector<LostSites>& lost) {
  std::map<std::string, std::int64_t> reasons;
  std::set<std::string> genes;
  std::string first;
  for (const LostSites& one : lost) {
    reasons[reasonText(one.reason)] += std::ssize(one.positions);
    if (genes.insert(one.gene).second && genes.size() <= 5)
      first += (first.empty() ? "" : ", ") + printable(one.symbol);
  }
  std::string text = "No window for start sites of " + withThousands(std::ssize(genes)) +
                     (genes.size() == 1 ? " gene (" : " genes (") + first +
                     (genes.size() > 5 ? ", ...):" : "):");
  for (const auto& [reason, count] : reasons)
    text += ' ' + withThousands(count) + " - " + reason + ';';
  text.back() = '.';
  return text + " --lost FILE lists them.";
}

Table lostTable(const std::vector<LostSites>& lost) {
  Table table;
  table.columns = {{"gene_id", "", ""},
                   {"gene_symbol", "", ""},
                   {"chrom", "", ""},
                   {"position", "bp, from 1", ""},
                   {"reason", "", ""}};
  for (const LostSites& one : lost)
    for (const std::int64_t position : one.positions)
      table.rows.push_back(
          {one.gene, one.symbol, one.contig, position + 1, reasonText(one.reason)});
  return table;
}

std::string setText(SplitSet set) {
  return set == SplitSet::Unassigned ? "none" : std::string(splitSetName(set));
}

ExtraColumn setColumn(const RegionSplit& split) {
  ExtraColumn column{"set", {}};
  for (std::size_t i = 0; i < split.setOf.size(); ++i)
    column.values.push_back(setText(split.usedAs(i)));
  return column;
}

constexpr std::array sets = {SplitSet::Train, SplitSet::Valid, SplitSet::Test};

std::string splitText(const RegionSplit& split) {
  std::string text = "In Enformer's regions: ";
  for (const SplitSet set : sets)
    text += withThousands(static_cast<std::int64_t>(split.count(set))) + ' ' + setText(set) + ", ";
  return text + withThousands(static_cast<std::int64_t>(split.count(SplitSet::Unassigned))) +
         (split.options.rule == SplitRule::AsPublished ? " in none (used as train, as published)."
                                                       : " in none (in no set).");
}

void saveSplitFiles(const Options& options, const RegionSplit& split,
                    const std::vector<QueryWindow>& windows) {
  const VersionOf version = options.stripVersions ? VersionOf::Stripped : VersionOf::Kept;
  for (const SplitSet set : sets) {
    saveAtomic(options.splitFiles.string() + '_' + setText(set) + ".txt",
               setListText(split, windows, set, version));
    saveAtomic(options.splitFiles.string() + "_full_" + setText(set) + ".tsv",
               setTableText(split, windows, set, version));
  }
}

Provenance provenanceOf(const Options& options, Console& console) {
  const Progress progress = console.progress().part(0.9, 1);
  Provenance provenance = console.provenance();
  for (const auto& [role, path] : {std::pair("start sites", options.list),
                                   {"annotation", options.annotation},
                                   {"genome", options.genome},
                                   {"contig sizes", options.sizes},
                                   {"regions", options.regions}})
    if (!path.empty()) provenance.add(role, path, progress);
  return provenance;
}

void checkUsage(const Options& options) {
  if (options.list.empty() == options.annotation.empty())
    throw UsageError("name either a list of start sites (--tss) or an annotation (--gtf).");
  if (options.genome.empty() == options.sizes.empty())
    throw UsageError("name either the genome (--genome) or the lengths of its contigs (--sizes).");
  if (options.regions.empty() && !options.splitFiles.empty())
    throw UsageError("--split-files needs the regions (--split).");
  requireEnding(options.output, {".tsv"});
  if (!options.lost.empty()) requireEnding(options.lost, {".tsv", ".csv"});
}

void run(const Options& options, Console& console) {
  checkUsage(options);
  QueryDesign design = options.design;
  design.several = options.stitch ? SeveralSites::Stitched : options.separate;
  const std::vector<Contig> contigs = contigsOf(options, console);
  const StartSites sites = sitesOf(options, console);
  note(sites.remarks, console);
  const DesignedQueries queries = designQueries(sites.sites, contigs, design);
  note(queries.remarks, console);
  if (!queries.lost.empty() && options.lost.empty()) console.note(lostText(queries.lost));
  if (queries.windows.empty())
    throw Error("WINDOWS_NONE", shownPath(options.list.empty() ? options.annotation : options.list),
                "there is a window for none of its start sites; for the first one because: " +
                    reasonText(queries.lost.front().reason) + ".",
                "Check that genome and start sites belong together, and the sizes of the window.");
  std::vector<ExtraColumn> extra;
  if (!options.regions.empty()) {
    const RegionSplit split = splitByRegions(
        queries.windows, readSetRegions(options.regions, console.progress().part(0.8, 0.9)),
        options.split);
    console.note(splitText(split));
    extra.push_back(setColumn(split));
    if (!options.splitFiles.empty()) saveSplitFiles(options, split, queries.windows);
  }
  const Provenance provenance = provenanceOf(options, console);
  if (!options.lost.empty()) saveTable(options.lost, lostTable(queries.lost), provenance);
  saveText(options.output, queryFileText(queries.windows, extra));
  // seq2cells reads no comments in a query file.
  saveAtomic(options.output.string() + ".json", provenance.json().dump(2) + '\n');
}

void addInputs(CLI::App& app, Options& options) {
  app.add_option("--tss", options.list,
                 "Start sites: BED or another table without a header, plain or gzipped")
      ->option_text("FILE");
  app.add_option("--gtf", options.annotation,
                 "Instead: GTF, GFF3 or MANE table; MANE or canonical start sites of "
                 "protein-coding genes")
      ->option_text("FILE");
  app.add_option("--genome", options.genome, "FASTA of the genome, for the lengths of its contigs")
      ->option_text("FILE");
  app.add_option("--sizes", options.sizes, "Instead: FASTA index (.fai) or chrom.sizes")
      ->option_text("FILE");
  app.add_option("--columns", options.columns,
                 "Columns of --tss, from 1; those not named are not there")
      ->option_text("NAME=N,...")
      ->capture_default_str();
  app.add_option_function<std::string>(
         "--position-base", [&options](const std::string& base) { options.base = bases.at(base); },
         "What the positions of --tss count from: BED ends 1, BED starts 0 (default: 1)")
      ->option_text("0|1")
      ->check(CLI::IsMember(bases));
}

void addDesign(CLI::App& app, Options& options) {
  app.add_option_function<std::string>(
         "--stitch",
         [&options](const std::string& reach) {
           options.stitch = true;
           // Without a value the parser hands over a word for "yes".
           if (const auto number = parseInteger(reach)) options.design.stitchWithin = *number;
         },
         "One window for all start sites of a gene within so many bp (default: 50000), else one "
         "for each")
      ->expected(0, 1)
      ->option_text("[BP]");
  const auto size = [&app](const std::string& name, std::int64_t& value,
                           const std::string& purpose) {
    app.add_option(name, value, purpose)
        ->option_text("BP")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 30))
        ->capture_default_str();
  };
  size("--window", options.design.windowLength, "Bases that the model reads");
  size("--predicted", options.design.predictedLength, "Bases in the middle that it predicts");
  size("--bin", options.design.binSize, "Bases of one of its bins");
  addChoice(app, "--bins", options.design.bins, binRules,
            "as-published: the first base of a bin counts for the bin before, as seq2cells counts; "
            "corrected: for its own");
  addChoice(app, "--separate", options.separate, separations,
            "Without --stitch. corrected: a window for each start site; as-published: what "
            "seq2cells' --no-stitch does to genes with several");
}

void addSplit(CLI::App& app, Options& options) {
  app.add_option(
         "--split", options.regions,
         "Enformer's sequences.bed: adds a column 'set' with train, valid or test (or none)")
      ->option_text("FILE");
  addChoice(
      app, "--split-rule", options.split.rule, splitRules,
      "as-published: centre of the window, region that ends nearest, in no region means "
      "train; corrected: start site, region whose centre is nearest, in no region means none");
  app.add_option("--split-trim", options.split.trim, "bp taken from both ends of each region")
      ->option_text("BP")
      ->check(CLI::Range(0, 1 << 30))
      ->capture_default_str();
  app.add_option("--split-files", options.splitFiles,
                 "Also write PREFIX_train.txt, PREFIX_full_train.tsv and so on, as seq2cells does")
      ->option_text("PREFIX");
  app.add_flag("--strip", options.stripVersions, "Gene ids without version in these files");
}

}  // namespace

Action declareWindows(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  addInputs(app, *options);
  addDesign(app, *options);
  addSplit(app, *options);
  app.add_option("--lost", options->lost, "Table of start sites without a window, .tsv or .csv")
      ->option_text("FILE");
  app.add_option("-o", options->output, "Output, .tsv: the thirteen columns of seq2cells")
      ->option_text("FILE")
      ->required();
  app.footer(
      "Example, on the demo world:\n"
      "  cellocus-cli make-demo demo\n"
      "  cellocus-cli windows --gtf demo/genes.gtf --genome demo/genome.fa -o windows.tsv");
  return [options](Console& console) { run(*options, console); };
}

}  // namespace cellocus::cli
