// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "export/provenance.h"
#include "session/session.h"

namespace cellocus {

/// What of a session goes into a provenance, copied on the main thread; checksums of the files are
/// taken later by complete(), in a job.
class ProvenanceRequest {
 public:
  explicit ProvenanceRequest(const Session& session);
  Provenance complete(const Progress& progress = {}) const;

 private:
  Provenance m_known;
  std::string m_precision;  ///< where it is not the model's
  std::vector<std::pair<std::string, std::filesystem::path>> m_files;  ///< role, path
  std::shared_ptr<const Predictor> m_predictor;                        ///< may be null
};

}  // namespace cellocus
