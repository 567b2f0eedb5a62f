// SPDX-License-Identifier: GPL-3.0-or-later
#include "predictplan.h"

#include <algorithm>
#include <set>

#include "analysis/predictor.h"
#include "base/text.h"
#include "command.h"
#include "genome/annotation.h"
#include "genome/locusquery.h"
#include "genome/vcf.h"

namespace cellocus::cli {

namespace fs = std::filesystem;

namespace {

bool isHead(const EnformerConfig& config, const std::string& name) {
  return std::ranges::any_of(config.outputHeads,
                             [&](const auto& head) { return head.name == name; });
}

std::string defaultWhat(const EnformerConfig& config, const fs::path& output) {
  if (endingOf(output) != ".h5" && !config.outputHeads.empty())
    return config.outputHeads.front().name;
  std::string what = "embedding";
  for (const auto& head : config.outputHeads) what += "," + head.name;
  return what;
}

PredictWanted wantedOf(const PredictOptions& options, const EnformerConfig& config,
                       const std::vector<std::string>& trackNames) {
  PredictWanted wanted;
  if (!options.tracks.empty()) wanted.tracks = tracksOf(options.tracks, config, trackNames);
  std::string what = options.what;
  if (what.empty() && wanted.tracks.empty()) what = defaultWhat(config, options.output);
  std::set<std::string> heads;
  for (const std::string& item :
       what.empty() ? std::vector<std::string>() : listOf("--what", what)) {
    if (item == "embedding")
      wanted.embedding = true;
    else if (item == "tower")
      wanted.tower = true;
    else if (item == "layers")
      wanted.layers = true;
    else if (isHead(config, item))
      heads.insert(item);
    else
      throw UsageError("--what: '" + printable(item) +
                       "' is neither embedding, tower, layers nor a "
                       "head of this model.");
  }
  // Naming tracks is asking for their heads.
  for (const auto& [head, numbers] : wanted.tracks) heads.insert(head);
  wanted.heads.assign(heads.begin(), heads.end());
  return wanted;
}

void checkOutput(const PredictOptions& options, const PredictPlan& plan) {
  const PredictWanted& wanted = plan.wanted;
  const std::string ending = endingOf(options.output);
  if (ending == ".h5") return;
  if (wanted.embedding || wanted.tower || wanted.layers || wanted.heads.empty())
    throw UsageError(
        "-o: tables and bedGraph hold tracks; use .h5 for embeddings and inner layers.");
  if (ending == ".bedgraph" &&
      (wanted.heads.size() != 1 || plan.tracksOfHead(wanted.heads.front()).size() != 1))
    throw UsageError("-o: a bedGraph holds one track; name it, for example --tracks " +
                     wanted.heads.front() + ":0.");
}

void checkUsage(const PredictOptions& options) {
  requireEnding(options.output, {".h5", ".tsv", ".csv", ".bedgraph"});
  if (options.fasta.empty() == (options.genome.empty() || options.locus.empty()))
    throw UsageError("name either --fasta, or --genome and --locus.");
  if (!options.fasta.empty() && !(options.genome.empty() && options.locus.empty() &&
                                  options.edits.empty() && options.annotation.empty()))
    throw UsageError("--genome, --locus, --edits and --annotation do not go with --fasta.");
}

void placeWindow(const PredictOptions& options, PredictPlan& plan, Console& console) {
  std::shared_ptr<const Annotation> annotation;
  if (!options.annotation.empty())
    annotation = Annotation::open(options.annotation, console.progress());
  const LocusAnswer answer = resolveLocus(options.locus, *plan.genome, annotation.get());
  if (!answer.note.empty()) console.note(answer.note);
  plan.anchor = answer.gene ? answer.gene->tss() : answer.target.centre();
  plan.locus = windowAround(plan.model->config(), answer.locus.contig, plan.anchor);
  if (!options.edits.empty())
    plan.haplotype = haplotypeFrom(*VcfFile::open(options.edits, console.progress()), *plan.genome);
  if (answer.variant) plan.haplotype = plan.haplotype.with(*answer.variant, *plan.genome);
  if (!plan.haplotype.isReference()) requireExact(*plan.model);
}

}  // namespace

std::vector<std::int64_t> PredictPlan::tracksOfHead(const std::string& head) const {
  const auto chosen = wanted.tracks.find(head);
  if (chosen != wanted.tracks.end()) return chosen->second;
  std::vector<std::int64_t> all;
  for (const auto& known : model->config().outputHeads)
    if (known.name == head)
      for (std::int64_t track = 0; track < known.tracks; ++track) all.push_back(track);
  return all;
}

PredictPlan planPrediction(const PredictOptions& options, Console& console) {
  checkUsage(options);
  PredictPlan plan;
  plan.model = Enformer::open(options.enformer,
                              {.gamma = gammaOf(options.gamma), .precision = options.precision},
                              console.progress().part(0, 0.1));
  plan.trackNames = options.trackFile.empty() ? plan.model->config().trackNames
                                              : readTrackNames(options.trackFile);
  plan.wanted = wantedOf(options, plan.model->config(), plan.trackNames);
  checkOutput(options, plan);
  const fs::path sequences = options.fasta.empty() ? options.genome : options.fasta;
  plan.genome = Genome::open(sequences, console.progress().part(0.1, 0.15));
  for (const std::string& remark : plan.genome->remarks()) console.note(remark);
  if (options.fasta.empty()) placeWindow(options, plan, console);
  return plan;
}

}  // namespace cellocus::cli
