// SPDX-License-Identifier: GPL-3.0-or-later
// Joining the parts of a run that several machines shared. Declared in embeddingrun.h.
#include <algorithm>

#include "analysis/embeddingrun.h"
#include "base/error.h"
#include "base/text.h"

namespace cellocus {

namespace {

/// Sorted by their numbers. @throws Error if one of them is no part of the run of the first
std::vector<const NamedEmbeddings*> sortedParts(const std::vector<NamedEmbeddings>& parts) {
  std::vector<const NamedEmbeddings*> sorted;
  for (const NamedEmbeddings& part : parts) {
    if (!part.file.part)
      throw Error("MERGE_NO_PART", printable(part.name, 300), "it is no part of a run.",
                  "Merge what 'embed --shard' wrote.");
    const EmbeddingFile &file = part.file, &first = parts.front().file;
    if (file.part->fingerprint != first.part->fingerprint ||
        file.part->count != first.part->count || file.part->allRows != first.part->allRows ||
        file.gamma != first.gamma || file.embedding.cols() != first.embedding.cols())
      throw Error("MERGE_OTHER_RUN", printable(part.name, 300),
                  "it was made from other inputs or with other options than " +
                      printable(parts.front().name, 300) + ".",
                  "Make all parts with the same model, genome, windows, options and version.");
    sorted.push_back(&part);
  }
  std::ranges::sort(sorted, {},
                    [](const NamedEmbeddings* part) { return part->file.part->number; });
  return sorted;
}

/// Each part once, and its rows where those before it end.
void checkComplete(const std::vector<const NamedEmbeddings*>& sorted) {
  const EmbeddingFile::Part& run = *sorted.front()->file.part;
  std::vector<std::string> missing;
  std::size_t at = 0;
  for (std::int64_t number = 1; number <= run.count; ++number) {
    if (at == sorted.size() || sorted[at]->file.part->number != number) {
      missing.push_back(std::to_string(number));
      if (missing.size() == 10) break;
      continue;
    }
    if (at + 1 < sorted.size() && sorted[at + 1]->file.part->number == number)
      throw Error("MERGE_TWICE", printable(sorted[at + 1]->name, 300),
                  "it is part " + std::to_string(number) + ", as is " +
                      printable(sorted[at]->name, 300) + ".",
                  "Name each part once.");
    ++at;
  }
  if (missing.empty()) return;
  std::string list;
  for (const std::string& number : missing) list += (list.empty() ? "" : ", ") + number;
  throw Error("MERGE_MISSING", printable(sorted.front()->name, 300),
              "of the " + withThousands(run.count) + " parts of its run, part " + list +
                  (missing.size() == 10 ? ", ... are" : " is") + " not among the files.",
              "Name all parts; make what is missing with 'embed --shard'.");
}

void append(std::vector<std::string>& all, const std::vector<std::string>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

}  // namespace

EmbeddingFile joinParts(const std::vector<NamedEmbeddings>& parts) {
  if (parts.empty())
    throw Error("MERGE_MISSING", "parts", "no file was named.", "Name all parts of a run.");
  const auto sorted = sortedParts(parts);
  checkComplete(sorted);
  EmbeddingFile all;
  all.gamma = sorted.front()->file.gamma;
  all.embedding.resize(sorted.front()->file.part->allRows, sorted.front()->file.embedding.cols());
  std::int64_t row = 0;
  for (const NamedEmbeddings* part : sorted) {
    const EmbeddingFile& file = part->file;
    if (file.part->firstRow != row || row + file.embedding.rows() > all.embedding.rows())
      throw Error("MERGE_OTHER_RUN", printable(part->name, 300),
                  "its rows do not follow those of the part before.",
                  "The file is damaged or was changed; make this part anew.");
    all.embedding.middleRows(row, file.embedding.rows()) = file.embedding;
    row += file.embedding.rows();
    append(all.geneIds, file.geneIds);
    append(all.geneSymbols, file.geneSymbols);
    append(all.windows, file.windows);
  }
  if (row != all.embedding.rows())
    throw Error("MERGE_MISSING", printable(sorted.back()->name, 300),
                "the parts have " + withThousands(row) + " rows, and their run has " +
                    withThousands(all.embedding.rows()) + ".",
                "The file is damaged or was changed; make this part anew.");
  return all;
}

}  // namespace cellocus
