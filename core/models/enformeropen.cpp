// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "models/enformer.h"

namespace cellocus {

namespace {

namespace fs = std::filesystem;

bool isWeightsFile(const fs::path& path) {
  constexpr std::array<std::string_view, 5> endings{".safetensors", ".bin", ".pt", ".pth", ".ckpt"};
  return std::ranges::find(endings, path.extension().string()) != endings.end();
}

/// The weights file of a model folder: by its usual name, or the only one there is.
fs::path weightsIn(const fs::path& folder) {
  for (const char* usual : {"model.safetensors", "pytorch_model.bin", "model.bin"})
    if (fs::is_regular_file(folder / usual)) return folder / usual;
  std::vector<fs::path> found;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    if (entry.is_regular_file() && isWeightsFile(entry.path()) &&
        entry.path().filename() != "tf_gammas.pt")
      found.push_back(entry.path());
  if (found.size() == 1) return found.front();
  throw Error(
      "MODEL_FILES", folder.string(),
      "one weights file is expected in this folder, found " + std::to_string(found.size()) + ".",
      "Choose the weights file itself (.safetensors, .bin, .pt or .ckpt).");
}

/// Descriptions from a table of tracks as Basenji's targets_human.txt: a head line, then one line a
/// track.
std::vector<std::string> readTrackNames(const fs::path& path, std::int64_t tracks) {
  const std::string text = InputFile::open(path)->readAll(limits::jsonBytes);
  std::vector<std::string_view> lines = split(trimmed(text), '\n');
  const std::vector<std::string_view> head = split(trimmed(lines.front()), '\t');
  const auto column =
      static_cast<std::size_t>(std::ranges::find(head, "description") - head.begin());
  std::vector<std::string> names;
  for (const std::string_view line : std::span(lines).subspan(1)) {
    const std::vector<std::string_view> cells = split(trimmed(line), '\t');
    if (column < cells.size()) names.emplace_back(cells[column]);
  }
  if (names.size() != static_cast<std::size_t>(tracks))
    throw Error("TRACK_NAMES", path.string(),
                "descriptions of " + std::to_string(tracks) + " tracks are expected, found " +
                    std::to_string(names.size()) + ".",
                "Put the table of this model's tracks there, or remove the file.");
  return names;
}

struct Opened {
  std::shared_ptr<const Checkpoint> checkpoint;
  EnformerConfig config;
};

/// The weights with what lies beside them: config.json, the gamma table, the names of the tracks.
Opened openParts(const fs::path& model, const Progress& progress) {
  const fs::path weights = fs::is_directory(model) ? weightsIn(model) : model;
  const fs::path folder = weights.parent_path();
  Opened opened;
  opened.checkpoint = Checkpoint::open(weights, progress);
  opened.config = fs::exists(folder / "config.json") ? EnformerConfig::read(folder / "config.json")
                                                     : EnformerConfig::inferred(*opened.checkpoint);
  EnformerConfig& config = opened.config;
  if (fs::exists(folder / "tf_gammas.pt")) config.gammaTable = folder / "tf_gammas.pt";
  if (config.trackNames.empty() && !config.outputHeads.empty()) {
    const EnformerConfig::Head& first = config.outputHeads.front();
    const fs::path names = folder / ("targets_" + first.name + ".txt");
    if (fs::exists(names)) config.trackNames = readTrackNames(names, first.tracks);
  }
  return opened;
}

}  // namespace

std::shared_ptr<const Enformer> Enformer::open(const fs::path& model, const Choices& choices,
                                               const Progress& progress) {
  Opened opened = openParts(model, progress.part(0, 0.1));
  opened.config.gamma = choices.gamma.value_or(opened.config.gamma);
  opened.config.precision = choices.precision;
  return load(opened.checkpoint, opened.config, progress.part(0.1, 1));
}

}  // namespace cellocus
