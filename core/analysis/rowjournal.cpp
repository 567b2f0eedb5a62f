// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/rowjournal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

namespace cellocus {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view factsName = "run", rowsPrefix = "rows-", temporaryPrefix = ".cellocus-";
constexpr std::size_t factsBytes = 1u << 20;
constexpr std::size_t digestLetters = 64;

std::string factsText(const RunFacts& facts) {
  std::string text;
  for (const auto& [name, value] : facts) text += name + '\t' + value + '\n';
  return text;
}

RunFacts factsOf(std::string_view text) {
  RunFacts facts;
  for (const std::string_view line : split(text, '\n')) {
    const auto tab = line.find('\t');
    if (tab != std::string_view::npos)
      facts.emplace_back(line.substr(0, tab), line.substr(tab + 1));
  }
  return facts;
}

std::optional<std::string> valueOf(const RunFacts& facts, const std::string& name) {
  const auto found = std::ranges::find(facts, name, &RunFacts::value_type::first);
  return found == facts.end() ? std::nullopt : std::optional(found->second);
}

/// A checksum is cut, because its first digits tell it from another.
std::string shown(const std::optional<std::string>& value) {
  if (!value) return "nothing";
  const bool isDigest = value->size() == digestLetters &&
                        value->find_first_not_of("0123456789abcdef") == std::string::npos;
  return '\'' + (isDigest ? value->substr(0, 12) : printable(*value, 200)) + '\'';
}

/// "genome (there 'ab12', now 'cd34'); gamma (...)".
std::string differences(const RunFacts& kept, const RunFacts& now) {
  std::vector<std::string> names;
  for (const RunFacts* facts : {&now, &kept})
    for (const auto& [name, value] : *facts)
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  std::string text;
  for (const std::string& name : names) {
    const auto before = valueOf(kept, name), after = valueOf(now, name);
    if (before != after)
      text += (text.empty() ? "" : "; ") + printable(name) + " (there " + shown(before) + ", now " +
              shown(after) + ")";
  }
  return text;
}

bool isOurs(const fs::path& file) {
  const std::string name = file.filename().string();
  return name == factsName || name.starts_with(rowsPrefix) || name.starts_with(temporaryPrefix);
}

/// What stands before the numbers of a file of rows.
std::string headerOf(const std::string& fingerprint, BinRange rows, Eigen::Index columns) {
  return "cellocus rows 1 " + fingerprint + ' ' + std::to_string(rows.first) + ' ' +
         std::to_string(rows.last) + ' ' + std::to_string(columns) + '\n';
}

/// "rows-12-40" -> 12 to 40, the last not included.
std::optional<BinRange> rowsOf(const fs::path& file, Eigen::Index count) {
  const std::string name = file.filename().string();
  if (!name.starts_with(rowsPrefix)) return {};
  const auto numbers = split(std::string_view(name).substr(rowsPrefix.size()), '-');
  const auto first = parseInteger(numbers.front()), last = parseInteger(numbers.back());
  if (numbers.size() != 2 || !first || !last || *first < 0 || *first >= *last || *last > count)
    return {};
  return BinRange{*first, *last};
}

std::vector<fs::path> filesIn(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    files.push_back(at->path());
  return files;
}

}  // namespace

RowJournal::RowJournal(const EmbeddingJournal& journal)
    : m_journal(journal), m_fingerprint(fingerprintOf(journal.facts)) {
  lock();
  try {
    checkFacts();
  } catch (...) {
    ::close(m_folder);
    throw;
  }
}

RowJournal::~RowJournal() {
  if (!hasRows()) remove(m_journal.folder);
  ::close(m_folder);
}

bool RowJournal::hasRows() const {
  return std::ranges::any_of(filesIn(m_journal.folder), [](const fs::path& file) {
    return file.filename().string().starts_with(rowsPrefix);
  });
}

void RowJournal::lock() {
  const fs::path& folder = m_journal.folder;
  std::error_code error;
  fs::create_directory(folder, error);
  m_folder = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (m_folder < 0)
    throw Error("SAVE_FAILED", shownPath(folder),
                "the folder for finished rows cannot be made: " +
                    std::generic_category().message(errno) + ".",
                "Write the result to a place where you may make folders.");
  // A file system that knows no locks is trusted not to be shared.
  if (::flock(m_folder, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  ::close(m_folder);
  throw Error("EMBED_RUNNING", shownPath(folder), "another program works on the same result.",
              "Wait until it has finished, or write to another file.");
}

void RowJournal::checkFacts() const {
  const fs::path place = m_journal.folder / factsName;
  const std::string wanted = factsText(m_journal.facts);
  if (!fs::exists(place)) return saveAtomic(place, wanted);
  const std::string kept = InputFile::open(place)->readAll(factsBytes);
  if (kept == wanted) return;
  if (!hasRows()) return saveAtomic(place, wanted);
  const std::string difference = differences(factsOf(kept), m_journal.facts);
  throw Error("EMBED_RESUME", shownPath(m_journal.folder),
              "it holds finished rows of a run that was another one: " +
                  (difference.empty() ? std::string("its list of inputs is damaged") : difference) +
                  ".",
              "Repeat the run with the inputs and options of before to go on, or remove this "
              "folder to begin anew.");
}

std::vector<bool> RowJournal::read(Matrix& rows, std::vector<std::string>& remarks) const {
  std::vector<bool> done(static_cast<std::size_t>(rows.rows()), false);
  for (const fs::path& file : filesIn(m_journal.folder)) {
    if (!isOurs(file) || file.filename() == factsName) continue;
    if (readFile(file, rows, done)) continue;
    if (!file.filename().string().starts_with(temporaryPrefix))
      remarks.push_back(shownPath(file) + " is damaged; its rows are made again.");
    std::error_code ignored;
    fs::remove(file, ignored);
  }
  return done;
}

bool RowJournal::readFile(const fs::path& file, Matrix& rows, std::vector<bool>& done) const {
  const auto which = rowsOf(file, rows.rows());
  if (!which) return false;
  const std::string header = headerOf(m_fingerprint, *which, rows.cols());
  const auto numbers = static_cast<std::size_t>(which->count() * rows.cols()) * sizeof(float);
  const std::size_t expected = header.size() + numbers + digestLetters;
  const auto input = InputFile::open(file);
  if (input->size() != expected) return false;
  const std::string text = input->readAll(expected);
  const std::string_view content(text.data(), expected - digestLetters);
  if (!content.starts_with(header) || text.substr(content.size()) != sha256(content)) return false;
  std::memcpy(rows.row(which->first).data(), content.data() + header.size(), numbers);
  std::fill(done.begin() + which->first, done.begin() + which->last, true);
  return true;
}

void RowJournal::save(const Matrix& rows, BinRange which) const {
  if (which.count() <= 0) return;
  std::string content = headerOf(m_fingerprint, which, rows.cols());
  const auto numbers = static_cast<std::size_t>(which.count() * rows.cols()) * sizeof(float);
  const std::size_t at = content.size();
  content.resize(at + numbers);
  std::memcpy(content.data() + at, rows.row(which.first).data(), numbers);
  content += sha256(content);
  saveAtomic(m_journal.folder / (std::string(rowsPrefix) + std::to_string(which.first) + '-' +
                                 std::to_string(which.last)),
             content);
}

void RowJournal::remove(const fs::path& folder) {
  std::error_code ignored;
  for (const fs::path& file : filesIn(folder))
    if (isOurs(file)) fs::remove(file, ignored);
  fs::remove(folder, ignored);  // stays if something else lies in it
}

}  // namespace cellocus
