// SPDX-License-Identifier: GPL-3.0-or-later
// Reads motifs from MEME and JASPAR files.
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "demo/motifs.h"

namespace cellocus {

namespace {

constexpr std::size_t largestMotifFile = 64u << 20;
constexpr std::size_t widestMotif = 100;

/// The lines of the file with their numbers, and where an error was found.
class MotifText {
 public:
  explicit MotifText(const std::filesystem::path& path)
      : m_path(path), m_text(InputFile::open(path)->readAll(largestMotifFile)) {
    m_lines = split(m_text, '\n');
  }

  bool atEnd() const { return m_at == m_lines.size(); }
  std::string_view line() const { return trimmed(m_lines[m_at]); }
  void next() { ++m_at; }

  [[noreturn]] void refuse(const std::string& fact) const {
    const std::size_t number = std::min(m_at + 1, m_lines.size());
    throw Error("MOTIF_SYNTAX", m_path.string() + " line " + std::to_string(number), fact,
                "Save the motifs again in MEME (version 4) or JASPAR format.");
  }
  const std::filesystem::path& path() const { return m_path; }

 private:
  std::filesystem::path m_path;
  std::string m_text;
  std::vector<std::string_view> m_lines;
  std::size_t m_at = 0;
};

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> found;
  std::size_t at = 0;
  constexpr std::string_view space = " \t\r";
  while ((at = line.find_first_not_of(space, at)) != std::string_view::npos) {
    const std::size_t end = std::min(line.find_first_of(space, at), line.size());
    found.push_back(line.substr(at, end - at));
    at = end;
  }
  return found;
}

double numberAt(const MotifText& text, std::string_view word) {
  const auto number = parseNumber(word);
  if (!number || !std::isfinite(*number) || *number < 0)
    text.refuse(printable(word, 30) + " stands where a number of 0 or more was expected.");
  return *number;
}

double pseudoFraction(double sites) {
  return std::min(8.0, 0.25 * std::sqrt(sites)) / sites;
}

/// The number after a key of a matrix line ("nsites= 20"), or `otherwise`.
double valueOf(const MotifText& text, std::string_view line, std::string_view key,
               double otherwise) {
  const std::vector<std::string_view> parts = words(line);
  for (std::size_t i = 0; i + 1 < parts.size(); ++i)
    if (parts[i] == key) return numberAt(text, parts[i + 1]);
  return otherwise;
}

void readMemeMatrix(MotifText& text, Motif& motif) {
  constexpr double memeDefaultSites = 20;
  const double sites = valueOf(text, text.line(), "nsites=", memeDefaultSites);
  const double width = valueOf(text, text.line(), "w=", 0);
  motif.pseudoFraction = pseudoFraction(std::max(1.0, sites));
  text.next();
  for (; !text.atEnd(); text.next()) {
    const std::vector<std::string_view> parts = words(text.line());
    if (parts.size() != 4 || !parseNumber(parts[0])) break;
    BaseWeights column;
    for (std::size_t base = 0; base < 4; ++base) column[base] = numberAt(text, parts[base]);
    const double sum = std::accumulate(column.begin(), column.end(), 0.0);
    if (std::abs(sum - 1) > 0.02)
      text.refuse("the four probabilities add up to " + readable(sum) + " and not to 1.");
    for (double& value : column) value /= sum;
    motif.columns.push_back(column);
    if (motif.columns.size() > widestMotif) text.refuse("the motif has more than 100 columns.");
  }
  const auto rows = static_cast<double>(motif.columns.size());
  if (rows == 0 || (width > 0 && rows != width))
    text.refuse("the matrix of motif " + motif.name + " has " + readable(rows) + " rows" +
                (width > 0 ? " and not " + readable(width) + " as its header says." : "."));
}

std::vector<Motif> readMeme(MotifText& text) {
  std::vector<Motif> motifs;
  while (!text.atEnd()) {
    const std::string_view line = text.line();
    const std::vector<std::string_view> parts = words(line);
    if (line.starts_with("ALPHABET=") && trimmed(line.substr(9)) != "ACGT")
      text.refuse("the alphabet is \"" + printable(trimmed(line.substr(9)), 30) +
                  "\" and not ACGT.");
    if (!parts.empty() && parts[0] == "MOTIF") {
      if (parts.size() < 2) text.refuse("a motif has no name.");
      motifs.push_back({printable(parts.back()), printable(parts[1]), {}, 0});
    } else if (line.starts_with("letter-probability matrix")) {
      if (motifs.empty() || !motifs.back().columns.empty())
        text.refuse("a matrix stands before the line that names its motif.");
      readMemeMatrix(text, motifs.back());
      continue;
    }
    text.next();
  }
  std::erase_if(motifs, [](const Motif& motif) { return motif.columns.empty(); });
  return motifs;
}

/// One row of counts: "A [ 0 3 79 ]" or "0 3 79".
std::vector<double> readCounts(const MotifText& text, char base) {
  std::string line(text.line());
  if (!line.empty() && (line[0] == base || line[0] == lowered(std::string(1, base))[0]))
    line[0] = ' ';
  for (char& c : line)
    if (c == '[' || c == ']') c = ' ';
  std::vector<double> counts;
  for (const std::string_view word : words(line)) counts.push_back(numberAt(text, word));
  if (counts.empty() || counts.size() > widestMotif)
    text.refuse("a row of 1 to 100 counts for base " + std::string(1, base) + " was expected.");
  return counts;
}

Motif motifFromCounts(const MotifText& text, std::string_view title,
                      const std::array<std::vector<double>, 4>& counts) {
  const std::vector<std::string_view> parts = words(title);
  if (parts.empty()) text.refuse("a motif has no name.");
  Motif motif{printable(parts.back()), printable(parts.front()), {}, 0};
  double sites = 0;
  for (std::size_t k = 0; k < counts[0].size(); ++k) {
    const double sum = counts[0][k] + counts[1][k] + counts[2][k] + counts[3][k];
    if (sum <= 0)
      text.refuse("column " + std::to_string(k + 1) + " of " + motif.name + " holds only 0.");
    motif.columns.push_back(
        {counts[0][k] / sum, counts[1][k] / sum, counts[2][k] / sum, counts[3][k] / sum});
    sites += sum / static_cast<double>(counts[0].size());
  }
  motif.pseudoFraction = pseudoFraction(std::max(1.0, sites));
  return motif;
}

std::vector<Motif> readJaspar(MotifText& text) {
  std::vector<Motif> motifs;
  while (!text.atEnd()) {
    if (text.line().empty()) {
      text.next();
      continue;
    }
    if (text.line()[0] != '>') text.refuse("a line that starts with \">\" was expected.");
    const std::string title(text.line().substr(1));
    std::array<std::vector<double>, 4> counts;
    for (std::size_t base = 0; base < 4; ++base) {
      text.next();
      if (text.atEnd()) text.refuse("the file ends within a motif.");
      counts[base] = readCounts(text, "ACGT"[base]);
      if (counts[base].size() != counts[0].size())
        text.refuse("the four rows of counts are not equally long.");
    }
    motifs.push_back(motifFromCounts(text, title, counts));
    text.next();
  }
  return motifs;
}

}  // namespace

std::vector<Motif> readMotifs(const std::filesystem::path& path) {
  MotifText text(path);
  while (!text.atEnd() && (text.line().empty() || text.line()[0] == '#')) text.next();
  const bool meme = !text.atEnd() && text.line().starts_with("MEME version");
  const bool jaspar = !text.atEnd() && text.line()[0] == '>';
  if (!meme && !jaspar)
    throw Error(
        "MOTIF_FORMAT", path.string(), "it is neither a MEME nor a JASPAR file.",
        "A MEME file begins with \"MEME version 4\", a JASPAR file with \">\" and a motif's name.");
  std::vector<Motif> motifs = meme ? readMeme(text) : readJaspar(text);
  if (motifs.empty())
    throw Error("MOTIF_NONE", path.string(), "it holds no motif.",
                "Choose a file with at least one matrix.");
  return motifs;
}

}  // namespace cellocus
