// SPDX-License-Identifier: GPL-3.0-or-later
#include "genome/locusquery.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "genome/haplotype.h"
#include "genome/hgvs.h"

namespace cellocus {

namespace {

constexpr std::int64_t smallestWindow = 40;

std::string quoted(std::string_view text) {
  std::string result(1, '"');
  result += printable(text);
  result += '"';
  return result;
}

constexpr const char* examples =
    "Examples: chr8:11,700,000-11,760,000, chr8:11.7M-11.76M, GATA4, GATA4 \u00B150kb.";

[[noreturn]] void syntax(std::string_view text, const std::string& fact,
                         const std::string& fix = examples) {
  throw Error("LOCUS_SYNTAX", quoted(text), fact, fix);
}

std::string without(std::string_view text, std::string_view letters) {
  std::string result;
  for (const char c : text)
    if (letters.find(c) == std::string_view::npos) result += c;
  return result;
}

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string result;
  for (auto at = text.find(from); at != std::string_view::npos; at = text.find(from)) {
    result.append(text.substr(0, at)).append(to);
    text.remove_prefix(at + from.size());
  }
  return result.append(text);
}

/// "11,735,000", "11.7M", "500kb", "20 bp" as bases. Fractions only with a unit, and only of whole
/// bases.
std::optional<std::int64_t> parseBases(std::string_view text) {
  std::string digits = lowered(without(text, ", _\t"));
  if (digits.ends_with("bp"))
    digits.resize(digits.size() - 2);
  else if (digits.size() > 1 && digits.back() == 'b')
    digits.pop_back();
  double unit = 1;
  if (!digits.empty() && digits.back() == 'k') unit = 1e3;
  if (!digits.empty() && digits.back() == 'm') unit = 1e6;
  if (!digits.empty() && digits.back() == 'g') unit = 1e9;
  if (unit == 1) return digits.starts_with('-') ? std::nullopt : parseInteger(digits);
  digits.pop_back();
  if (digits.empty() || digits.find_first_not_of("0123456789.") != std::string::npos)
    return std::nullopt;
  const auto number = parseNumber(digits);
  if (!number || *number * unit > 1e15) return std::nullopt;
  return std::llround(*number * unit);
}

/// Positions behind a contig, from 1; `last` is missing for a point.
struct Positions {
  std::int64_t first = 0;
  std::optional<std::int64_t> last;
};

std::optional<Positions> parsePositions(std::string_view text) {
  std::string plain =
      replaced(replaced(replaced(trimmed(text), "\t", " "), "..", "-"), "\u2013", "-");
  const auto dash = plain.find('-');
  if (dash != std::string::npos) {
    const auto first = parseBases(std::string_view(plain).substr(0, dash));
    const auto last = parseBases(std::string_view(plain).substr(dash + 1));
    if (!first || !last) return std::nullopt;
    return Positions{*first, *last};
  }
  // Spaces separate two positions, but they may also stand within one: "11 700 000" is refused, not
  // guessed.
  std::vector<std::string_view> pieces = split(plain, ' ');
  std::erase(pieces, std::string_view());
  if (pieces.size() == 2) {
    const auto first = parseBases(pieces[0]);
    const auto last = parseBases(pieces[1]);
    if (first && last) return Positions{*first, *last};
  }
  if (pieces.size() > 2) return std::nullopt;
  const auto only = parseBases(plain);
  return only ? std::optional(Positions{*only, std::nullopt}) : std::nullopt;
}

bool isDna(std::string_view text) {
  return !text.empty() && text.find_first_not_of("ACGTNacgtn") == std::string_view::npos;
}

class Resolver {
 public:
  Resolver(const Genome& genome, const Annotation* annotation, const Locus& current)
      : m_genome(genome), m_annotation(annotation), m_current(current) {}

  LocusAnswer resolve(std::string_view text) const;

 private:
  std::optional<LocusAnswer> asSpan(std::string_view text) const;
  std::optional<LocusAnswer> asVariant(std::string_view text) const;
  std::optional<LocusAnswer> asHgvs(std::string_view text) const;
  std::optional<LocusAnswer> asWidened(std::string_view text) const;
  std::optional<LocusAnswer> asRegion(std::string_view text) const;
  std::optional<LocusAnswer> asGene(std::string_view text) const;
  [[noreturn]] void unknown(std::string_view text) const;

  struct ContigAndRest {
    const Contig* contig;
    std::string_view rest;
  };
  std::optional<ContigAndRest> splitContig(std::string_view text) const;
  LocusAnswer region(const Contig& contig, Positions positions, std::string_view text) const;
  Locus around(const Contig& contig, std::int64_t start, std::int64_t end) const;
  LocusAnswer clamped(const Contig& contig, Locus locus, std::string_view text) const;
  LocusAnswer answerFor(const Variant& variant) const;

  const Genome& m_genome;
  const Annotation* m_annotation;
  const Locus& m_current;
};

/// "chr8:rest", "chr8 rest": the contig must exist. Names may hold colons themselves
/// ("HLA-A*01:01:01:01").
std::optional<Resolver::ContigAndRest> Resolver::splitContig(std::string_view text) const {
  for (auto colon = text.rfind(':'); colon != std::string_view::npos && colon > 0;
       colon = text.rfind(':', colon - 1))
    if (const Contig* contig = m_genome.find(trimmed(text.substr(0, colon))))
      return ContigAndRest{contig, trimmed(text.substr(colon + 1))};
  const auto space = text.find_first_of(" \t");
  if (space == std::string_view::npos) return std::nullopt;
  if (const Contig* contig = m_genome.find(text.substr(0, space)))
    return ContigAndRest{contig, trimmed(text.substr(space))};
  return std::nullopt;
}

/// A window around a stretch: as wide as what is seen now, but no less than the stretch or 40
/// bases; moved, not cut, at a contig's ends.
Locus Resolver::around(const Contig& contig, std::int64_t start, std::int64_t end) const {
  const std::int64_t width = std::min(
      contig.length,
      std::max({smallestWindow, end - start, m_current.contig.empty() ? 0 : m_current.length()}));
  const std::int64_t middle = start + (end - start) / 2;
  const std::int64_t first = std::clamp<std::int64_t>(middle - width / 2, 0, contig.length - width);
  return {contig.name, first, first + width};
}

LocusAnswer Resolver::clamped(const Contig& contig, Locus locus, std::string_view text) const {
  if (locus.start >= contig.length)
    throw Error("LOCUS_UNKNOWN", quoted(text),
                contig.name + " ends at " + withThousands(contig.length) + ", before this place.",
                "Check the position and the genome build.");
  LocusAnswer answer;
  if (locus.start < 0) answer.note = "The start was moved to the beginning of " + contig.name + '.';
  if (locus.end > contig.length)
    answer.note += (answer.note.empty() ? "The end was moved to the end of "
                                        : " The end was moved to the end of ") +
                   contig.name + '.';
  locus.start = std::max<std::int64_t>(0, locus.start);
  locus.end = std::min(locus.end, contig.length);
  answer.locus = answer.target = std::move(locus);
  return answer;
}

LocusAnswer Resolver::region(const Contig& contig, Positions positions,
                             std::string_view text) const {
  if (!positions.last) {
    LocusAnswer answer = clamped(contig, {contig.name, positions.first - 1, positions.first}, text);
    if (positions.first < 1) answer.target = {contig.name, 0, 1};
    answer.locus = around(contig, answer.target.start, answer.target.end);
    return answer;
  }
  if (positions.first > *positions.last)
    syntax(text, "the start lies after the end.",
           "Did you mean " + plainLocusText({contig.name, *positions.last - 1, positions.first}) +
               "?");
  LocusAnswer answer = clamped(
      contig, {contig.name, positions.first - 1, std::max<std::int64_t>(1, *positions.last)}, text);
  if (answer.locus.length() < smallestWindow) {
    const std::int64_t width = std::min(smallestWindow, contig.length);
    const std::int64_t first =
        std::clamp<std::int64_t>(answer.target.centre() - width / 2, 0, contig.length - width);
    answer.locus = {contig.name, first, first + width};
  }
  return answer;
}

std::optional<LocusAnswer> Resolver::asRegion(std::string_view text) const {
  if (const Contig* whole = m_genome.find(text))
    return clamped(*whole, {whole->name, 0, whole->length}, text);
  if (const auto parts = splitContig(text)) {
    if (const auto positions = parsePositions(parts->rest))
      return region(*parts->contig, *positions, text);
    // "chr3:1000000+2000": UCSC's spelling of 2,000 bases from there on.
    const auto plus = parts->rest.rfind('+');
    if (plus == std::string_view::npos) return std::nullopt;
    const auto start = parseBases(parts->rest.substr(0, plus));
    const auto length = parseBases(parts->rest.substr(plus + 1));
    if (!start || !length || *length < 1) return std::nullopt;
    return region(*parts->contig, {*start, *start + *length - 1}, text);
  }
  // Positions alone mean the contig that is shown.
  const Contig* here = m_current.contig.empty() ? nullptr : m_genome.find(m_current.contig);
  const auto positions = parsePositions(text);
  return here && positions ? std::optional(region(*here, *positions, text)) : std::nullopt;
}

LocusAnswer Resolver::answerFor(const Variant& variant) const {
  const Contig& contig = requireContig(m_genome, variant.contig);
  LocusAnswer answer;
  answer.target = {contig.name, variant.start, std::max(variant.start + 1, variant.end())};
  answer.locus = around(contig, answer.target.start, answer.target.end);
  const std::string found = uppered(m_genome.sequence({contig.name, variant.start, variant.end()}));
  if (variant.ref == variant.alt)
    answer.note = "This name says that nothing is changed.";
  else if (variant.start < 0 || variant.end() > contig.length || found != variant.ref)
    answer.note = "The reference has " + printable(found, 20) + " at " +
                  locusText({contig.name, variant.start, variant.end()}) + ", not " +
                  printable(variant.ref, 20) + "; the change was not taken over.";
  else
    answer.variant = trimmed(variant);
  return answer;
}

/// "chr8:11735000:C:T", "chr8-11735000-C-T", "chr8:11735000 C>T", "chr8 11735000 C T".
std::optional<LocusAnswer> Resolver::asVariant(std::string_view text) const {
  std::string plain(text);
  // Bases may stand directly behind the position: "chr8:11735000C>T".
  if (const auto arrow = text.find('>'); arrow != std::string_view::npos) {
    std::size_t at = arrow;
    while (at > 0 && isDna(text.substr(at - 1, 1))) --at;
    plain = std::string(text.substr(0, at)).append(" ");
    plain.append(text.substr(at, arrow - at)).append(" ").append(text.substr(arrow + 1));
  }
  std::replace_if(
      plain.begin(), plain.end(),
      [](char c) { return c == ':' || c == '-' || c == '/' || c == '\t'; }, ' ');
  std::vector<std::string_view> pieces = split(plain, ' ');
  std::erase(pieces, std::string_view());
  if (pieces.size() != 4 || !isDna(pieces[2]) || !isDna(pieces[3])) return std::nullopt;
  const Contig* contig = m_genome.find(pieces[0]);
  const auto position = parseBases(pieces[1]);
  if (!contig || !position) return std::nullopt;
  if (*position < 1 || *position > contig->length)
    clamped(*contig, {contig->name, contig->length, contig->length + 1}, text);
  return answerFor({contig->name, *position - 1, uppered(pieces[2]), uppered(pieces[3])});
}

std::optional<LocusAnswer> Resolver::asHgvs(std::string_view text) const {
  try {
    const auto variant = parseHgvs(text, m_genome);
    if (variant) return answerFor(*variant);
  } catch (const Error& error) {
    if (error.code() == "LOCUS_SYNTAX") throw;
    const std::string_view name = text.substr(0, text.find(":g."));
    const bool otherBuild = error.code() == "CONTIG_UNKNOWN" && m_genome.find(contigKey(name));
    throw Error("LOCUS_UNKNOWN", quoted(text), error.fact(),
                otherBuild ? "It belongs to another genome build." : error.fix());
  }
  for (const std::string_view kind : {":c.", ":p.", ":n.", ":r.", ":m."})
    if (text.find(kind) != std::string_view::npos)
      syntax(text, "only HGVS names on the genome (\":g.\") can be read.");
  return std::nullopt;
}

/// "GATA4 ±50kb", "chr8:11735000 +/- 200".
std::optional<LocusAnswer> Resolver::asWidened(std::string_view text) const {
  const std::string plain = replaced(replaced(text, "+/-", "\u00B1"), "+-", "\u00B1");
  const auto sign = plain.find("\u00B1");
  if (sign == std::string::npos) return std::nullopt;
  const std::string_view base = trimmed(std::string_view(plain).substr(0, sign));
  const auto by =
      parseBases(trimmed(std::string_view(plain).substr(sign + std::string_view("\u00B1").size())));
  if (!by || base.empty()) syntax(text, "the width behind \u00B1 cannot be read.");
  // A point is widened from its own base, whatever is shown now.
  const auto parts = splitContig(base);
  const auto positions = parts ? parsePositions(parts->rest) : std::nullopt;
  LocusAnswer answer;
  if (positions && !positions->last)
    answer.target = {parts->contig->name, positions->first - 1, positions->first};
  else
    answer = resolve(base);
  const Contig& contig = requireContig(m_genome, answer.target.contig);
  LocusAnswer wide =
      clamped(contig, {contig.name, answer.target.start - *by, answer.target.end + *by}, text);
  if (wide.locus.length() < smallestWindow)
    wide.locus = Resolver(m_genome, nullptr, {}).around(contig, wide.locus.start, wide.locus.end);
  wide.gene = answer.gene;
  wide.variant = answer.variant;
  return wide;
}

std::optional<LocusAnswer> Resolver::asGene(std::string_view text) const {
  if (!m_annotation) return std::nullopt;
  const std::vector<const Gene*> genes = m_annotation->find(text);
  const auto usable = std::find_if(genes.begin(), genes.end(), [&](const Gene* gene) {
    return m_genome.find(gene->locus.contig);
  });
  if (genes.empty()) return std::nullopt;
  if (usable == genes.end())
    throw Error("LOCUS_UNKNOWN", quoted(text),
                genes[0]->symbol + " lies on " + printable(genes[0]->locus.contig) +
                    ", which this genome lacks.",
                "Open the genome for which the annotation was made.");
  const Gene& gene = **usable;
  const Contig& contig = requireContig(m_genome, gene.locus.contig);
  LocusAnswer answer = clamped(contig, {contig.name, gene.locus.start, gene.locus.end}, text);
  answer.gene = &gene;
  if (genes.size() > 1) {
    answer.note = std::to_string(genes.size()) + " genes are called " + printable(trimmed(text)) +
                  "; this is " + gene.id + ". Others:";
    for (std::size_t i = 0, shown = 0; i < genes.size() && shown < 3; ++i)
      if (genes[i] != &gene)
        answer.note.append(shown++ ? ", " : " ")
            .append(genes[i]->id + " at " + locusText(genes[i]->locus));
    answer.note += '.';
  }
  return answer;
}

/// "A; B": the span of both.
std::optional<LocusAnswer> Resolver::asSpan(std::string_view text) const {
  const auto semicolon = text.find(';');
  if (semicolon == std::string_view::npos) return std::nullopt;
  LocusAnswer span;
  for (const std::string_view part : split(text, ';')) {
    const LocusAnswer answer = resolve(part);
    if (span.locus.contig.empty()) span = {answer.locus, answer.target, {}, {}, {}};
    if (span.locus.contig != answer.locus.contig)
      syntax(text, "the places lie on " + span.locus.contig + " and " + answer.locus.contig +
                       ", which have no common span.");
    span.locus.start = std::min(span.locus.start, answer.locus.start);
    span.locus.end = std::max(span.locus.end, answer.locus.end);
    span.target.start = std::min(span.target.start, answer.target.start);
    span.target.end = std::max(span.target.end, answer.target.end);
  }
  return span;
}

bool isRsId(std::string_view text) {
  return text.size() > 2 && startsWithIgnoringCase(text, "rs") &&
         text.find_first_not_of("0123456789", 2) == std::string_view::npos;
}

std::string didYouMean(const std::vector<std::string>& names) {
  std::string text = "Did you mean ";
  for (std::size_t i = 0; i < names.size(); ++i)
    text.append(i ? ", " : "").append(printable(names[i], 40));
  return text + '?';
}

void Resolver::unknown(std::string_view text) const {
  const std::string where = quoted(text);
  if (isRsId(text))
    throw Error("LOCUS_UNKNOWN", where, "an rs number says nothing about the place by itself.",
                "Open a VCF that holds it and choose it there, or type its position.");
  std::vector<std::string> contigs;
  for (const Contig& contig : m_genome.contigs())
    if (contigs.size() < 2000) contigs.push_back(contig.name);
  const auto colon = text.find(':');
  if (colon != std::string_view::npos || text.find_first_of(" \t") != std::string_view::npos) {
    const std::string_view name = text.substr(0, text.find_first_of(": \t"));
    if (m_genome.find(name))
      syntax(text, "the positions behind " + printable(name) + " cannot be read.");
    if (colon != std::string_view::npos) {
      const auto near = nearest(name, contigs);
      throw Error("LOCUS_UNKNOWN", where, "this genome has no contig \"" + printable(name) + "\".",
                  near.empty() ? "Its first contig is " + contigs.front() + '.' : didYouMean(near));
    }
  }
  if (text.find('+') != std::string_view::npos)
    syntax(text, "\"+\" needs a position before it; to widen a gene write \u00B1.");
  if (!m_annotation)
    throw Error("LOCUS_UNKNOWN", where,
                "there is no contig of that name, and genes are not known without an annotation.",
                "Open a GTF, GFF3 or MANE summary to find genes by name.");
  std::vector<std::string> near = m_annotation->similarSymbols(text);
  if (near.empty()) near = nearest(text, contigs);
  throw Error("LOCUS_UNKNOWN", where,
              "there is no gene or region of that name in " +
                  printable(m_annotation->path().filename().string()) + '.',
              near.empty()
                  ? "Type a gene, or a place such as " + contigs.front() + ":10,000-20,000."
                  : didYouMean(near));
}

LocusAnswer Resolver::resolve(std::string_view raw) const {
  const std::string_view text = trimmed(raw);
  if (text.empty()) syntax(text, "nothing was typed.");
  using Form = std::optional<LocusAnswer> (Resolver::*)(std::string_view) const;
  for (const Form form : {&Resolver::asSpan, &Resolver::asWidened, &Resolver::asHgvs,
                          &Resolver::asVariant, &Resolver::asRegion, &Resolver::asGene})
    if (auto answer = (this->*form)(text)) return *std::move(answer);
  unknown(text);
}

}  // namespace

LocusAnswer resolveLocus(std::string_view text, const Genome& genome, const Annotation* annotation,
                         const Locus& current) {
  return Resolver(genome, annotation, current).resolve(text);
}

std::vector<LocusSuggestion> suggestLoci(std::string_view text, const Genome& genome,
                                         const Annotation* annotation, std::size_t limit) {
  const std::string_view typed = trimmed(text);
  if (typed.empty()) return {};
  std::vector<LocusSuggestion> exact, genes, contigs;
  for (const Contig& contig : genome.contigs()) {
    const auto aliases = contigAliases(contig.name);
    const bool begins = std::any_of(aliases.begin(), aliases.end(), [&](const std::string& alias) {
      return startsWithIgnoringCase(alias, typed);
    });
    if (!begins) continue;
    (genome.find(typed) == &contig ? exact : contigs)
        .push_back({contig.name, lengthText(contig.length)});
    if (contigs.size() > limit) break;
  }
  if (annotation) {
    std::vector<const Gene*> found = annotation->startingWith(typed, limit);
    for (const Gene* gene : annotation->find(typed))
      if (std::find(found.begin(), found.end(), gene) == found.end()) found.push_back(gene);
    for (const Gene* gene : found) {
      // Of two genes of one name the id tells which is meant.
      const bool ambiguous = std::count_if(found.begin(), found.end(), [&](const Gene* other) {
                               return other->symbol == gene->symbol;
                             }) > 1;
      std::string detail = locusText(gene->locus);
      if (ambiguous) detail = gene->symbol + " \u00B7 " + detail;
      if (!gene->biotype.empty()) detail += " \u00B7 " + gene->biotype;
      genes.push_back({ambiguous ? gene->id : gene->symbol, detail});
    }
  }
  std::vector<LocusSuggestion> result = std::move(exact);
  for (const auto& list : {genes, contigs}) result.insert(result.end(), list.begin(), list.end());
  if (result.size() > limit) result.resize(limit);
  return result;
}

}  // namespace cellocus
