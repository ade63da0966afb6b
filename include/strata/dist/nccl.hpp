// SPDX-License-Identifier: MIT
// NCCL: one communicator per device, its calls and their error messages. Link strata::nccl.
#pragma once

#include <strata/cuda/sessions/reducer.hpp>
#include <strata/dist/meeting.hpp>

#include <nccl.h>

#include <future>
#include <memory>
#include <system_error>
#include <thread>
#include <vector>

namespace strata::dist {

/// What a user can do about an NCCL status: the end of an error message.
inline const char* advice(ncclResult_t status) {
  switch (status) {
    case ncclUnhandledCudaError:
      return "; a device may be lost or out of memory: start again from the last checkpoint, with a smaller batch if it repeats";
    case ncclSystemError:
      return "; check that the machines can reach each other (NCCL_SOCKET_IFNAME names the network), and that /dev/shm is large enough";
    case ncclInvalidUsage:
      return "; check that every process has its own devices (STRATA_CUDA_DEVICES) and the same NCCL; NCCL_DEBUG=WARN prints more";
    case ncclRemoteError:
      return "; another process ended or was cut off: see what it printed, and restart all processes from the last checkpoint";
    default: return "; NCCL_DEBUG=WARN prints more";
  }
}

/// Throws Error if the call failed. `communicator`: null, or the one that may know details.
inline void check(ncclResult_t status, const char* call, ncclComm_t communicator = nullptr) {
  if (status == ncclSuccess || status == ncclInProgress) return;
  const char* const more = ncclGetLastError(communicator);
  throw Error("NCCL: ", call, " failed: ", ncclGetErrorString(status),
              more && *more ? core::sentence(" (", more, ")") : std::string(), advice(status));
}

/// NCCL takes the calls between construction and end() as one.
class Group {
 public:
  Group() { check(ncclGroupStart(), "ncclGroupStart"); }
  Group(const Group&) = delete;
  ~Group() {
    if (open_) (void)ncclGroupEnd();
  }
  void end() {
    open_ = false;
    check(ncclGroupEnd(), "ncclGroupEnd");
  }

 private:
  bool open_ = true;
};

/// A device's membership in the world. Only the device's thread may call it, but any thread may call abort().
class Communicator {
 public:
  Communicator() = default;
  explicit Communicator(ncclComm_t handle) : handle_(handle) {}
  Communicator(const Communicator&) = delete;
  Communicator& operator=(Communicator&& other) noexcept {
    std::swap(handle_, other.handle_);
    std::swap(aborted_, other.aborted_);
    return *this;
  }
  ~Communicator() {
    if (handle_ && !aborted_) (void)ncclCommDestroy(handle_);
  }

  /// Replaces the numbers of the spans, and `losses` unless null, with their sums over all devices, in one kernel.
  void sum(float* numbers, std::span<const cuda::Span> spans, cuda::LossSums* losses, cuda::Stream stream) const {
    static_assert(offsetof(cuda::LossSums, weight) == 8 && offsetof(cuda::LossSums, correct) == 16 &&
                  offsetof(cuda::LossSums, counted) == 24 && offsetof(cuda::LossSums, stops) == 32);
    Group group;
    for (const cuda::Span& s : spans) sum(numbers + s.offset, s.count, ncclFloat, stream);
    if (losses) sum(&losses->loss, 2, ncclDouble, stream), sum(&losses->correct, 3, ncclInt64, stream);
    group.end();
  }
  void sum(void* numbers, long count, ncclDataType_t type, cuda::Stream stream) const {
    check(ncclAllReduce(numbers, numbers, std::size_t(count), type, ncclSum, handle_, stream), "ncclAllReduce",
          handle_);
  }
  /// Replaces the bytes with those of rank 0.
  void broadcast(void* bytes, long count, cuda::Stream stream) const {
    check(ncclBroadcast(bytes, bytes, std::size_t(count), ncclChar, 0, handle_, stream), "ncclBroadcast", handle_);
  }

  /// Throws Error if an operation has failed since, in this process or another.
  void check_others() const {
    ncclResult_t status = ncclSuccess;
    check(ncclCommGetAsyncError(handle_, &status), "ncclCommGetAsyncError", handle_);
    check(status, "a sum over devices", handle_);
  }

  /// Ends whatever waits for other devices. The communicator must not be used afterward.
  void abort() {
    if (handle_ && !aborted_) (void)ncclCommAbort(handle_);
    aborted_ = true;
  }

 private:
  ncclComm_t handle_ = nullptr;
  bool aborted_ = false;
};

/// The token of a new world, made by process 0.
inline Token new_token() {
  ncclUniqueId id;
  static_assert(sizeof id.internal == sizeof(Token));
  check(ncclGetUniqueId(&id), "ncclGetUniqueId");
  Token token;
  std::memcpy(token.data(), id.internal, token.size());
  return token;
}

namespace detail {

/// The communicators of this process's devices; waits for those of the other processes.
inline std::vector<ncclComm_t> joined(const Token& token, int first, int size, const std::vector<int>& devices) {
  ncclUniqueId id;
  std::memcpy(id.internal, token.data(), token.size());
  std::vector<ncclComm_t> handles(devices.size());
  Group group;
  for (std::size_t i = 0; i < devices.size(); i++) {
    cuda::check(cudaSetDevice(devices[i]), "cudaSetDevice", core::sentence("device ", devices[i]));
    check(ncclCommInitRank(&handles[i], size, id, first + int(i)), "ncclCommInitRank");
  }
  group.end();
  return handles;
}

}  // namespace detail

/// Creates the communicators of this process's devices, and waits for those of the other processes. Throws Error where
/// one of these is lost meanwhile: NCCL would wait for it forever, so the thread that does is left to itself.
inline void join(RankAssignment& assignment, const std::vector<int>& devices, std::span<Communicator> to) {
  std::packaged_task<std::vector<ncclComm_t>()> task([token = assignment.token, first = assignment.first,
                                                      size = assignment.size,
                                                      devices] { return detail::joined(token, first, size, devices); });
  std::future<std::vector<ncclComm_t>> handles = task.get_future();
  if (assignment.size == int(devices.size())) {
    task();
  } else {
    try {
      std::thread(std::move(task)).detach();
    } catch (const std::system_error& error) {
      throw Error("dist: the thread that connects to the other processes cannot be started: ",
                  core::reason(error.code().value()), "; start fewer processes on this machine, or raise ulimit -u");
    }
    const Moment begun = std::chrono::steady_clock::now();
    while (handles.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready) assignment.roster.check(begun);
  }
  try {
    const std::vector<ncclComm_t> made = handles.get();
    for (std::size_t i = 0; i < made.size(); i++) to[i] = Communicator(made[i]);
  } catch (const Error&) {  // NCCL may have noticed that another process is gone, but not which
    assignment.roster.await_loss(std::chrono::seconds(2));
    throw;
  }
}

}  // namespace strata::dist
