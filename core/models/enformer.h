// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/matrix.h"
#include "base/progress.h"
#include "nn/operand.h"
#include "weights/checkpoint.h"
#include "weights/weightreader.h"

namespace cellocus {

/// How the gamma features of the relative positions are normalised: by each feature's maximum over
/// all positions (TensorFlow; DeepMind's weights), or by each position's maximum over the features
/// (enformer-pytorch without its table; all published seq2cells embeddings). Mixing them up gives
/// other embeddings. SYSTEMS 1.1.
enum class Gamma { TensorFlow, Torch };

using nn::Precision;

struct EnformerConfig {
  struct Head {
    std::string name;  ///< "human", "mouse", ...
    std::int64_t tracks = 0;
  };
  std::int64_t dim = 1536, depth = 11, heads = 8, keyDim = 64;
  std::int64_t targetLength = 896;  ///< bins kept in the middle; -1 = all
  std::int64_t downsamples = 7, dimDivisibleBy = 128;
  std::int64_t windowLength = 196'608;  ///< bases of one input
  Gamma gamma = Gamma::Torch;
  Precision precision = Precision::Float32;  ///< of the products; not a property of the file
  std::vector<Head> outputHeads;
  std::string modelName;  ///< for the status bar: "Enformer", "Demo motif scanner", ...
  std::string label;      ///< to be shown wherever a result of the model is, may be empty
  std::vector<std::string>
      trackNames;  ///< of the first head, where the config or a file gives them
  std::filesystem::path
      gammaTable;  ///< the user's tf_gammas.pt, used with Gamma::TensorFlow; may be empty

  std::int64_t binSize() const { return std::int64_t{1} << downsamples; }
  std::int64_t tokenCount() const { return windowLength / binSize(); }
  std::int64_t binCount() const { return croppedBins(tokenCount()).count(); }
  /// Which of `tokens` bins are kept (Python's floor: an odd rest loses one bin more).
  /// @throws Error "WINDOW_TOO_SHORT"
  BinRange croppedBins(std::int64_t tokens) const;
  std::int64_t embeddingSize() const { return 2 * dim; }
  /// Channels of the tower: dim/2, then one per conv block (Python's rounding, half to even).
  std::vector<std::int64_t> towerChannels() const;

  /// Reads a Hugging Face style `config.json`; `gamma` defaults to `use_tf_gamma`, and where that
  /// is absent to TensorFlow for windows of 1,536 tokens and Torch otherwise.
  static EnformerConfig read(const std::filesystem::path& json);
  /// What can be told from the shapes of the tensors, for a weights file without a config.
  static EnformerConfig inferred(const Checkpoint& checkpoint);
};

/// A window made ready for substitutions at some of its tokens: what they all share, computed once.
/// See Enformer::prepare().
class EditSite {
 public:
  virtual ~EditSite() = default;
  const std::string& bases() const { return m_bases; }
  /// The tokens that substitutions may reach, in order.
  const std::vector<BinRange>& tokens() const { return m_tokens; }
  /// True if `bases` differs from the window by substitutions that reach no other tokens.
  virtual bool accepts(std::string_view bases) const = 0;
  /// Memory that it takes.
  virtual std::size_t bytes() const = 0;

 protected:
  EditSite(std::string bases, std::vector<BinRange> tokens)
      : m_bases(std::move(bases)), m_tokens(std::move(tokens)) {}

 private:
  std::string m_bases;
  std::vector<BinRange> m_tokens;
};

/// Enformer (doi:10.1038/s41592-021-01252-x) as enformer-pytorch computes it: DNA in, one embedding
/// per 128-bp bin and predicted tracks out. Weights never change after load(); all functions are
/// const and may be called from any thread (each uses all cores by itself).
class Enformer {
 public:
  /// What a user may choose about a model.
  struct Choices {
    std::optional<Gamma> gamma = {};  ///< nothing: as the files say
    Precision precision = Precision::Float32;
  };
  /// `model` is a folder (config.json + weights) or a weights file with or without a config.json
  /// beside it.
  /// @throws Error "MODEL_INCOMPLETE" if any tensor of the trunk is missing or of the wrong shape,
  /// "PRECISION_UNSUPPORTED"
  static std::shared_ptr<const Enformer> open(const std::filesystem::path& model,
                                              const Choices& choices,
                                              const Progress& progress = {});
  static std::shared_ptr<const Enformer> open(const std::filesystem::path& model,
                                              const Progress& progress = {}) {
    return open(model, Choices{}, progress);
  }
  static std::shared_ptr<const Enformer> load(std::shared_ptr<const Checkpoint> checkpoint,
                                              const EnformerConfig& config,
                                              const Progress& progress = {});
  virtual ~Enformer() = default;

  const EnformerConfig& config() const { return m_config; }
  const LoadReport& loadReport() const { return m_report; }
  const std::filesystem::path& path() const { return m_path; }

  /// Called with each stage's name and activations ([positions, channels]) for the comparison with
  /// the original: "stem", "conv_tower_0".., "transformer_in", "transformer_0_mid",
  /// "transformer_0", ..., "attn_0/head_1", "content_logits_0/head_1", "rel_logits_0/head_1".
  using Observer = std::function<void(const std::string& stage, const Matrix& activations)>;

  /// The convolutions: output tokens `tokens` of the sequence `bases` [tokens, dim], in pieces
  /// unless they are observed. Any piece equals the same rows of the whole, because its halo is
  /// computed with it. '.' is 0.25
  /// of each base; any letter other than A, C, G, T (either case) is nothing.
  virtual Matrix tower(std::string_view bases, BinRange tokens, const Progress& progress = {},
                       const Observer& observer = {}) const = 0;
  /// All tokens of a sequence, in pieces.
  virtual Matrix tower(std::string_view bases, const Progress& progress = {}) const = 0;
  /// The transformer and the final pointwise layer over all tokens: the embedding of the bins
  /// `wanted` (token numbers, before the crop) [bins, 2 * dim]. Every value is above -0.1637.
  virtual Matrix trunk(MatrixView towerTokens, BinRange wanted, const Progress& progress = {},
                       const Observer& observer = {}) const = 0;
  /// The tower tokens whose rows a base of a sequence of this length can change.
  virtual BinRange tokensReached(std::int64_t base, std::int64_t length) const = 0;
  /// Prepares a window and its tower tokens for substitutions that reach only `tokens` (in order,
  /// apart from each other): the tower's levels around these, and the first transformer block's
  /// attention to all others.
  /// @throws Error "PRECISION_TOO_LOW" with bfloat16, which is too rough for differences
  virtual std::shared_ptr<const EditSite> prepare(std::string_view bases, MatrixView towerTokens,
                                                  std::vector<BinRange> tokens,
                                                  const Progress& progress = {}) const = 0;
  using TakeEmbedding = std::function<void(std::size_t number, const Matrix& embedding)>;
  /// The embeddings of the bins `wanted` of sequences that `site` accepts, handed to `take` one
  /// after the other, each equal to that of the full pass within 1e-5 of its root mean square. The
  /// tower, in which several sequences go together, and the first block's attention cost next to
  /// nothing; the other blocks see every token changed.
  virtual void trunks(const EditSite& site, std::span<const std::string_view> edited,
                      BinRange wanted, const TakeEmbedding& take,
                      const Progress& progress = {}) const = 0;
  /// One of them.
  Matrix trunk(const EditSite& site, std::string_view bases, BinRange wanted,
               const Progress& progress = {}) const;
  /// Predicted tracks of a head [bins, tracks.size()], in the unit the model was trained on (e.g.
  /// reads per bin). Empty `tracks` means all.
  virtual Matrix tracks(MatrixView embedding, std::string_view head,
                        std::span<const std::int64_t> tracks = {},
                        const Progress& progress = {}) const = 0;

  /// Longest reach of a base: this many tokens to each side of its own may change in the tower.
  virtual std::int64_t towerReachInTokens() const = 0;

 protected:
  EnformerConfig m_config;
  LoadReport m_report;
  std::filesystem::path m_path;
};

/// Relative position features of enformer-pytorch for `tokens` positions: rows are the distances
/// -(tokens-1)..tokens-1, columns [exponential, central mask, gamma] and the same times
/// sign(distance); `features` columns in all. [2 * tokens - 1, features]
Matrix relativePositionFeatures(std::int64_t tokens, std::int64_t features, Gamma gamma);

/// One-hot input [bases, 4], columns A, C, G, T.
Matrix oneHot(std::string_view bases);

}  // namespace cellocus
