// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "base/file.h"
#include "weights/checkpoint.h"

/// The readers behind Checkpoint::open, one a format.
namespace cellocus {

std::shared_ptr<const Checkpoint> openSafetensors(const std::shared_ptr<const InputFile>& file);
std::shared_ptr<const Checkpoint> openTorchZip(const std::shared_ptr<const InputFile>& file,
                                               const Progress& progress);
std::shared_ptr<const Checkpoint> openTorchLegacy(const std::shared_ptr<const InputFile>& file,
                                                  const Progress& progress);

}  // namespace cellocus
