// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace cellocus::nn {

/// oneDNN would start OpenMP threads of its own inside every product. OpenMP keeps the number per
/// thread, so this is said once on each thread that multiplies.
void keepLibraryOnThisThread();

}  // namespace cellocus::nn
