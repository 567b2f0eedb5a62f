// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nn/operand.h"

namespace cellocus::bench {

/// The best rate of large products of random numbers seen in this process, in operations a second
/// on all threads. Measured once for each precision.
double productRate(nn::Precision precision);

}  // namespace cellocus::bench
