// SPDX-License-Identifier: GPL-3.0-or-later
// Which variant is scored for which gene, and why the others are not.
#include <algorithm>
#include <unordered_map>

#include "analysis/varianteffect.h"
#include "base/text.h"
#include "cells/genenames.h"

namespace cellocus {

namespace {

/// Seq2cells cuts ids at the first dot.
std::string withoutVersion(const std::string& id) {
  return ensemblGene(id).value_or(std::string(split(id, '.').front()));
}

bool isSubstitution(const Variant& variant) {
  return variant.ref.size() == 1 && variant.alt.size() == 1;
}

/// Joins variants with windows and judges each pair.
class Planner {
 public:
  Planner(const std::vector<QueryWindow>& windows, const Genome& genome,
          const EnformerConfig& config, StrandMode mode)
      : m_windows(windows), m_genome(genome), m_config(config), m_mode(mode) {
    for (std::size_t i = 0; i < windows.size(); ++i) {
      m_byGene[withoutVersion(windows[i].geneId)].push_back(i);
      m_byContig[contigKey(windows[i].window.contig)].push_back(i);
    }
  }

  void add(VariantPlan& plan, const ListedVariant& listed, std::size_t number) {
    const auto leave = [&](VariantState state, const std::string& reason) {
      plan.tasks.push_back({number, -1, state, reason, 0, -1});
    };
    if (!listed.fault.empty()) return leave(VariantState::Unsupported, listed.fault);
    if (listed.geneId.empty()) return addNear(plan, listed, number);
    const auto found = m_byGene.find(withoutVersion(listed.geneId));
    if (found == m_byGene.end())
      return leave(VariantState::Unmatched,
                   "No window is of gene " + printable(listed.geneId) + ".");
    for (const std::size_t window : found->second) addTask(plan, listed, number, window);
  }

 private:
  /// Without a gene: all windows that hold the variant.
  void addNear(VariantPlan& plan, const ListedVariant& listed, std::size_t number) {
    const auto found = m_byContig.find(contigKey(listed.variant.contig));
    bool any = false;
    if (found != m_byContig.end())
      for (const std::size_t window : found->second)
        if (m_windows[window].window.contains(listed.variant.start)) {
          addTask(plan, listed, number, window);
          any = true;
        }
    if (any) return;
    const bool contigKnown = found != m_byContig.end();
    plan.tasks.push_back({number, -1,
                          contigKnown ? VariantState::OutOfWindow : VariantState::Unmatched,
                          contigKnown ? "No gene's window reaches it."
                                      : "No window is on " + printable(listed.variant.contig) + ".",
                          0, -1});
  }

  void addTask(VariantPlan& plan, const ListedVariant& listed, std::size_t number, std::size_t at) {
    const QueryWindow& window = m_windows[at];
    requireFits(window);
    VariantTask task;
    task.variant = number;
    task.window = static_cast<std::int64_t>(at);
    if (contigKey(listed.variant.contig) != contigKey(window.window.contig)) {
      task.state = VariantState::Unmatched;
      task.reason = "It is on " + printable(listed.variant.contig) + ", and gene " +
                    printable(window.geneId) + " on " + printable(window.window.contig) + ".";
    } else {
      task.tssDistance = distance(listed.variant, window);
      judge(task, listed.variant, window);
    }
    if (task.state == VariantState::Scored) task.row = plan.scored++;
    plan.tasks.push_back(std::move(task));
  }

  void requireFits(const QueryWindow& window) const {
    if (window.window.length() != m_config.windowLength)
      throw Error("WINDOW_LENGTH", printable(window.name),
                  "its window has " + withThousands(window.window.length()) +
                      " bp, and the model reads " + withThousands(m_config.windowLength) + " bp.",
                  "Make the windows for this model, or use the model they were made for.");
    if (window.bins.empty())
      throw Error("WINDOW_BIN", printable(window.name), "it has no bin of a start site.",
                  "Make the windows anew; genes without a bin are left out then.");
    for (const std::int64_t bin : window.bins)
      if (bin < 0 || bin >= m_config.binCount())
        throw Error("WINDOW_BIN", printable(window.name),
                    "its start site lies in bin " + std::to_string(bin) +
                        ", and the model predicts bins 0 to " +
                        std::to_string(m_config.binCount() - 1) + ".",
                    "The windows were made for another model; make them for this one.");
  }

  /// To the nearest start site; where the file tells none, to the middle of its bin.
  std::int64_t distance(const Variant& variant, const QueryWindow& window) const {
    std::vector<std::int64_t> sites = window.sites;
    const std::int64_t firstBin = m_config.croppedBins(m_config.tokenCount()).first;
    for (std::size_t i = 0; sites.empty() && i < window.bins.size(); ++i)
      sites.push_back(window.window.start + (firstBin + window.bins[i]) * m_config.binSize() +
                      m_config.binSize() / 2);
    std::int64_t nearest = sites.empty() ? 0 : sites.front() - variant.start;
    for (const std::int64_t site : sites)
      if (std::abs(site - variant.start) < std::abs(nearest)) nearest = site - variant.start;
    return nearest;
  }

  void judge(VariantTask& task, const Variant& variant, const QueryWindow& window) const {
    if (m_mode == StrandMode::Corrected) return judgeCorrected(task, variant, window);
    const std::int64_t reach = m_config.windowLength / 2;
    if (std::abs(task.tssDistance) >= reach || !window.window.contains(variant.start)) {
      task.state = VariantState::OutOfWindow;
      task.reason = withThousands(std::abs(task.tssDistance)) +
                    " bp from the start site, the model does not see it.";
    } else if (!isSubstitution(variant)) {
      task.state = VariantState::Unsupported;
      task.reason = "As published, only substitutions of one base are scored.";
    } else {
      const std::string found =
          uppered(m_genome.sequence({window.window.contig, variant.start, variant.start + 1}));
      if (found != uppered(variant.ref))
        task.reason = "The genome has " + found + "; as published, the given " + variant.ref +
                      " was put in its place.";
    }
  }

  void judgeCorrected(VariantTask& task, Variant variant, const QueryWindow& window) const {
    variant.contig = requireContig(m_genome, window.window.contig).name;
    variant.ref = uppered(variant.ref);
    variant.alt = uppered(variant.alt);
    const Variant change = trimmed(variant);
    const auto refuse = [&](VariantState state, const std::string& reason) {
      task.state = state;
      task.reason = reason;
    };
    if (change.start < window.window.start || change.end() > window.window.end)
      return refuse(VariantState::OutOfWindow, "It does not lie within the gene's window.");
    if (change.ref == change.alt)
      return refuse(VariantState::Unsupported, "Both alleles are the same.");
    try {
      Haplotype().with(variant, m_genome);
    } catch (const Error& error) {
      refuse(stateOf(error), error.fact());
    }
  }

  static VariantState stateOf(const Error& error) {
    if (error.code() == "REF_MISMATCH") return VariantState::ReferenceMismatch;
    if (error.code() == "EDIT_OUTSIDE") return VariantState::OutOfWindow;
    if (error.code() == "EDIT_LETTERS") return VariantState::Unsupported;
    throw error;
  }

  const std::vector<QueryWindow>& m_windows;
  const Genome& m_genome;
  const EnformerConfig& m_config;
  StrandMode m_mode;
  std::unordered_map<std::string, std::vector<std::size_t>> m_byGene, m_byContig;
};

}  // namespace

std::string_view variantStateName(VariantState state) {
  switch (state) {
    case VariantState::Scored:
      return "scored";
    case VariantState::ReferenceMismatch:
      return "reference mismatch";
    case VariantState::OutOfWindow:
      return "out of window";
    case VariantState::Unmatched:
      return "unmatched";
    case VariantState::Unsupported:
      break;
  }
  return "unsupported";
}

std::int64_t VariantPlan::count(VariantState state) const {
  return std::ranges::count(tasks, state, &VariantTask::state);
}

VariantPlan planVariants(const std::vector<ListedVariant>& variants,
                         const std::vector<QueryWindow>& windows, const Genome& genome,
                         const EnformerConfig& config, StrandMode mode) {
  VariantPlan plan;
  Planner planner(windows, genome, config, mode);
  for (std::size_t i = 0; i < variants.size(); ++i) planner.add(plan, variants[i], i);
  return plan;
}

}  // namespace cellocus
