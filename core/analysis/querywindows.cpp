// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/querywindows.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "base/checked.h"
#include "base/limits.h"
#include "base/text.h"
#include "genome/linereader.h"

namespace cellocus {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void badFormat(const fs::path& path, std::size_t line, const std::string& fact) {
  throw Error(
      "WINDOWS_FORMAT", printable(path.string(), 300) + ", line " + std::to_string(line), fact,
      "Use the query file of seq2cells: columns separated by tabs, named in the first line.");
}

/// The columns of the file by name, and one line's cells.
class Row {
 public:
  Row(const fs::path& path, const std::map<std::string, std::size_t>& columns,
      std::vector<std::string_view> cells, std::size_t line)
      : m_path(path), m_columns(columns), m_cells(std::move(cells)), m_line(line) {
    for (const auto& [name, at] : m_columns)
      if (at >= m_cells.size())
        badFormat(m_path, m_line, "it has no value for column '" + name + "'.");
  }

  std::string_view text(const std::string& name) const {
    const auto at = m_columns.find(name);
    return at == m_columns.end() ? std::string_view() : trimmed(m_cells[at->second]);
  }
  std::int64_t number(const std::string& name) const { return number(name, text(name)); }
  std::vector<std::int64_t> numbers(const std::string& name) const {
    std::vector<std::int64_t> values;
    for (const std::string_view piece : split(text(name), ','))
      values.push_back(number(name, trimmed(piece)));
    return values;
  }

 private:
  std::int64_t number(const std::string& name, std::string_view value) const {
    const auto parsed = parseInteger(value);
    if (!parsed)
      badFormat(m_path, m_line,
                "column '" + name + "' holds '" + printable(value) + "', not a whole number.");
    return *parsed;
  }

  const fs::path& m_path;
  const std::map<std::string, std::size_t>& m_columns;
  std::vector<std::string_view> m_cells;
  std::size_t m_line;
};

std::map<std::string, std::size_t> columnsOf(const fs::path& path, std::string_view header) {
  static constexpr std::string_view known[] = {
      "chr",    "seq_start", "seq_end", "seq_strand",  "patch_id",     "group_id",
      "add_id", "bins_roi",  "center",  "strands_roi", "positions_roi"};
  const auto names = split(header, '\t');
  std::map<std::string, std::size_t> columns;
  for (const std::string_view name : known) {
    const auto at = std::ranges::find(names, name);
    if (at != names.end())
      columns[std::string(name)] = static_cast<std::size_t>(at - names.begin());
  }
  for (const char* needed : {"chr", "seq_start", "seq_end", "seq_strand", "group_id", "bins_roi"})
    if (!columns.contains(needed))
      badFormat(path, 1, "there is no column '" + std::string(needed) + "'.");
  return columns;
}

/// "['+', '-']", a list as Python prints it.
std::vector<Strand> strandsOf(std::string_view list) {
  std::vector<Strand> strands;
  for (const char letter : list)
    if (letter == '+' || letter == '-' || letter == '.')
      strands.push_back(letter == '+'   ? Strand::Plus
                        : letter == '-' ? Strand::Minus
                                        : Strand::Unknown);
  return strands;
}

QueryWindow windowOf(const Row& row, const fs::path& path, std::size_t line) {
  QueryWindow window;
  window.name = row.text("patch_id");
  window.geneId = row.text("group_id");
  window.symbol = row.text("add_id");
  window.window.contig = row.text("chr");
  window.window.start = checkedAdd<std::int64_t>(row.number("seq_start"), -1, "seq_start");
  window.window.end = row.number("seq_end");
  const std::string_view strand = row.text("seq_strand");
  if (strand != "+" && strand != "-")
    badFormat(path, line, "the strand is '" + printable(strand) + "'; + or - is needed.");
  window.strand = strand == "+" ? Strand::Plus : Strand::Minus;
  if (window.window.empty()) badFormat(path, line, "the window ends before it starts.");
  window.bins = row.numbers("bins_roi");
  if (!row.text("center").empty())
    window.centre = checkedAdd<std::int64_t>(row.number("center"), -1, "center");
  if (!row.text("positions_roi").empty())
    for (const std::int64_t position : row.numbers("positions_roi"))
      window.sites.push_back(checkedAdd<std::int64_t>(position, -1, "positions_roi"));
  window.siteStrands = strandsOf(row.text("strands_roi"));
  return window;
}

std::string_view strandText(Strand strand) {
  if (strand == Strand::Unknown) return ".";
  return strand == Strand::Plus ? "+" : "-";
}

/// Numbers joined by commas, `add` added to each.
std::string joined(const std::vector<std::int64_t>& numbers, std::int64_t add) {
  std::string text;
  for (const std::int64_t number : numbers)
    text += (text.empty() ? "" : ",") + std::to_string(number + add);
  return text;
}

std::string queryFileLine(const QueryWindow& window) {
  std::string strands;
  for (const Strand strand : window.siteStrands)
    strands += (strands.empty() ? "'" : ", '") + std::string(strandText(strand)) + '\'';
  const std::int64_t stretch =
      window.sites.empty() ? 0 : window.sites.back() - window.sites.front();
  const auto number = [](std::int64_t value) { return '\t' + std::to_string(value); };
  return window.window.contig + number(window.window.start + 1) + number(window.window.end) + '\t' +
         std::string(strandText(window.strand)) + '\t' + window.name + '\t' + window.geneId + '\t' +
         window.symbol + number(window.centre + 1) + number(std::ssize(window.sites)) +
         number(stretch) + "\t[" + strands + "]\t" + joined(window.sites, 1) + '\t' +
         joined(window.bins, 0);
}

/// The bases of a window that is moved by `shift`. As in seq2cells it stops at the left end of the
/// contig, and is cut off where it is moved over the right one. A window that reaches beyond the
/// contig by itself is filled up.
std::string movedBases(const Genome& genome, const Locus& window, std::int64_t shift) {
  const std::int64_t length = requireContig(genome, window.contig).length;
  const std::int64_t by = std::max(shift, std::min<std::int64_t>(0, -window.start));
  Locus moved{window.contig, window.start + by, window.end + by};
  if (window.end <= length) moved.end = std::min(moved.end, length);
  if (moved.empty())
    throw Error("WINDOW_SHIFT", locusText(window),
                "moved by " + withThousands(shift) + " bp it lies outside of the contig.",
                "Move windows by a few bases only.");
  return genome.sequence(moved, '.');
}

float median(std::vector<float> values) {
  const std::size_t middle = values.size() / 2;
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(middle));
  const float upper = values[middle];
  if (values.size() % 2 == 1) return upper;
  return (upper +
          *std::max_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(middle))) /
         2;
}

Matrix aggregated(const Matrix& rows, Aggregate how) {
  if (how == Aggregate::Mean) return rows.colwise().mean();
  if (how == Aggregate::Sum) return rows.colwise().sum();
  Matrix result(1, rows.cols());
  for (Eigen::Index column = 0; column < rows.cols(); ++column) {
    const Vector values = rows.col(column);
    result(0, column) = median({values.begin(), values.end()});
  }
  return result;
}

/// The kept bins that make up the embedding, sorted, each once, for a window read as `reverse`
/// says.
std::vector<std::int64_t> wantedBins(const QueryWindow& window,
                                     const WindowEmbeddingOptions& options, std::int64_t count,
                                     bool reverse) {
  std::set<std::int64_t> bins;
  if (options.what == EmbeddingOf::Window)
    for (std::int64_t bin = 0; bin < count; ++bin) bins.insert(bin);
  else
    for (const std::int64_t centre : window.bins) {
      const std::int64_t own = reverse ? count - 1 - centre : centre;
      for (std::int64_t bin = own - options.addBins; bin <= own + options.addBins; ++bin)
        if (bin >= 0 && bin < count) bins.insert(bin);
    }
  return {bins.begin(), bins.end()};
}

Matrix embedBases(const Enformer& model, const std::string& bases,
                  const std::vector<std::int64_t>& bins, Aggregate aggregate,
                  const Progress& progress) {
  const Matrix tower = model.tower(bases, progress.part(0, 0.5));
  const BinRange kept = model.config().croppedBins(tower.rows());
  // The last layer costs by the row: only the stretch that holds the wanted bins is computed.
  const BinRange stretch{kept.first + bins.front(), kept.first + bins.back() + 1};
  const Matrix embedding = model.trunk(tower, stretch, progress.part(0.5, 1));
  Matrix rows(static_cast<Eigen::Index>(bins.size()), embedding.cols());
  for (std::size_t i = 0; i < bins.size(); ++i)
    rows.row(static_cast<Eigen::Index>(i)) = embedding.row(bins[i] - bins.front());
  return aggregated(rows, aggregate);
}

std::vector<bool> readings(StrandReading reading, Strand strand) {
  const bool own = strand == Strand::Minus;
  if (reading == StrandReading::Both) return {own, !own};
  return {reading == StrandReading::Own ? own : !own};
}

}  // namespace

std::vector<QueryWindow> readQueryWindows(const fs::path& path) {
  LineReader reader(path, {"WINDOWS", "a query file of seq2cells", limits::gtfLineBytes}, {});
  std::string_view line;
  const auto columns = columnsOf(path, reader.next(line) ? trimmed(line) : std::string_view());
  std::vector<QueryWindow> windows;
  while (reader.next(line))
    if (!trimmed(line).empty())
      windows.push_back(
          windowOf(Row(path, columns, split(line, '\t'), reader.number()), path, reader.number()));
  if (windows.empty()) badFormat(path, 1, "no window follows the column names.");
  return windows;
}

std::string queryFileText(const std::vector<QueryWindow>& windows,
                          const std::vector<ExtraColumn>& extra) {
  std::string text =
      "chr\tseq_start\tseq_end\tseq_strand\tpatch_id\tgroup_id\tadd_id\tcenter\tnum_roi\tstretch\t"
      "strands_roi\tpositions_roi\tbins_roi";
  for (const ExtraColumn& column : extra) text += '\t' + column.name;
  text += '\n';
  for (std::size_t i = 0; i < windows.size(); ++i) {
    text += queryFileLine(windows[i]);
    for (const ExtraColumn& column : extra) text += '\t' + column.values.at(i);
    text += '\n';
  }
  return text;
}

void checkWindow(const EnformerConfig& config, const QueryWindow& window,
                 const WindowEmbeddingOptions& options) {
  if (window.window.length() != config.windowLength)
    throw Error("WINDOW_LENGTH", printable(window.name),
                "its window has " + withThousands(window.window.length()) +
                    " bp, and the model reads " + withThousands(config.windowLength) + " bp.",
                "Make the windows for this model, or use the model they were made for.");
  if (options.what == EmbeddingOf::Window) return;
  for (const std::int64_t bin : window.bins)
    if (bin < 0 || bin >= config.binCount())
      throw Error("WINDOW_BIN", printable(window.name),
                  "its start site lies in bin " + std::to_string(bin) +
                      ", and the model predicts bins 0 to " +
                      std::to_string(config.binCount() - 1) + ".",
                  "The windows were made for another model; make them for this one.");
}

Matrix embedWindow(const Enformer& model, const Genome& genome, const QueryWindow& window,
                   const WindowEmbeddingOptions& options, const Progress& progress) {
  const EnformerConfig& config = model.config();
  checkWindow(config, window, options);
  const std::vector<bool> orientations = readings(options.reading, window.strand);
  const double passes = static_cast<double>(orientations.size() * options.shifts.size());
  Matrix sum = Matrix::Zero(1, config.embeddingSize());
  double done = 0;
  for (const bool reverse : orientations)
    for (const std::int64_t shift : options.shifts) {
      std::string bases = movedBases(genome, window.window, shift);
      if (reverse) bases = reverseComplement(bases);
      const auto bins = wantedBins(window, options, config.binCount(), reverse);
      sum += embedBases(model, bases, bins, options.aggregate,
                        progress.part(done / passes, (done + 1) / passes));
      ++done;
    }
  return sum / static_cast<float>(passes);
}

}  // namespace cellocus
