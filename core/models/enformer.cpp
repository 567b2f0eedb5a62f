// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/enformer.h"

#include <algorithm>
#include <cassert>
#include <optional>

#include "base/text.h"
#include "models/enformernames.h"
#include "models/enformerparts.h"
#include "nn/blocks.h"
#include "nn/kernels.h"

namespace cellocus {

namespace {

/// Bins that go through the last layers together, so that their weights are read seldom.
constexpr std::int64_t rowsAtOnce = 256;

/// Edited sequences whose changed rows go through the tower together.
constexpr std::size_t editsAtOnce = 16;

/// Tokens computed together: the stem's output for them, the largest activation, takes 72 MB at
/// most, and the halo that neighbouring pieces both compute is a hundredth of the piece.
std::int64_t pieceTokens(const EnformerConfig& config) {
  const std::int64_t bytesPerToken = config.binSize() / 2 * (config.dim / 2) * 4;
  const std::int64_t tokens = (72 << 20) / std::max<std::int64_t>(1, bytesPerToken);
  return std::clamp<std::int64_t>(tokens - tokens % 16, 16, 512);
}

/// The user's own table of DeepMind's gamma features [2 * tokens - 1, count], written over the
/// computed ones.
void useGammaTable(const std::filesystem::path& path, const Progress& progress, Matrix& features) {
  const auto table = Checkpoint::open(path, progress);
  const std::int64_t count = features.cols() / 6;
  if (table->tensors().size() != 1)
    throw Error(
        "GAMMA_TABLE", path.string(),
        "one tensor is expected, found " + std::to_string(table->tensors().size()) + ".",
        "Remove the file to have the features computed, or get enformer-pytorch's tf_gammas.pt.");
  const std::vector<float> values =
      table->read(table->tensors().front().name, {features.rows(), count}, progress);
  const Eigen::Map<const Matrix> gammas(values.data(), features.rows(), count);
  features.middleCols(2 * count, count) = gammas;
  for (Eigen::Index row = 0; row < features.rows(); ++row) {
    const Eigen::Index distance = row - features.rows() / 2;
    const auto sign = static_cast<float>((distance > 0) - (distance < 0));
    features.block(row, 5 * count, 1, count) = sign * gammas.row(row);
  }
}

class EnformerModel final : public Enformer {
 public:
  EnformerModel(const std::shared_ptr<const Checkpoint>& checkpoint, WeightReader& reader,
                const EnformerConfig& config, const Progress& progress);

  Matrix tower(std::string_view bases, BinRange tokens, const Progress& progress,
               const Observer& observer) const override;
  Matrix tower(std::string_view bases, const Progress& progress) const override;
  Matrix trunk(MatrixView towerTokens, BinRange wanted, const Progress& progress,
               const Observer& observer) const override;
  Matrix tracks(MatrixView embedding, std::string_view head, std::span<const std::int64_t> tracks,
                const Progress& progress) const override;
  std::int64_t towerReachInTokens() const override;
  BinRange tokensReached(std::int64_t base, std::int64_t length) const override;
  std::shared_ptr<const EditSite> prepare(std::string_view bases, MatrixView towerTokens,
                                          std::vector<BinRange> tokens,
                                          const Progress& progress) const override;
  void trunks(const EditSite& site, std::span<const std::string_view> edited, BinRange wanted,
              const TakeEmbedding& take, const Progress& progress) const override;

 private:
  class Site;
  struct Head {
    std::string name;
    Matrix weight;  ///< [tracks, 2 * dim]: rows are picked out of it
    Vector bias;
  };
  static Head readHead(WeightReader& reader, const EnformerConfig& config,
                       const EnformerConfig::Head& head);
  const Head& requireHead(std::string_view name) const;
  static void requireBins(BinRange wanted, std::int64_t tokens);
  static Head picked(const Head& head, std::span<const std::int64_t> tracks);
  using RelativeKeys = std::vector<TransformerBlock::RelativeKeys>;  ///< a block each
  RelativeKeys relativeKeys(std::int64_t tokens, const Progress& progress) const;
  const RelativeKeys& relativeKeysFor(std::int64_t tokens, RelativeKeys& other,
                                      const Progress& progress) const;
  std::vector<std::vector<ConvTower::Rows>> changedTokens(const Site& site,
                                                          std::span<const std::string_view> edited,
                                                          const Progress& progress) const;
  Matrix trunkOf(const Site& site, std::span<const ConvTower::Rows> changed, BinRange wanted,
                 const RelativeKeys& keys, TransformerBlock::Work& work,
                 const Progress& progress) const;
  Matrix lastBlocks(Matrix& x, std::size_t first, const RelativeKeys& keys, BinRange wanted,
                    TransformerBlock::Work& work, const Progress& progress,
                    const Observer& observer) const;
  Matrix pointwise(MatrixView x, const Progress& progress) const;

  ConvTower m_tower;
  std::vector<TransformerBlock> m_blocks;
  nn::NormalisedGelu m_finalNorm;
  nn::Linear m_final;
  std::vector<Head> m_heads;
  RelativeKeys m_relativeKeys;  ///< for windows of the model's own length
};

EnformerModel::EnformerModel(const std::shared_ptr<const Checkpoint>& checkpoint,
                             WeightReader& reader, const EnformerConfig& config,
                             const Progress& progress)
    : m_tower(reader, config),
      m_finalNorm(reader, "final_pointwise.1.0", config.dim),
      m_final(reader, "final_pointwise.1.2", {2 * config.dim, config.dim, 1},
              {.finish = nn::Finish::Gelu, .precision = config.precision}) {
  for (std::int64_t i = 0; i < config.depth; ++i) {
    progress.at(0.3 + 0.5 * static_cast<double>(i) / static_cast<double>(config.depth),
                "transformer weights");
    m_blocks.emplace_back(reader, i, config);
  }
  progress.at(0.8, "head weights");
  for (const EnformerConfig::Head& head : config.outputHeads)
    m_heads.push_back(readHead(reader, config, head));
  m_config = config;
  m_path = checkpoint->path();
  m_report = reader.finish(config.modelName.empty() ? "Enformer" : config.modelName);
  progress.at(0.9, "relative positions");
  m_relativeKeys = relativeKeys(config.tokenCount(), progress.part(0.9, 1));
}

EnformerModel::Head EnformerModel::readHead(WeightReader& reader, const EnformerConfig& config,
                                            const EnformerConfig::Head& head) {
  const std::string scope = "_heads." + head.name + ".0";
  const std::vector<float> values =
      reader.read(scope + ".weight", {head.tracks, config.embeddingSize()});
  return {head.name, Eigen::Map<const Matrix>(values.data(), head.tracks, config.embeddingSize()),
          nn::readVector(reader, scope + ".bias", head.tracks)};
}

EnformerModel::RelativeKeys EnformerModel::relativeKeys(std::int64_t tokens,
                                                        const Progress& progress) const {
  Matrix features = relativePositionFeatures(tokens, m_config.dim / m_config.heads, m_config.gamma);
  if (m_config.gamma == Gamma::TensorFlow && !m_config.gammaTable.empty() &&
      tokens == m_config.tokenCount())
    useGammaTable(m_config.gammaTable, progress, features);
  RelativeKeys keys;
  for (const TransformerBlock& block : m_blocks) {
    progress.check();
    keys.push_back(block.attention().relativeKeys(features));
  }
  return keys;
}

std::int64_t EnformerModel::towerReachInTokens() const {
  return (m_tower.reachInBases() + m_config.binSize() - 1) / m_config.binSize();
}

Matrix EnformerModel::tower(std::string_view bases, BinRange tokens, const Progress& progress,
                            const Observer& observer) const {
  const std::int64_t all = m_tower.lengths(static_cast<std::int64_t>(bases.size())).back();
  if (tokens.first < 0 || tokens.last > all || tokens.count() < 1)
    throw Error("WINDOW_TOO_SHORT", "the model's input",
                "bins " + std::to_string(tokens.first) + " to " + std::to_string(tokens.last) +
                    " were asked for, but the sequence of " +
                    withThousands(static_cast<std::int64_t>(bases.size())) + " bases has " +
                    std::to_string(all) + ".",
                "Give the model a longer sequence.");
  if (observer) return m_tower.run(bases, tokens, progress, observer);
  const std::int64_t step = pieceTokens(m_config);
  const auto share = [&](std::int64_t token) {
    return static_cast<double>(token - tokens.first) / static_cast<double>(tokens.count());
  };
  Matrix rows(tokens.count(), m_config.dim);
  for (std::int64_t first = tokens.first; first < tokens.last; first += step) {
    const BinRange piece{first, std::min(tokens.last, first + step)};
    rows.middleRows(first - tokens.first, piece.count()) =
        m_tower.run(bases, piece, progress.part(share(first), share(piece.last)), {});
  }
  return rows;
}

Matrix EnformerModel::tower(std::string_view bases, const Progress& progress) const {
  return tower(bases, {0, m_tower.lengths(static_cast<std::int64_t>(bases.size())).back()},
               progress, {});
}

/// The model's own relative keys, or those for another number of tokens, made in `other`.
const EnformerModel::RelativeKeys& EnformerModel::relativeKeysFor(std::int64_t tokens,
                                                                  RelativeKeys& other,
                                                                  const Progress& progress) const {
  if (tokens == m_config.tokenCount()) return m_relativeKeys;
  other = relativeKeys(tokens, progress);
  return other;
}

void EnformerModel::requireBins(BinRange wanted, std::int64_t tokens) {
  if (wanted.first >= 0 && wanted.last <= tokens && wanted.count() >= 1) return;
  throw Error("WINDOW_TOO_SHORT", "the model's input",
              "bins " + std::to_string(wanted.first) + " to " + std::to_string(wanted.last) +
                  " were asked for, but the sequence has " + std::to_string(tokens) + ".",
              "Give the model a longer sequence.");
}

Matrix EnformerModel::trunk(MatrixView towerTokens, BinRange wanted, const Progress& progress,
                            const Observer& observer) const {
  requireBins(wanted, towerTokens.rows());
  RelativeKeys other;
  const RelativeKeys& keys = relativeKeysFor(towerTokens.rows(), other, progress);
  Matrix x = towerTokens;
  if (observer) observer("transformer_in", x);
  TransformerBlock::Work work;
  return lastBlocks(x, 0, keys, wanted, work, progress, observer);
}

/// Runs the blocks from `first` on and the pointwise layer.
Matrix EnformerModel::lastBlocks(Matrix& x, std::size_t first, const RelativeKeys& keys,
                                 BinRange wanted, TransformerBlock::Work& work,
                                 const Progress& progress, const Observer& observer) const {
  for (std::size_t i = first; i < m_blocks.size(); ++i) {
    const auto depth = static_cast<double>(m_blocks.size() + 1);
    progress.at(static_cast<double>(i) / depth, "transformer");
    // Only the last block may leave the other rows out: before it they are keys and values of the
    // next.
    const bool last = i + 1 == m_blocks.size();
    m_blocks[i].run(x, keys[i], last ? wanted : BinRange{0, x.rows()}, work, progress, observer);
  }
  return pointwise(x.middleRows(wanted.first, wanted.count()), progress);
}

Matrix EnformerModel::pointwise(MatrixView x, const Progress& progress) const {
  Matrix embedding(x.rows(), m_config.embeddingSize());
  nn::forRowBlocks(x.rows(), rowsAtOnce, progress, [&](BinRange rows, nn::Scratch& scratch) {
    const nn::Operand activated = scratch.operand(m_config.precision, rows.count(), x.cols());
    m_finalNorm.apply(x.middleRows(rows.first, rows.count()), activated);
    m_final.apply(activated, embedding.middleRows(rows.first, rows.count()));
  });
  return embedding;
}

const EnformerModel::Head& EnformerModel::requireHead(std::string_view name) const {
  std::string names;
  for (const Head& head : m_heads) {
    if (head.name == name) return head;
    names += (names.empty() ? "" : ", ") + head.name;
  }
  throw Error("HEAD_UNKNOWN", path().string(),
              "the model has no output head \"" + printable(name) + "\"; it has " +
                  (names.empty() ? "none" : names) + ".",
              "Choose one of its heads.");
}

EnformerModel::Head EnformerModel::picked(const Head& head, std::span<const std::int64_t> tracks) {
  const auto count = static_cast<Eigen::Index>(tracks.size());
  Head result{head.name, Matrix(count, head.weight.cols()), Vector(count)};
  for (Eigen::Index i = 0; i < count; ++i) {
    const std::int64_t track = tracks[static_cast<std::size_t>(i)];
    if (track < 0 || track >= head.weight.rows())
      throw Error("TRACK_UNKNOWN", "output head " + head.name,
                  "there is no track " + std::to_string(track) + "; the head has tracks 0 to " +
                      std::to_string(head.weight.rows() - 1) + ".",
                  "Choose one of its tracks.");
    result.weight.row(i) = head.weight.row(track);
    result.bias(i) = head.bias(track);
  }
  return result;
}

Matrix EnformerModel::tracks(MatrixView embedding, std::string_view head,
                             std::span<const std::int64_t> tracks, const Progress& progress) const {
  const Head& all = requireHead(head);
  if (embedding.cols() != all.weight.cols())
    throw Error("EMBEDDING_SIZE", "output head " + all.name,
                "the embedding has " + std::to_string(embedding.cols()) +
                    " numbers a bin, expected " + std::to_string(all.weight.cols()) + ".",
                "Use an embedding of the same model.");
  std::optional<Head> chosen;
  if (!tracks.empty()) chosen = picked(all, tracks);
  const Head& used = chosen ? *chosen : all;
  Matrix result(embedding.rows(), used.weight.rows());
  nn::forRowBlocks(embedding.rows(), rowsAtOnce, progress, [&](BinRange rows, nn::Scratch&) {
    nn::MatrixBlock out = result.middleRows(rows.first, rows.count());
    out.rowwise() = used.bias.transpose();
    nn::multiplyTransposed(embedding.middleRows(rows.first, rows.count()), used.weight, out,
                           nn::Into::Add);
    nn::softplus(out);
  });
  return result;
}

/// See EditSite: the pieces of the tower that may change, all tower tokens, and the first block
/// without those tokens.
class EnformerModel::Site final : public EditSite {
 public:
  Site(const EnformerModel& model, std::string_view bases, MatrixView towerTokens,
       std::vector<BinRange> ranges, const RelativeKeys& keys, const Progress& progress)
      : EditSite(std::string(bases), std::move(ranges)),
        m_model(model),
        m_towerTokens(towerTokens),
        m_rest(model.m_blocks.front().rest(towerTokens, keys.front(), tokens(), progress)) {
    for (const BinRange& range : tokens())
      m_pieces.push_back(model.m_tower.piece(this->bases(), range, progress));
  }

  bool accepts(std::string_view other) const override {
    if (other.size() != bases().size()) return false;
    const auto inside = [&](const BinRange& reached) {
      return std::ranges::any_of(tokens(), [&](const BinRange& own) {
        return own.first <= reached.first && reached.last <= own.last;
      });
    };
    const auto length = static_cast<std::int64_t>(other.size());
    for (std::size_t base = 0; base < other.size(); ++base)
      if (other[base] != bases()[base] &&
          !inside(m_model.tokensReached(static_cast<std::int64_t>(base), length)))
        return false;
    return true;
  }

  std::size_t bytes() const override {
    std::size_t floats = static_cast<std::size_t>(m_towerTokens.size()) + m_rest.floats();
    for (const ConvTower::Piece& piece : m_pieces)
      for (const Matrix& rows : piece.rows) floats += static_cast<std::size_t>(rows.size());
    return bases().size() + floats * sizeof(float);
  }

  /// The bases between the first and the last that differ and that the piece depends on.
  BinRange difference(const ConvTower::Piece& piece, std::string_view other) const {
    const BinRange& all = piece.ranges.front();
    BinRange changed{all.last, all.first};
    for (std::int64_t base = all.first; base < all.last; ++base)
      if (other[static_cast<std::size_t>(base)] != bases()[static_cast<std::size_t>(base)])
        changed = {std::min(changed.first, base), base + 1};
    return changed;
  }

  const EnformerModel& m_model;
  Matrix m_towerTokens;
  TransformerBlock::Rest m_rest;
  std::vector<ConvTower::Piece> m_pieces;
};

BinRange EnformerModel::tokensReached(std::int64_t base, std::int64_t length) const {
  const std::int64_t bin = m_config.binSize(), reach = m_tower.reachInBases();
  return {std::max<std::int64_t>(0, base - reach) / bin,
          std::min(m_tower.lengths(length).back(), (base + reach) / bin + 1)};
}

std::shared_ptr<const EditSite> EnformerModel::prepare(std::string_view bases,
                                                       MatrixView towerTokens,
                                                       std::vector<BinRange> tokens,
                                                       const Progress& progress) const {
  if (m_config.precision != Precision::Float32)
    throw Error("PRECISION_TOO_LOW", m_path.string(),
                "bfloat16 has three significant digits, and what an edit changes is often smaller.",
                "Open the model in float32 to compare an edited sequence with the reference.");
  for (const BinRange& range : tokens) requireBins(range, towerTokens.rows());
  RelativeKeys other;
  const RelativeKeys& keys = relativeKeysFor(towerTokens.rows(), other, progress);
  progress.at(0, "what edits here have in common");
  return std::make_shared<Site>(*this, bases, towerTokens, std::move(tokens), keys, progress);
}

/// The tower's rows that change, for each of some sequences.
std::vector<std::vector<ConvTower::Rows>> EnformerModel::changedTokens(
    const Site& site, std::span<const std::string_view> edited, const Progress& progress) const {
  std::vector<std::vector<ConvTower::Rows>> changed(edited.size());
  for (const ConvTower::Piece& piece : site.m_pieces) {
    std::vector<ConvTower::Edit> edits;
    std::vector<std::size_t> numbers;
    for (std::size_t i = 0; i < edited.size(); ++i) {
      const BinRange difference = site.difference(piece, edited[i]);
      if (difference.count() < 1) continue;
      edits.push_back({piece, edited[i], difference});
      numbers.push_back(i);
    }
    if (edits.empty()) continue;
    std::vector<ConvTower::Rows> rows = m_tower.changedRows(edits, progress);
    for (std::size_t i = 0; i < rows.size(); ++i) changed[numbers[i]].push_back(std::move(rows[i]));
  }
  return changed;
}

Matrix EnformerModel::trunkOf(const Site& site, std::span<const ConvTower::Rows> changed,
                              BinRange wanted, const RelativeKeys& keys,
                              TransformerBlock::Work& work, const Progress& progress) const {
  Matrix x = site.m_towerTokens;
  for (const ConvTower::Rows& rows : changed)
    x.middleRows(rows.tokens.first, rows.tokens.count()) = rows.values;
  if (m_blocks.size() == 1) return lastBlocks(x, 0, keys, wanted, work, progress, {});
  m_blocks.front().run(x, site.m_rest, keys.front(), work, progress);
  return lastBlocks(x, 1, keys, wanted, work, progress, {});
}

void EnformerModel::trunks(const EditSite& editSite, std::span<const std::string_view> edited,
                           BinRange wanted, const TakeEmbedding& take,
                           const Progress& progress) const {
  const auto& site = dynamic_cast<const Site&>(editSite);
  assert(&site.m_model == this);
  requireBins(wanted, site.m_towerTokens.rows());
  RelativeKeys other;
  const RelativeKeys& keys = relativeKeysFor(site.m_towerTokens.rows(), other, progress);
  TransformerBlock::Work work;
  const auto share = [&](std::size_t count) {
    return static_cast<double>(count) / static_cast<double>(edited.size());
  };
  for (std::size_t first = 0; first < edited.size(); first += editsAtOnce) {
    const auto some = edited.subspan(first, std::min(editsAtOnce, edited.size() - first));
    const auto changed = changedTokens(site, some, progress);
    for (std::size_t i = 0; i < some.size(); ++i) {
      assert(site.accepts(some[i]));
      const Progress own = progress.part(share(first + i), share(first + i + 1));
      take(first + i, trunkOf(site, changed[i], wanted, keys, work, own));
    }
  }
}

}  // namespace

Matrix Enformer::trunk(const EditSite& site, std::string_view bases, BinRange wanted,
                       const Progress& progress) const {
  Matrix embedding;
  trunks(
      site, std::span(&bases, 1), wanted, [&](std::size_t, const Matrix& own) { embedding = own; },
      progress);
  return embedding;
}

std::shared_ptr<const Enformer> Enformer::load(std::shared_ptr<const Checkpoint> checkpoint,
                                               const EnformerConfig& config,
                                               const Progress& progress) {
  if (!nn::canMultiply(config.precision))
    throw Error("PRECISION_UNSUPPORTED", checkpoint->path().string(),
                "this computer's processor has no bfloat16 products: they need AVX-512.",
                "Use float32.");
  WeightReader reader(checkpoint, enformerAliases, progress);
  return std::make_shared<EnformerModel>(checkpoint, reader, config, progress);
}

}  // namespace cellocus
