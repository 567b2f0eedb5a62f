// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "arguments.h"
#include "base/file.h"
#include "base/text.h"
#include "command.h"
#include "export/tables.h"
#include "genome/annotation.h"
#include "genome/genome.h"
#include "genome/haplotype.h"
#include "genome/locusquery.h"
#include "genome/vcf.h"

namespace cellocus::cli {

namespace fs = std::filesystem;

namespace {

struct Options {
  fs::path genome, annotation, bed, edits, output;
  std::vector<std::string> loci;
};

bool isBedRemark(std::string_view line) {
  return line.empty() || line[0] == '#' || line.starts_with("track") || line.starts_with("browser");
}

Locus bedLocus(std::string_view line, const Genome& genome, const std::string& where) {
  const auto cells = split(line, '\t');
  const auto start = cells.size() < 3 ? std::nullopt : parseInteger(cells[1]);
  const auto end = cells.size() < 3 ? std::nullopt : parseInteger(trimmed(cells[2]));
  if (!start || !end || *start < 0 || *end <= *start)
    throw Error("BED_LINE", where,
                "it is not a contig, a start and a larger end, separated by tabs.",
                "Correct or remove the line.");
  const Contig& contig = requireContig(genome, cells[0]);
  if (*end > contig.length)
    throw Error("BED_OUTSIDE", where,
                "it ends at " + withThousands(*end) + ", and " + contig.name + " has " +
                    withThousands(contig.length) + " bp.",
                "Check that the file belongs to this genome.");
  return {contig.name, *start, *end};
}

/// In the order of the file, because the reader pairs records with lines; BedTrack sorts.
std::vector<Locus> bedLoci(const fs::path& path, const Genome& genome) {
  const std::string text = InputFile::open(path)->readAll(1u << 30);
  if (text.starts_with("\x1f\x8b"))
    throw Error("BED_FORMAT", printable(path.string()), "it is compressed.", "Unpack it first.");
  std::vector<Locus> loci;
  std::size_t number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    const std::string where = printable(path.string()) + ", line " + std::to_string(number);
    if (!isBedRemark(trimmed(line))) loci.push_back(bedLocus(line, genome, where));
  }
  return loci;
}

std::vector<Locus> wantedLoci(const Options& options, const Genome& genome, Console& console) {
  if (!options.bed.empty()) return bedLoci(options.bed, genome);
  std::shared_ptr<const Annotation> annotation;
  if (!options.annotation.empty())
    annotation = Annotation::open(options.annotation, console.progress());
  std::vector<Locus> loci;
  for (const std::string& text : options.loci) {
    const LocusAnswer answer = resolveLocus(text, genome, annotation.get());
    if (!answer.note.empty()) console.note(answer.note);
    loci.push_back(answer.target);
  }
  return loci;
}

std::string record(const Locus& locus, const Genome& genome, const Haplotype& haplotype) {
  const std::vector<Variant> edits = haplotype.within(locus);
  std::string text = ">" + plainLocusText(locus);
  if (!edits.empty()) text += " " + hgvs(haplotype, genome);
  const std::string bases =
      edits.empty() ? genome.sequence(locus) : haplotype.sequence(genome, locus);
  constexpr std::size_t width = 60;
  for (std::size_t at = 0; at < bases.size(); at += width) text += '\n' + bases.substr(at, width);
  return text + '\n';
}

void run(const Options& options, Console& console) {
  if (options.loci.empty() == options.bed.empty())
    throw UsageError("name either loci or a --bed file.");
  if (!options.output.empty()) requireEnding(options.output, {".fa", ".fasta"});
  const auto genome = Genome::open(options.genome, console.progress());
  for (const std::string& remark : genome->remarks()) console.note(remark);
  Haplotype haplotype;
  if (!options.edits.empty())
    haplotype = haplotypeFrom(*VcfFile::open(options.edits, console.progress()), *genome);
  const std::vector<Locus> loci = wantedLoci(options, *genome, console);
  std::string text;
  for (std::size_t i = 0; i < loci.size(); ++i) {
    console.progress().at(static_cast<double>(i) / static_cast<double>(loci.size()), "bases");
    text += record(loci[i], *genome, haplotype);
  }
  if (options.output.empty()) return console.print(text);
  Provenance provenance = console.provenance();
  provenance.add("genome", options.genome, console.progress());
  if (!options.edits.empty()) provenance.add("edits", options.edits, console.progress());
  provenance.haplotype = haplotype.isReference() ? "" : hgvs(haplotype, *genome);
  saveText(options.output, text);
  // FASTA has no place for comments that every reader accepts.
  saveAtomic(options.output.string() + ".json", provenance.json().dump(2) + '\n');
}

}  // namespace

Action declareSequence(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("--genome", options->genome, "FASTA of the genome, plain or bgzipped")
      ->option_text("FILE")
      ->required();
  app.add_option("LOCUS", options->loci,
                 "Loci, 1-based and inclusive: chr8:11,700,000-11,700,100, 'GATA4 +-50kb', ...");
  app.add_option("--annotation", options->annotation,
                 "GTF, GFF3 or MANE summary: loci may name genes")
      ->option_text("FILE");
  app.add_option("--bed", options->bed, "BED file with loci, 0-based, instead of LOCUS")
      ->option_text("FILE");
  app.add_option("--edits", options->edits, "VCF whose changes are made in the sequence")
      ->option_text("FILE");
  app.add_option(
         "-o", options->output,
         "FASTA to write, .fa or .fa.gz, with FILE.json beside it that says where it comes from "
         "(default: standard output)")
      ->option_text("FILE");
  app.footer(
      "Example, on the demo world:\n"
      "  cellocus-cli make-demo demo\n"
      "  cellocus-cli sequence --genome demo/genome.fa demo1:100,001-100,060");
  return [options](Console& console) { run(*options, console); };
}

}  // namespace cellocus::cli
