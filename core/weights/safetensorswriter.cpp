// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "base/file.h"
#include "base/text.h"
#include "weights/elements.h"
#include "weights/formats.h"

namespace cellocus {

namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, std::string fact) {
  throw Error("SAFETENSORS_WRITE", shownPath(path), std::move(fact),
              "This is a fault in what was to be saved; please report it.");
}

/// Pointers in the order of the file. Sorted by name, as the usual writers do.
std::vector<const TensorSpan*> sortedByName(const std::filesystem::path& path,
                                            const std::vector<TensorSpan>& tensors) {
  std::vector<const TensorSpan*> sorted;
  for (const TensorSpan& tensor : tensors) {
    if (elementCount(tensor.shape) != static_cast<std::int64_t>(tensor.values.size()))
      refuse(path, "tensor " + printable(tensor.name) + " of shape " + shapeText(tensor.shape) +
                       " was given " + std::to_string(tensor.values.size()) + " values.");
    if (tensor.name == "__metadata__") refuse(path, "a tensor cannot be called __metadata__.");
    sorted.push_back(&tensor);
  }
  const auto byName = [](const TensorSpan* a, const TensorSpan* b) { return a->name < b->name; };
  std::sort(sorted.begin(), sorted.end(), byName);
  for (std::size_t i = 1; i < sorted.size(); ++i)
    if (sorted[i]->name == sorted[i - 1]->name)
      refuse(path, "two tensors are called " + printable(sorted[i]->name) + ".");
  return sorted;
}

std::string headerText(const std::filesystem::path& path,
                       const std::vector<const TensorSpan*>& tensors,
                       const nlohmann::json& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  for (const auto& [key, value] : metadata.items())
    if (!value.is_string()) refuse(path, "the note " + printable(key) + " is not a text.");
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t position = 0;
  for (const TensorSpan* tensor : tensors) {
    const std::uint64_t end = position + tensor->values.size() * sizeof(float);
    header[tensor->name] = {
        {"dtype", "F32"}, {"shape", tensor->shape}, {"data_offsets", {position, end}}};
    position = end;
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  return text;
}

/// The file once more, to ask the system about it.
struct Descriptor {
  explicit Descriptor(const std::filesystem::path& path)
      : number(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number;
};

/// Writes in pieces and has each of them go to the disk, which otherwise would take them all at
/// the end, when nobody can stop it any more.
void writeValues(std::ofstream& stream, int descriptor, std::span<const float> values,
                 const Progress& progress) {
  constexpr std::size_t atOnce = std::size_t{4} << 20;
  for (std::size_t from = 0; from < values.size(); from += atOnce) {
    progress.check();
    const auto piece = values.subspan(from, std::min(atOnce, values.size() - from));
    stream.write(reinterpret_cast<const char*>(piece.data()),
                 static_cast<std::streamsize>(piece.size_bytes()));
    if (from + atOnce >= values.size()) break;
    stream.flush();
    ::fdatasync(descriptor);
  }
}

}  // namespace

void writeSafetensors(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors,
                      const nlohmann::json& metadata) {
  std::vector<TensorSpan> spans;
  for (const NamedTensor& tensor : tensors)
    spans.push_back({tensor.name, tensor.shape, tensor.values});
  writeSafetensors(path, spans, metadata, {});
}

void writeSafetensors(const std::filesystem::path& path, const std::vector<TensorSpan>& tensors,
                      const nlohmann::json& metadata, const Progress& progress) {
  const std::vector<const TensorSpan*> sorted = sortedByName(path, tensors);
  const std::string header = headerText(path, sorted, metadata);
  saveAtomic(path, [&](const std::filesystem::path& temporary) {
    std::ofstream stream(temporary, std::ios::binary | std::ios::trunc);
    const Descriptor sameFile(temporary);
    const std::uint64_t length = header.size();
    stream.write(reinterpret_cast<const char*>(&length), sizeof length);
    stream.write(header.data(), static_cast<std::streamsize>(header.size()));
    for (const TensorSpan* tensor : sorted)
      writeValues(stream, sameFile.number, tensor->values, progress);
    stream.close();
    if (!stream)
      throw Error("SAVE_FAILED", shownPath(path), "it could not be written in full.",
                  "Make room on the disk or choose another place.");
  });
}

}  // namespace cellocus
