// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "models/enformer.h"
#include "models/enformernames.h"

namespace cellocus {

namespace {

using Json = nlohmann::ordered_json;  // heads stay in the order of the file

/// Reads fields of a config.json; a field of the wrong kind or size is an error that names it.
class ConfigReader {
 public:
  explicit ConfigReader(const std::filesystem::path& path) : m_path(path) {
    const std::string text = InputFile::open(path)->readAll(limits::jsonBytes);
    m_json = Json::parse(text, nullptr, false);
    if (!m_json.is_object())
      throw Error("CONFIG_INVALID", path.string(), "this is not a JSON object.",
                  "A model's config.json begins with \"{\"; get the file again from its source.");
  }

  const Json& json() const { return m_json; }

  [[noreturn]] void refuse(const std::string& key, const std::string& fact) const {
    throw Error("CONFIG_INVALID", m_path.string() + ", \"" + key + "\"", fact,
                "Correct the file or get it again from its source.");
  }

  void integer(const Json& object, const std::string& key, std::int64_t least, std::int64_t most,
               std::int64_t& value) const {
    const auto found = object.find(key);
    if (found == object.end() || found->is_null()) return;
    if (!found->is_number_integer())
      refuse(key, "a whole number is expected, found " + printable(found->dump()) + ".");
    const auto number = found->get<std::int64_t>();
    if (number < least || number > most)
      refuse(key, "the value is " + std::to_string(number) + ", expected " + std::to_string(least) +
                      " to " + std::to_string(most) + ".");
    value = number;
  }

  void text(const Json& object, const std::string& key, std::string& value) const {
    const auto found = object.find(key);
    if (found == object.end() || found->is_null()) return;
    if (!found->is_string())
      refuse(key, "a text is expected, found " + printable(found->dump()) + ".");
    value = found->get<std::string>();
  }

 private:
  std::filesystem::path m_path;
  Json m_json;
};

constexpr std::int64_t mostTracks = 1'000'000;

void readHeads(const ConfigReader& reader, EnformerConfig& config) {
  const auto heads = reader.json().find("output_heads");
  if (heads == reader.json().end()) return;
  if (!heads->is_object())
    reader.refuse("output_heads", "names with numbers of tracks are expected.");
  for (const auto& [name, tracks] : heads->items()) {
    EnformerConfig::Head head{name, 0};
    reader.integer(*heads, name, 1, mostTracks, head.tracks);
    config.outputHeads.push_back(head);
  }
}

/// Our own optional part of a config.json.
void readOwnPart(const ConfigReader& reader, EnformerConfig& config) {
  const auto own = reader.json().find("cellocus");
  if (own == reader.json().end()) return;
  if (!own->is_object()) reader.refuse("cellocus", "an object is expected.");
  reader.text(*own, "name", config.modelName);
  reader.text(*own, "label", config.label);
  reader.integer(*own, "window_length", 1, 1 << 24, config.windowLength);
  const auto names = own->find("track_names");
  if (names == own->end()) return;
  if (!names->is_array()) reader.refuse("track_names", "a list of texts is expected.");
  for (const Json& name : *names) {
    if (!name.is_string()) reader.refuse("track_names", "a list of texts is expected.");
    config.trackNames.push_back(name.get<std::string>());
  }
}

void readGamma(const ConfigReader& reader, EnformerConfig& config) {
  const auto tensorFlow = reader.json().find("use_tf_gamma");
  if (tensorFlow == reader.json().end() || tensorFlow->is_null()) {
    config.gamma = config.tokenCount() == 1536 ? Gamma::TensorFlow : Gamma::Torch;
    return;
  }
  if (!tensorFlow->is_boolean()) reader.refuse("use_tf_gamma", "true or false is expected.");
  config.gamma = tensorFlow->get<bool>() ? Gamma::TensorFlow : Gamma::Torch;
}

/// Python's round: a half goes to the even neighbour. (The default rounding mode of C does the
/// same.)
std::int64_t roundedHalfToEven(double value) {
  return static_cast<std::int64_t>(std::nearbyint(value));
}

/// The shapes of a checkpoint's tensors by their canonical names.
std::map<std::string, Shape> canonicalShapes(const Checkpoint& checkpoint) {
  std::map<std::string, Shape> shapes;
  for (const TensorInfo& tensor : checkpoint.tensors())
    shapes.try_emplace(enformerCanonicalName(tensor.name), tensor.shape);
  return shapes;
}

const Shape& requireShape(const std::map<std::string, Shape>& shapes, const Checkpoint& checkpoint,
                          const std::string& name, std::size_t rank) {
  const auto found = shapes.find(name);
  if (found == shapes.end())
    throw Error("MODEL_UNKNOWN", checkpoint.path().string(),
                "this is no Enformer that can be read without a config.json: tensor " + name +
                    " is missing.",
                "Open an Enformer weights file, or put the model's config.json beside it.");
  if (found->second.size() != rank)
    throw Error("TENSOR_SHAPE", checkpoint.path().string() + ", tensor " + name,
                "the shape is " + shapeText(found->second) + ", expected " + std::to_string(rank) +
                    " dimensions.",
                "The file is damaged or not an Enformer.");
  return found->second;
}

std::int64_t countOf(const std::map<std::string, Shape>& shapes, const std::string& prefix,
                     const std::string& suffix) {
  std::int64_t count = 0;
  while (shapes.contains(prefix + std::to_string(count) + suffix)) ++count;
  return count;
}

/// The largest divisor that gives the tower's channels as found, or the default if none does.
std::int64_t inferredDivisor(const EnformerConfig& config,
                             const std::vector<std::int64_t>& channels) {
  EnformerConfig trial = config;
  for (trial.dimDivisibleBy = config.dim; trial.dimDivisibleBy > 0; --trial.dimDivisibleBy)
    if (trial.towerChannels() == channels) return trial.dimDivisibleBy;
  return config.dimDivisibleBy;
}

void inferHeads(const std::map<std::string, Shape>& shapes, EnformerConfig& config) {
  constexpr std::string_view prefix = "_heads.", suffix = ".0.weight";
  for (const auto& [name, shape] : shapes)
    if (name.starts_with(prefix) && name.ends_with(suffix) && shape.size() == 2)
      config.outputHeads.push_back(
          {name.substr(prefix.size(), name.size() - prefix.size() - suffix.size()), shape[0]});
}

void requirePlausible(const std::filesystem::path& path, const EnformerConfig& config) {
  const auto refuse = [&](const std::string& fact) {
    throw Error("CONFIG_INVALID", path.string(), fact,
                "Correct the file or get it again from its source.");
  };
  if (config.dim % 2 != 0) refuse("dim is " + std::to_string(config.dim) + ", which is not even.");
  if (config.dim % config.heads != 0)
    refuse("dim " + std::to_string(config.dim) + " is not a multiple of the " +
           std::to_string(config.heads) + " attention heads.");
  if (config.dim / config.heads % 6 != 0)
    refuse("dim / heads is " + std::to_string(config.dim / config.heads) +
           ", which is not a multiple of the 6 kinds of relative position features.");
  if (config.windowLength < config.binSize())
    refuse("the window of " + std::to_string(config.windowLength) +
           " bases is shorter than one bin.");
}

}  // namespace

BinRange EnformerConfig::croppedBins(std::int64_t tokens) const {
  if (targetLength < 0) return {0, tokens};
  const std::int64_t surplus = tokens - targetLength;
  const std::int64_t trimmed = (surplus + 1) / 2;  // at each end: an odd surplus loses one bin more
  if (surplus < 0 || tokens - 2 * trimmed < 1)
    throw Error("WINDOW_TOO_SHORT", "the model's input",
                std::to_string(tokens) + " bins were given, but the model keeps the middle " +
                    std::to_string(targetLength) + ".",
                "Give it " + withThousands(windowLength) + " bases.");
  return {trimmed, tokens - trimmed};
}

std::vector<std::int64_t> EnformerConfig::towerChannels() const {
  std::vector<std::int64_t> channels{dim / 2};
  const auto blocks = downsamples - 1;
  const auto divisor = static_cast<double>(dimDivisibleBy);
  const double base = std::exp(std::log(2.0) / static_cast<double>(blocks - 1));
  for (std::int64_t i = 0; i < blocks; ++i) {
    const double grown = static_cast<double>(dim / 2) * std::pow(base, static_cast<double>(i));
    channels.push_back(roundedHalfToEven(grown / divisor) * dimDivisibleBy);
  }
  return channels;
}

EnformerConfig EnformerConfig::read(const std::filesystem::path& json) {
  const ConfigReader reader(json);
  EnformerConfig config;
  reader.integer(reader.json(), "dim", 12, 16'384, config.dim);
  reader.integer(reader.json(), "depth", 1, 256, config.depth);
  reader.integer(reader.json(), "heads", 1, 256, config.heads);
  reader.integer(reader.json(), "attn_dim_key", 1, 4'096, config.keyDim);
  reader.integer(reader.json(), "target_length", -1, 1 << 20, config.targetLength);
  reader.integer(reader.json(), "num_downsamples", 3, 20, config.downsamples);
  reader.integer(reader.json(), "dim_divisible_by", 1, 16'384, config.dimDivisibleBy);
  config.modelName = "Enformer";
  readHeads(reader, config);
  readOwnPart(reader, config);
  readGamma(reader, config);
  requirePlausible(json, config);
  return config;
}

EnformerConfig EnformerConfig::inferred(const Checkpoint& checkpoint) {
  const std::map<std::string, Shape> shapes = canonicalShapes(checkpoint);
  EnformerConfig config;
  const Shape& bias = requireShape(shapes, checkpoint, "transformer.0.0.fn.1.rel_content_bias", 4);
  config.heads = bias[1];
  config.keyDim = bias[3];
  config.dim = requireShape(shapes, checkpoint, "transformer.0.0.fn.0.weight", 1)[0];
  config.depth = countOf(shapes, "transformer.", ".0.fn.0.weight");
  config.downsamples = 1 + countOf(shapes, "conv_tower.", ".0.2.weight");
  std::vector<std::int64_t> channels{requireShape(shapes, checkpoint, "stem.0.weight", 3)[0]};
  for (std::int64_t i = 0; i + 1 < config.downsamples; ++i)
    channels.push_back(
        requireShape(shapes, checkpoint, "conv_tower." + std::to_string(i) + ".0.2.weight", 3)[0]);
  if (config.dim < 12 || config.dim > 16'384 || config.heads < 1 || config.keyDim < 1 ||
      config.downsamples < 3 || config.downsamples > 20)
    throw Error("MODEL_UNKNOWN", checkpoint.path().string(),
                "the shapes of its tensors are not those of an Enformer.",
                "Open an Enformer weights file, or put the model's config.json beside it.");
  config.dimDivisibleBy = inferredDivisor(config, channels);
  config.gamma = config.tokenCount() == 1536 ? Gamma::TensorFlow : Gamma::Torch;
  config.modelName = "Enformer";
  inferHeads(shapes, config);
  requirePlausible(checkpoint.path(), config);
  return config;
}

}  // namespace cellocus
