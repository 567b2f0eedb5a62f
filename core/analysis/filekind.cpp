// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/filekind.h"

#include <algorithm>
#include <array>

#include "base/file.h"
#include "base/text.h"
#include "cells/h5file.h"
#include "weights/checkpoint.h"

namespace cellocus {

namespace fs = std::filesystem;

namespace {

struct Ending {
  std::string_view text;
  FileKind kind;
};

constexpr std::array endings = {
    Ending{".fa", FileKind::Genome},
    Ending{".fasta", FileKind::Genome},
    Ending{".fna", FileKind::Genome},
    Ending{".gtf", FileKind::Annotation},
    Ending{".gff", FileKind::Annotation},
    Ending{".gff3", FileKind::Annotation},
    Ending{".summary.tsv", FileKind::Annotation},
    Ending{".summary.txt", FileKind::Annotation},
    Ending{".vcf", FileKind::Variants},
    Ending{".bed", FileKind::Intervals},
    Ending{".narrowpeak", FileKind::Intervals},
    Ending{".pkl", FileKind::Dictionary},
    Ending{".json", FileKind::Session},
    Ending{".ccsession", FileKind::Session},
};

constexpr std::array weightEndings = {".safetensors", ".ckpt", ".pt", ".pth", ".bin"};

bool endsWith(std::string_view text, std::string_view ending) {
  return text.size() >= ending.size() && text.substr(text.size() - ending.size()) == ending;
}

FileKind kindOfCheckpoint(const fs::path& path) {
  const auto checkpoint = Checkpoint::open(path);
  const auto has = [&](std::string_view part) {
    return std::any_of(
        checkpoint->tensors().begin(), checkpoint->tensors().end(),
        [&](const TensorInfo& tensor) { return containsIgnoringCase(tensor.name, part); });
  };
  if (has("to_rel_k")) return FileKind::SequenceModel;
  if (has("model_head.")) return FileKind::CellHead;
  return FileKind::Checkpoint;
}

FileKind kindOfHdf5(const fs::path& path) {
  const auto file = H5File::open(path);
  const bool embeddings = file->kind("/embedding") != H5File::Kind::Missing ||
                          file->kind("/emb") != H5File::Kind::Missing;
  return embeddings && file->kind("/obs") == H5File::Kind::Missing ? FileKind::Embeddings
                                                                   : FileKind::Cells;
}

}  // namespace

std::string_view fileKindName(FileKind kind) {
  switch (kind) {
    case FileKind::Genome:
      return "genome";
    case FileKind::Annotation:
      return "annotation";
    case FileKind::Variants:
      return "variants";
    case FileKind::Intervals:
      return "intervals";
    case FileKind::CytoBands:
      return "bands";
    case FileKind::SequenceModel:
    case FileKind::CellHead:
    case FileKind::Checkpoint:
      return "checkpoint";
    case FileKind::Cells:
      return "cells";
    case FileKind::Embeddings:
      return "embeddings";
    case FileKind::Dictionary:
      return "dictionary";
    case FileKind::Session:
      return "session";
  }
  return "unknown";
}

FileKind recogniseFile(const fs::path& path) {
  if (fs::is_directory(path) && fs::exists(path / "config.json")) return FileKind::SequenceModel;
  const auto file = InputFile::open(path);
  std::string name = lowered(path.filename().string());
  for (const std::string_view packed : {".gz", ".bgz"})
    if (endsWith(name, packed)) name.resize(name.size() - packed.size());
  if (containsIgnoringCase(name, "cytoband")) return FileKind::CytoBands;
  for (const char* ending : weightEndings)
    if (endsWith(name, ending)) return kindOfCheckpoint(path);
  if (file->readSome(0, 4) == "\x89HDF") return kindOfHdf5(path);
  for (const Ending& ending : endings)
    if (endsWith(name, ending.text)) return ending.kind;
  throw Error(
      "FILE_KIND_UNKNOWN", printable(path.filename().string()),
      "the program cannot tell what this file is.",
      "It opens FASTA, GTF, GFF3, MANE summary, BED, VCF, .h5ad, 10x .h5, .safetensors, .pt, "
      ".bin, .ckpt and session files.");
}

}  // namespace cellocus
