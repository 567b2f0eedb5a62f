// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/provenance.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "base/file.h"
#include "base/text.h"
#include "export/version.h"

namespace cellocus {

namespace fs = std::filesystem;

namespace {

/// What a checksum in the cache was computed from, as one line of text.
std::string stamp(const fs::path& path) {
  const auto time = fs::last_write_time(path).time_since_epoch();
  return fs::absolute(path).string() + '\n' + std::to_string(fs::file_size(path)) + '\n' +
         std::to_string(std::chrono::duration_cast<std::chrono::nanoseconds>(time).count()) + '\n';
}

/// A file written to within the last seconds may change again without its time showing it.
bool settled(const fs::path& path) {
  return fs::file_time_type::clock::now() - fs::last_write_time(path) > std::chrono::seconds(3);
}

constexpr std::uint64_t worthCaching = 16u
                                       << 20;  // bytes; below that the checksum takes milliseconds

/// Checksums of large files, one small file each in the cache folder. A machine where that folder
/// cannot be written computes them anew each time, which is slower and no less right.
class DigestCache {
 public:
  explicit DigestCache(const fs::path& path) : m_path(path), m_stamp(stamp(path)) {}

  std::string known() const {
    try {
      const std::string text = InputFile::open(place())->readAll(64u << 10);
      const bool fits = text.size() == m_stamp.size() + 64 && text.starts_with(m_stamp);
      return fits ? text.substr(m_stamp.size()) : std::string();
    } catch (const std::exception&) {
      return {};
    }
  }

  void keep(const std::string& digest) const {
    if (!settled(m_path) || stamp(m_path) != m_stamp) return;
    try {
      saveAtomic(place(), m_stamp + digest);
    } catch (const std::exception&) {
    }
  }

 private:
  fs::path place() const { return cacheFolder() / ("sha256-" + sha256(m_stamp).substr(0, 24)); }

  fs::path m_path;
  std::string m_stamp;
};

std::string digest(const fs::path& path, const Progress& progress) {
  if (fs::file_size(path) < worthCaching) return sha256OfFile(path, progress);
  const DigestCache cache(path);
  if (std::string known = cache.known(); !known.empty()) return known;
  const std::string computed = sha256OfFile(path, progress);
  cache.keep(computed);
  return computed;
}

/// The files of a model folder that decide its numbers.
std::vector<fs::path> modelFiles(const fs::path& folder) {
  static constexpr std::array<std::string_view, 5> endings = {".json", ".bin", ".pt",
                                                              ".safetensors", ".ckpt"};
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.is_regular_file() &&
        std::ranges::find(endings, entry.path().extension().string()) != endings.end())
      files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

/// The files that Enformer::open reads for a weights file.
std::vector<fs::path> trunkFiles(const Enformer& model) {
  std::vector<fs::path> files = {model.path()};
  const auto beside = [&](const std::string& name) {
    const fs::path file = model.path().parent_path() / name;
    if (fs::is_regular_file(file)) files.push_back(file);
  };
  beside("config.json");
  beside("tf_gammas.pt");
  const auto& heads = model.config().outputHeads;
  if (!heads.empty()) beside("targets_" + heads.front().name + ".txt");
  return files;
}

}  // namespace

std::string programVersion() {
  return "cellocus " CELLOCUS_VERSION;
}

std::string gammaName(Gamma gamma) {
  return gamma == Gamma::TensorFlow ? "tf" : "torch";
}

std::string precisionName(Precision precision) {
  return precision == Precision::BFloat16 ? "bfloat16" : "float32";
}

void Provenance::add(std::string_view role, const fs::path& path, const Progress& progress) {
  if (fs::is_directory(path)) {
    for (const fs::path& file : modelFiles(path)) add(role, file, progress);
    return;
  }
  const auto file = InputFile::open(path);
  files.push_back({std::string(role), path, file->size(), digest(path, progress)});
}

void Provenance::addTrunk(const Enformer& trunk, const Progress& progress) {
  for (const fs::path& file : trunkFiles(trunk)) add("trunk", file, progress);
  model = trunk.config().modelName;
  modelLabel = trunk.config().label;
  precision = precisionName(trunk.config().precision);
}

nlohmann::json Provenance::json() const {
  nlohmann::json result = {{"program", program},
                           {"command", printable(command, 16384)},
                           {"locus", locus},
                           {"model", model},
                           {"model_label", modelLabel},
                           {"threads", threads},
                           {"precision", precision},
                           {"contigs", contigs}};
  // An HDF5 attribute holds 64 KiB; the whole list is in the file of edits, whose checksum is
  // noted.
  result["haplotype"] = haplotype.empty() ? "reference" : printable(haplotype, 16384);
  result["files"] = nlohmann::json::array();
  for (const File& file : files)
    result["files"].push_back({{"role", file.role},
                               {"path", printable(file.path.string(), 4096)},
                               {"bytes", file.size},
                               {"sha256", file.sha256}});
  result["formulas"] = nlohmann::json::object();
  for (const Formula& formula : formulas) result["formulas"][formula.number] = formula.formula;
  return result;
}

std::vector<std::string> Provenance::headerLines() const {
  std::vector<std::string> lines;
  const auto line = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) lines.push_back("# " + std::string(name) + ": " + printable(value, 16384));
  };
  line("program", program);
  line("command", command);
  line("model", model);
  line("label", modelLabel);
  line("locus", locus);
  line("haplotype", haplotype.empty() ? "reference" : haplotype);
  for (const File& file : files)
    line(file.role + " file", file.path.string() + " (" + std::to_string(file.size) +
                                  " bytes, SHA-256 " + file.sha256 + ")");
  for (const std::string& contig : contigs) line("contig", contig);
  for (const Formula& formula : formulas) line(formula.number + " is", formula.formula);
  if (threads > 0) line("threads", std::to_string(threads));
  line("precision", precision);
  return lines;
}

}  // namespace cellocus
