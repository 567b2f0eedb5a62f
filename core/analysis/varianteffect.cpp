// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/varianteffect.h"

#include <algorithm>
#include <cmath>

#include "base/checked.h"
#include "base/text.h"

namespace cellocus {

namespace {

/// Genes and alleles that go through a head together: its weights are read once for them.
constexpr std::int64_t mostRows = 64;
constexpr std::int64_t predictionBytes = std::int64_t{256} << 20;

/// Turns embeddings into effects on cells, a bounded number of variants at a time.
class EffectCollector {
 public:
  EffectCollector(VariantEffects& effects, const Emb2Cell& head, KeepCells keep)
      : m_effects(effects), m_head(head), m_keep(keep) {
    const std::int64_t bytesPerRow =
        2 * head.cellCount() * static_cast<std::int64_t>(sizeof(float));
    m_limit = std::clamp<std::int64_t>(predictionBytes / std::max<std::int64_t>(1, bytesPerRow), 1,
                                       mostRows);
    const Eigen::Index rows = effects.plan.scored, groups = std::ssize(effects.groups.names);
    if (keep == KeepCells::Yes)
      for (Matrix* matrix : {&effects.reference, &effects.alternative})
        matrix->resize(rows, head.cellCount());
    effects.mean.resize(rows);
    effects.meanAbsolute.resize(rows);
    effects.groupMean.resize(rows, groups);
    effects.groupMeanAbsolute.resize(rows, groups);
  }

  void take(const VariantBatch& batch) {
    for (Eigen::Index i = 0; i < batch.reference.rows(); ++i) {
      m_rows.push_back(batch.rows[static_cast<std::size_t>(i)]);
      m_reference.push_back(batch.reference.row(i));
      m_alternative.push_back(batch.alternative.row(i));
      if (std::ssize(m_rows) >= m_limit) flush();
    }
  }

  void flush() {
    const auto count = static_cast<Eigen::Index>(m_rows.size());
    if (count == 0) return;
    Matrix embeddings(2 * count, m_reference.front().cols());
    for (Eigen::Index i = 0; i < count; ++i) {
      embeddings.row(i) = m_reference[static_cast<std::size_t>(i)];
      embeddings.row(count + i) = m_alternative[static_cast<std::size_t>(i)];
    }
    const Matrix values = m_head.predict(embeddings);
    for (Eigen::Index i = 0; i < count; ++i)
      store(m_rows[static_cast<std::size_t>(i)], values.row(i), values.row(count + i));
    m_rows.clear();
    m_reference.clear();
    m_alternative.clear();
  }

 private:
  void store(std::int64_t row, const Eigen::Ref<const Eigen::RowVectorXf>& reference,
             const Eigen::Ref<const Eigen::RowVectorXf>& alternative) {
    if (m_keep == KeepCells::Yes) {
      m_effects.reference.row(row) = reference;
      m_effects.alternative.row(row) = alternative;
    }
    const Eigen::RowVectorXd effect = (alternative - reference).cast<double>();
    m_effects.mean(row) = static_cast<float>(effect.mean());
    m_effects.meanAbsolute(row) = static_cast<float>(effect.cwiseAbs().mean());
    const CellGroups& groups = m_effects.groups;
    Eigen::RowVectorXd sums = Eigen::RowVectorXd::Zero(std::ssize(groups.names));
    Eigen::RowVectorXd sizes = sums;
    for (std::size_t cell = 0; cell < groups.groupOfCell.size(); ++cell) {
      const std::int32_t group = groups.groupOfCell[cell];
      if (group < 0) continue;
      sums(group) += effect(static_cast<Eigen::Index>(cell));
      sizes(group) += std::abs(effect(static_cast<Eigen::Index>(cell)));
    }
    for (Eigen::Index group = 0; group < sums.size(); ++group) {
      const auto cells = static_cast<double>(groups.cellCounts[static_cast<std::size_t>(group)]);
      m_effects.groupMean(row, group) = static_cast<float>(sums(group) / cells);
      m_effects.groupMeanAbsolute(row, group) = static_cast<float>(sizes(group) / cells);
    }
  }

  VariantEffects& m_effects;
  const Emb2Cell& m_head;
  KeepCells m_keep;
  std::int64_t m_limit = 1;
  std::vector<std::int64_t> m_rows;
  std::vector<Eigen::RowVectorXf> m_reference, m_alternative;
};

void requireRoom(const VariantPlan& plan, const Emb2Cell& head, const CellEffectOptions& options) {
  if (options.keep == KeepCells::No) return;
  const auto bytes = static_cast<std::uint64_t>(checkedMultiply<std::int64_t>(
      checkedMultiply<std::int64_t>(plan.scored, head.cellCount(), "effects"),
      2 * static_cast<std::int64_t>(sizeof(float)), "effects"));
  if (bytes <= options.memory) return;
  throw Error("EFFECTS_TOO_LARGE", "variant effects",
              withThousands(plan.scored) + " variants in " + withThousands(head.cellCount()) +
                  " cells take " + byteText(bytes) + " of memory; " + byteText(options.memory) +
                  " are granted.",
              "Ask for means over groups of cells alone, or score fewer variants at a time.");
}

void requireFits(const VariantInputs& inputs, const Emb2Cell& head,
                 const CellEffectOptions& options) {
  const std::int64_t size = inputs.predictor->model().config().embeddingSize();
  if (head.embeddingSize() != size)
    throw Error("EMBEDDING_SIZE", head.path().filename().string(),
                "the head expects embeddings of " + withThousands(head.embeddingSize()) +
                    " numbers and the sequence model gives " + withThousands(size) + ".",
                "Open the head that was fitted on this sequence model.");
  const CellGroups& groups = options.groups;
  if (!groups.names.empty() && std::ssize(groups.groupOfCell) != head.cellCount())
    throw Error("GROUPS_SHAPE", "column " + printable(groups.column),
                "it sorts " + withThousands(std::ssize(groups.groupOfCell)) +
                    " cells, and the head has " + withThousands(head.cellCount()) + ".",
                "Use groups of the cells that the head was made for.");
}

void listTracks(VariantEffects& effects, const EnformerConfig& config,
                const VariantOptions& options) {
  for (const auto& [head, numbers] : options.tracks) {
    std::vector<std::int64_t> own = numbers;
    for (const EnformerConfig::Head& known : config.outputHeads)
      for (std::int64_t i = 0; own.empty() && known.name == head && i < known.tracks; ++i)
        own.push_back(i);
    for (const std::int64_t number : own)
      effects.trackNames.push_back(head + ':' + std::to_string(number));
  }
  for (Matrix* matrix : {&effects.referenceTracks, &effects.alternativeTracks})
    matrix->resize(effects.plan.scored, std::ssize(effects.trackNames));
}

std::int64_t groupNamed(const CellGroups& groups, std::string_view name) {
  const auto found = std::ranges::find(groups.names, name);
  if (found != groups.names.end()) return found - groups.names.begin();
  std::string near;
  for (const std::string& candidate : nearest(name, groups.names))
    near += (near.empty() ? "" : ", ") + printable(candidate);
  throw Error("GROUP_UNKNOWN", "column " + printable(groups.column),
              "there is no group '" + printable(name) + "'.",
              near.empty() ? "No groups were asked for." : "Similar ones are: " + near + ".");
}

}  // namespace

CellGroups groupsOfHead(const CellGroups& groups, const CellMatch& match, std::int64_t outputs) {
  CellGroups result = groups;
  result.groupOfCell.assign(static_cast<std::size_t>(outputs), -1);
  std::ranges::fill(result.cellCounts, 0);
  for (std::size_t cell = 0; cell < match.outputOfCell.size(); ++cell) {
    const std::int64_t output = match.outputOfCell[cell];
    const std::int32_t group = groups.groupOfCell[cell];
    if (output < 0 || group < 0 || result.groupOfCell[static_cast<std::size_t>(output)] >= 0)
      continue;
    result.groupOfCell[static_cast<std::size_t>(output)] = group;
    ++result.cellCounts[static_cast<std::size_t>(group)];
  }
  return result;
}

VariantEffects scoreVariants(const VariantInputs& inputs, const Emb2Cell* head,
                             const CellEffectOptions& options, const Progress& progress) {
  const EnformerConfig& config = inputs.predictor->model().config();
  VariantEffects effects;
  effects.plan = planVariants(*inputs.variants, *inputs.windows, *inputs.genome, config,
                              options.variants.mode);
  listTracks(effects, config, options.variants);
  std::optional<EffectCollector> collector;
  if (head) {
    requireFits(inputs, *head, options);
    requireRoom(effects.plan, *head, options);
    effects.groups = options.groups;
    effects.unit = head->parts().unit;
    effects.label = head->parts().label;
    collector.emplace(effects, *head, options.keep);
  }
  embedVariants(
      inputs, effects.plan, options.variants,
      [&](const VariantBatch& batch) {
        if (collector) collector->take(batch);
        for (std::size_t i = 0; i < batch.rows.size(); ++i) {
          const auto from = static_cast<Eigen::Index>(i);
          effects.referenceTracks.row(batch.rows[i]) = batch.referenceTracks.row(from);
          effects.alternativeTracks.row(batch.rows[i]) = batch.alternativeTracks.row(from);
        }
      },
      progress);
  if (collector) collector->flush();
  return effects;
}

std::vector<TransferredEffect> transferEffects(const VariantEffects& effects,
                                               std::string_view fromGroup,
                                               std::string_view toGroup) {
  const std::int64_t from = groupNamed(effects.groups, fromGroup);
  const std::int64_t to = groupNamed(effects.groups, toGroup);
  std::vector<TransferredEffect> result;
  for (std::int64_t row = 0; row < effects.groupMean.rows(); ++row) {
    const float before = effects.groupMean(row, from), after = effects.groupMean(row, to);
    result.push_back({row, before, after, after - before});
  }
  std::ranges::stable_sort(result, std::ranges::greater(), [](const TransferredEffect& effect) {
    return std::abs(effect.difference);
  });
  return result;
}

}  // namespace cellocus
