// SPDX-License-Identifier: MIT
// NCCL for devices that stand in for GPUs: its functions, linked instead of libnccl. Sums are taken in the order of the
// ranks.
//
// A collective is work of its stream, captured or not, that is done once all ranks have reached it, in whatever order
// the streams run. These are violations of the stand-in device: ranks with different requests at the same place, memory
// or a stream of another device, and two collectives of one rank that no stream orders.
//
// After connect_processes(), the ranks of a communicator may also be in processes that are forked from this one. Like
// NCCL on one machine, none of them notices that another is gone.
#pragma once

#include "recording_runtime.hpp"

#include <nccl.h>

namespace strata::testing::nccl {

/// The call of `function` after the next `after` fails with `error` and does nothing; later ones succeed again.
void fail_next(const std::string& function, ncclResult_t error, long after = 0);
/// Makes memory by which processes that are forked later find each other. Call it once, before all else.
void connect_processes();

/// From now on every communicator reports this failure, and its collectives are not done until it is aborted.
void break_connections(ncclResult_t error);

long living_communicators();
long aborted_communicators();
/// The collectives that ran, in order, as their counts of numbers.
const std::vector<long>& collectives();

/// Clears injected failures and counts. Call this after device::begin().
void begin();

}  // namespace strata::testing::nccl
