// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>

namespace cellocus {

/// How many threads a job may use; the cores of the machine unless set. Applies to parallelFor and
/// to the matrix library (OpenMP), which takes it over at its next call.
int threadCount();
void setThreadCount(int count);

/// Calls `work(first, last)` for consecutive pieces of 0..count on all threads and returns when all
/// are done. Pieces hold at least `grain` items. The first exception is rethrown here. Must not be
/// nested, and not be called around a oneDNN call, which is parallel itself.
void parallelFor(std::int64_t count, std::int64_t grain,
                 const std::function<void(std::int64_t first, std::int64_t last)>& work);

}  // namespace cellocus
