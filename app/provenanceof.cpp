// SPDX-License-Identifier: GPL-3.0-or-later
#include "provenanceof.h"

#include "base/parallel.h"
#include "base/text.h"

namespace cellocus {

ProvenanceRequest::ProvenanceRequest(const Session& session) : m_predictor(session.predictor()) {
  m_known.locus = session.locus().contig.empty() ? "" : locusText(session.locus());
  m_known.threads = threadCount();
  if (session.genome()) {
    m_files.emplace_back("genome", session.genome()->path());
    if (const Contig* contig = session.genome()->find(session.locus().contig))
      m_known.contigs.push_back(contig->name + " (" + withThousands(contig->length) + " bp)");
    m_known.haplotype = session.edits().haplotype.isReference()
                            ? ""
                            : hgvs(session.edits().haplotype, *session.genome());
  }
  if (session.annotation()) m_files.emplace_back("annotation", session.annotation()->path());
  if (session.head()) m_files.emplace_back("head", session.head()->path());
  if (session.cells()) m_files.emplace_back("cells", session.cells()->path());
  m_known.formulas = {{"REF", "prediction from the reference sequence"},
                      {"ALT", "prediction from the edited sequence"},
                      {"delta", "ALT - REF, in the unit of the track or of the head"}};
  if (session.reference() && session.reference()->precision == Precision::BFloat16)
    m_precision = session.cellPrediction() ? "bfloat16 for tracks, float32 for cells" : "bfloat16";
}

Provenance ProvenanceRequest::complete(const Progress& progress) const {
  Provenance provenance = m_known;
  const auto share = [&](std::size_t count) {
    return static_cast<double>(count) / static_cast<double>(m_files.size() + 1);
  };
  for (std::size_t i = 0; i < m_files.size(); ++i)
    if (!m_files[i].second.empty())
      provenance.add(m_files[i].first, m_files[i].second, progress.part(share(i), share(i + 1)));
  if (m_predictor)
    provenance.addTrunk(m_predictor->model(), progress.part(share(m_files.size()), 1));
  if (!m_precision.empty()) provenance.precision = m_precision;
  return provenance;
}

}  // namespace cellocus
