// SPDX-License-Identifier: MIT
// NCCL for devices that stand in for GPUs: its functions, linked instead of libnccl. Sums are taken in the order of the ranks.
//
// A collective is work of its stream, captured or not, that is done when those of all ranks have come as far, whichever order the
// streams are in. Ranks that ask for different things at the same place, memory or a stream of another device, and two collectives of
// one rank that no stream orders are violations of the stand-in device.
#pragma once

#include "recording_runtime.hpp"

#include <nccl.h>

namespace strata::testing::nccl {

/// The call of `function` after the next `after` fails with `error` and does nothing; later ones succeed again.
void fail_next(const std::string& function, ncclResult_t error, long after = 0);
/// From now on every communicator reports this failure, and no collective is done any more until it is aborted.
void break_connections(ncclResult_t error);

long living_communicators();
long aborted_communicators();
/// Collectives of all ranks together that ran, and the numbers of each, in order.
const std::vector<long>& collectives();

/// Nothing to fail, nothing counted. After device::begin().
void begin();

}  // namespace strata::testing::nccl
