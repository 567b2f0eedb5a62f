// SPDX-License-Identifier: GPL-3.0-or-later
#include "arguments.h"

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "export/provenance.h"

namespace cellocus::cli {

namespace fs = std::filesystem;

namespace {

struct NumberRange {
  std::int64_t first = 0, last = 0;  // both included
};

std::optional<NumberRange> rangeOf(std::string_view text) {
  const auto parts = split(text, '-');
  const auto first = parseInteger(parts.front());
  const auto last = parseInteger(parts.back());
  if (parts.size() > 2 || !first || !last || *first < 0 || *first > *last) return {};
  return NumberRange{*first, *last};
}

const EnformerConfig::Head& headNamed(std::string_view name, const EnformerConfig& config) {
  for (const auto& head : config.outputHeads)
    if (head.name == name) return head;
  std::string known;
  for (const auto& head : config.outputHeads) known += (known.empty() ? "" : ", ") + head.name;
  throw UsageError("--tracks: the model has no head '" + printable(name) + "'; it has " +
                   (known.empty() ? "none" : known) + ".");
}

void addRange(TrackChoice& choice, const EnformerConfig::Head& head, NumberRange range) {
  if (range.last >= head.tracks)
    throw UsageError("--tracks: head '" + head.name + "' has tracks 0 to " +
                     std::to_string(head.tracks - 1) + ", not " + std::to_string(range.last) + ".");
  auto& numbers = choice[head.name];
  for (std::int64_t number = range.first; number <= range.last; ++number) numbers.push_back(number);
}

void addNamed(TrackChoice& choice, const EnformerConfig::Head& head, std::string_view name,
              const std::vector<std::string>& names) {
  const std::string wanted = lowered(name);
  bool found = false;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (lowered(names[i]) == wanted) {
      addRange(choice, head, {static_cast<std::int64_t>(i), static_cast<std::int64_t>(i)});
      found = true;
    }
  if (found) return;
  std::string message =
      "--tracks: '" + printable(name) + "' is no number, range or known track name.";
  for (const std::string& near : nearest(name, names))
    message += (message.ends_with('.') ? " Near names: " : ", ") + printable(near);
  throw UsageError(message);
}

void addTrack(TrackChoice& choice, std::string_view item, const EnformerConfig& config,
              const std::vector<std::string>& names) {
  if (config.outputHeads.empty()) throw UsageError("--tracks: the model has no heads.");
  const auto& first = config.outputHeads.front();
  if (const auto range = rangeOf(item)) return addRange(choice, first, *range);
  const std::size_t colon = item.find(':');
  if (colon != std::string_view::npos)
    if (const auto range = rangeOf(item.substr(colon + 1)))
      return addRange(choice, headNamed(item.substr(0, colon), config), *range);
  addNamed(choice, first, item, names);
}

}  // namespace

std::vector<std::string> listOf(std::string_view option, std::string_view text) {
  std::vector<std::string> items;
  for (const std::string_view piece : split(text, ',')) {
    const std::string_view item = trimmed(piece);
    if (item.empty()) throw UsageError(std::string(option) + ": an entry of the list is empty.");
    items.emplace_back(item);
  }
  return items;
}

BinRange binsOf(std::string_view text, std::int64_t count) {
  const auto range = rangeOf(text);
  if (!range)
    throw UsageError("--bins: '" + printable(text) +
                     "' is no range of bins; write for example 447-449.");
  if (range->last >= count)
    throw UsageError("--bins: there are bins 0 to " + std::to_string(count - 1) + ", not " +
                     std::to_string(range->last) + ".");
  return {range->first, range->last + 1};
}

TrackChoice tracksOf(std::string_view text, const EnformerConfig& config,
                     const std::vector<std::string>& names) {
  TrackChoice choice;
  for (const std::string& item : listOf("--tracks", text)) addTrack(choice, item, config, names);
  return choice;
}

std::vector<std::string> readTrackNames(const fs::path& path) {
  const std::string text = InputFile::open(path)->readAll(64u << 20);
  const auto lines = split(text, '\n');
  const auto header = split(trimmed(lines.front()), '\t');
  const auto column = std::ranges::find(header, "description");
  if (column == header.end())
    throw Error("TRACKS_FORMAT", printable(path.string()),
                "it has no column named 'description' in its first line.",
                "Use a table of targets as it comes with Enformer (targets_human.txt), columns "
                "separated by tabs.");
  const auto at = static_cast<std::size_t>(column - header.begin());
  std::vector<std::string> names;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (trimmed(lines[i]).empty()) continue;
    const auto cells = split(lines[i], '\t');
    if (cells.size() <= at)
      throw Error("TRACKS_FORMAT", printable(path.string()) + ", line " + std::to_string(i + 1),
                  "it has " + std::to_string(cells.size()) + " columns; the first line has " +
                      std::to_string(header.size()) + ".",
                  "Check that the file is complete.");
    names.emplace_back(trimmed(cells[at]));
  }
  return names;
}

std::filesystem::path besideOutput(const std::filesystem::path& output, const std::string& what) {
  std::filesystem::path stem = output.stem();
  if (output.extension() == ".gz") stem = stem.stem();
  return output.parent_path() / (stem.string() + "." + what);
}

std::optional<Gamma> gammaOf(const std::string& text) {
  if (text.empty()) return {};
  if (text == "tf") return Gamma::TensorFlow;
  if (text == "torch") return Gamma::Torch;
  throw UsageError("--gamma: it is 'tf' or 'torch', not '" + printable(text) + "'.");
}

void addPrecisionOption(CLI::App& app, Precision& precision) {
  const std::vector<std::string> names = {precisionName(Precision::Float32),
                                          precisionName(Precision::BFloat16)};
  app.add_option_function<std::string>(
         "--precision",
         [&precision](const std::string& name) {
           precision = name == precisionName(Precision::BFloat16) ? Precision::BFloat16
                                                                  : Precision::Float32;
         },
         "bfloat16: about twice as fast and some percent off, for looking at and screening, not "
         "for differences; refused for edits")
      ->option_text(names[0] + "|" + names[1])
      ->check(CLI::IsMember(names))
      ->default_str(names[0]);
}

std::string endingOf(const fs::path& path) {
  const fs::path plain = path.extension() == ".gz" ? path.stem() : path;
  return lowered(plain.extension().string());
}

void requireEnding(const fs::path& path, const std::vector<std::string>& endings) {
  if (std::ranges::find(endings, endingOf(path)) != endings.end()) return;
  std::string list;
  for (const std::string& ending : endings) list += (list.empty() ? "" : ", ") + ending;
  throw UsageError("-o: '" + printable(path.string()) + "' ends with none of " + list +
                   "; the ending chooses the format.");
}

}  // namespace cellocus::cli
