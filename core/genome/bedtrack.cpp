// SPDX-License-Identifier: GPL-3.0-or-later
// BED, https://samtools.github.io/hts-specs/BEDv1.pdf.
#include "genome/bedtrack.h"

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "genome/filesignature.h"
#include "genome/intervalindex.h"
#include "genome/linereader.h"

namespace cellocus {

namespace {

/// By tabs; lines without any by runs of spaces.
std::vector<std::string_view> bedFields(std::string_view line) {
  if (line.find('\t') != std::string_view::npos) return split(line, '\t');
  std::vector<std::string_view> fields = split(line, ' ');
  std::erase(fields, std::string_view());
  return fields;
}

Strand parseStrand(std::string_view text) {
  if (text == "+") return Strand::Plus;
  return text == "-" ? Strand::Minus : Strand::Unknown;
}

/// Fills the locus, or says why the line cannot be used.
std::string_view parseLocus(const std::vector<std::string_view>& fields, Locus& locus) {
  if (fields.size() < 3) return "the line has fewer than three columns";
  const auto start = parseInteger(fields[1]);
  const auto end = parseInteger(fields[2]);
  if (fields[0].empty()) return "the contig is empty";
  if (!start || !end) return "the start or the end is no whole number";
  if (*start < 0) return "the start is below 0";
  if (*start > *end) return "the start lies after the end";
  locus = {std::string(fields[0]), *start, *end};
  return {};
}

bool isComment(std::string_view line) {
  return line.empty() || line.starts_with('#') || line == "track" || line == "browser" ||
         line.starts_with("track ") || line.starts_with("track\t") || line.starts_with("browser ");
}

}  // namespace

std::shared_ptr<const BedTrack> BedTrack::open(const std::filesystem::path& path,
                                               const Progress& progress) {
  LineReader reader(path, {"BED", "a BED file of intervals", limits::gtfLineBytes}, progress);
  auto track = std::make_shared<BedTrack>();
  SkippedLines skipped;
  std::size_t read = 0, withoutScore = 0;
  std::string_view line;
  while (reader.next(line)) {
    if (isComment(line)) continue;
    ++read;
    const auto fields = bedFields(line);
    Feature feature;
    if (const auto reason = parseLocus(fields, feature.locus); !reason.empty()) {
      skipped.add(reason, reader.number(), line);
      continue;
    }
    if (fields.size() > 3) feature.name = fields[3];
    if (fields.size() > 4 && fields[4] != ".") {
      const auto score = parseNumber(fields[4]);
      feature.score = score.value_or(0);
      withoutScore += score ? 0 : 1;
    }
    if (fields.size() > 5) feature.strand = parseStrand(fields[5]);
    track->m_features.push_back(std::move(feature));
  }
  if (track->m_features.empty())
    throw Error(
        "BED_NO_FEATURES", shownPath(path),
        "no interval was found" + (read > 0 ? " (" + skipped.first() + ")." : std::string(".")),
        "A BED line holds at least contig, start and end.");
  sortByLocus(track->m_features,
              [](const Feature& feature) -> const Locus& { return feature.locus; });
  auto index = std::make_shared<IntervalIndex>();
  for (const Feature& feature : track->m_features) index->append(feature.locus);
  track->m_index = std::move(index);
  track->m_path = path;
  track->m_remarks = skipped.remarks(read);
  if (withoutScore > 0)
    track->m_remarks.push_back("The fifth column of " +
                               withThousands(static_cast<std::int64_t>(withoutScore)) +
                               " lines is no number; their score was taken as 0.");
  return track;
}

std::vector<const BedTrack::Feature*> BedTrack::overlapping(const Locus& locus) const {
  std::vector<const Feature*> result;
  m_index->forOverlapping(locus, [&](std::size_t i) { result.push_back(&m_features[i]); });
  return result;
}

std::vector<CytoBand> readCytoBands(const std::filesystem::path& path) {
  LineReader reader(
      path, {"CYTOBAND", "a table of chromosome bands (UCSC cytoBandIdeo)", limits::gtfLineBytes},
      {});
  std::vector<CytoBand> bands;
  std::string_view line;
  while (reader.next(line)) {
    if (line.empty() || line.starts_with('#')) continue;
    const auto fields = split(line, '\t');
    CytoBand band;
    const std::string_view reason = fields.size() < 5
                                        ? std::string_view("the line has not five columns")
                                        : parseLocus(fields, band.locus);
    if (!reason.empty())
      reader.fail("_LINE", std::string(reason) + '.', "Get cytoBandIdeo.txt.gz from UCSC again.");
    band.name = fields[3];
    band.stain = fields[4];
    bands.push_back(std::move(band));
  }
  if (bands.empty())
    throw Error("CYTOBAND_NO_BANDS", shownPath(path), "no band was found.",
                "Get cytoBandIdeo.txt.gz from UCSC.");
  return bands;
}

}  // namespace cellocus
