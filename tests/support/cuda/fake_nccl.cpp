// SPDX-License-Identifier: MIT
#include "fake_nccl.hpp"

#include "runtime_state.hpp"

#include <sys/mman.h>

#include <atomic>
#include <condition_variable>
#include <cstring>

using strata::testing::device::Range;

namespace {

/// The request of a rank, which is equal on all ranks except for the memory.
struct Request {
  const void* from = nullptr;
  void* to = nullptr;
  std::size_t count = 0;
  ncclDataType_t type = ncclFloat;
  bool sums = true;  ///< false: broadcast
  int root = 0;
  long captured = 0;  ///< which of the communicator's captured calls it is, from 1; 0: not captured
  bool agrees(const Request& r) const { return count == r.count && type == r.type && sums == r.sums && root == r.root; }
};

std::size_t size_of(ncclDataType_t type) { return type == ncclChar ? 1 : type == ncclFloat ? 4 : 8; }

/// What forked processes share: the numbers of the last collectives, by rank.
struct Exchange {
  static constexpr int most_ranks = 4, rounds = 8;
  static constexpr std::size_t most_bytes = 1 << 18;
  std::atomic<int> joined;
  std::atomic<long> posted[most_ranks], done[most_ranks];  ///< collectives of a rank
  char numbers[rounds][most_ranks][most_bytes];

  /// Posts this rank's numbers, once there is room. Returns whether all ranks have posted theirs.
  bool post(int rank, int ranks, long round, const void* from, std::size_t bytes) {
    if (posted[rank] == round) {
      for (int r = 0; r < ranks; r++)
        if (done[r] <= round - rounds) return false;
      std::memcpy(numbers[round % rounds][rank], from, bytes);
      posted[rank]++;
    }
    for (int r = 0; r < ranks; r++)
      if (posted[r] <= round) return false;
    return true;
  }
};
Exchange* exchange = nullptr;  ///< null: all ranks are in this process

/// The communicators with one token.
struct Clique {
  struct Round {
    std::vector<const Request*> requests;
    std::vector<char> result;
    int came = 0, left = 0;
  };
  std::vector<ncclComm*> members;
  int joined = 0;
  std::map<long, Round> rounds;
};

}  // namespace

struct ncclComm {
  std::shared_ptr<Clique> clique;
  int rank = 0, device = 0;
  long round = 0;                                        ///< collectives that this rank has done
  long captured = 0;                                     ///< calls that were captured
  std::shared_ptr<int> held = std::make_shared<int>(0);  ///< shared with the graphs that contain its calls
  std::atomic<bool> aborted{false};
};

namespace {

struct Shared {
  std::mutex lock;
  std::condition_variable joined;
  std::map<std::string, std::weak_ptr<Clique>> cliques;
  std::vector<std::unique_ptr<ncclComm>> all;  ///< kept, since work may still refer to them
  std::set<ncclComm*> alive;
  std::map<std::string, std::pair<ncclResult_t, long>> faults;
  std::atomic<ncclResult_t> broken{ncclSuccess};
  long tokens = 0, aborted = 0;
  std::vector<long> collectives;
};
Shared& shared() {
  static Shared* const s = new Shared;
  return *s;
}

/// The calls of a thread between ncclGroupStart and ncclGroupEnd.
struct Grouped {
  int depth = 0;
  std::vector<ncclComm*> joining;
  std::vector<std::function<ncclResult_t()>> calls;
};
thread_local Grouped grouped;

ncclResult_t injected(const char* function) {
  Shared& s = shared();
  const std::lock_guard held(s.lock);
  const auto found = s.faults.find(function);
  if (found == s.faults.end() || found->second.second-- > 0) return ncclSuccess;
  const ncclResult_t error = found->second.first;
  s.faults.erase(found);
  return error;
}

template <class T>
void add(std::vector<char>& sum, const void* numbers, std::size_t count) {
  T* const to = reinterpret_cast<T*>(sum.data());
  const T* const from = static_cast<const T*>(numbers);
  for (std::size_t i = 0; i < count; i++) to[i] += from[i];
}

/// The result of a request; numbers_of(rank): where those of a rank are.
template <class NumbersOf>
std::vector<char> result_of(const Request& request, int ranks, NumbersOf&& numbers_of) {
  const char* const root = static_cast<const char*>(numbers_of(request.sums ? 0 : request.root));
  std::vector<char> result(root, root + request.count * size_of(request.type));
  for (int rank = 1; request.sums && rank < ranks; rank++) {
    const void* const from = numbers_of(rank);
    switch (request.type) {
      case ncclFloat: add<float>(result, from, request.count); break;
      case ncclDouble: add<double>(result, from, request.count); break;
      default: add<std::int64_t>(result, from, request.count);
    }
  }
  return result;
}

/// The same as arrive() where ranks are in other processes.
bool post(ncclComm& comm, const Request& request) {
  strata::testing::device::State& s = strata::testing::device::state();
  s.memory.open();
  const bool all = exchange->post(comm.rank, int(comm.clique->members.size()), comm.round, request.from,
                                  request.count * size_of(request.type));
  s.memory.close();
  return all;
}

/// Notes that a rank has arrived at this request, and returns whether all have. Call this with the lock of the device.
bool arrive(ncclComm& comm, const Request& request) {
  if (comm.aborted) return true;
  if (shared().broken != ncclSuccess) return false;
  if (exchange) return post(comm, request);
  Clique::Round& round = comm.clique->rounds[comm.round];
  round.requests.resize(comm.clique->members.size());
  const Request*& place = round.requests[std::size_t(comm.rank)];
  if (place && place != &request) {
    strata::testing::device::violation(
        strata::core::sentence("rank ", comm.rank, " is in two collectives at once, which no stream orders"));
    return false;
  }
  if (!place) {
    place = &request, round.came++;
    for (const Request* other : round.requests)
      if (other && other->captured != request.captured)
        strata::testing::device::violation(strata::core::sentence(
            "rank ", comm.rank, " runs its captured call ", request.captured, " as collective ", comm.round,
            ", but another rank its captured call ", other->captured, ": all ranks must capture in the same steps"));
      else if (other && !other->agrees(request))
        strata::testing::device::violation(
            strata::core::sentence("rank ", comm.rank, " passes ", long(request.count), " numbers to collective ",
                                   comm.round, ", but another rank passes ", long(other->count), ", or another kind"));
  }
  return round.came == int(round.requests.size());
}

void perform(ncclComm& comm, const Request& request) {
  if (comm.aborted) return;
  const int ranks = int(comm.clique->members.size());
  if (exchange) {
    const std::vector<char> result =
        result_of(request, ranks, [&](int rank) { return exchange->numbers[comm.round % Exchange::rounds][rank]; });
    std::memcpy(request.to, result.data(), result.size());
    exchange->done[comm.rank] = ++comm.round;
    return;
  }
  Clique::Round& round = comm.clique->rounds[comm.round];
  if (round.left == 0) {
    round.result =
        result_of(*round.requests[0], ranks, [&](int rank) { return round.requests[std::size_t(rank)]->from; });
    shared().collectives.push_back(long(request.count));
  }
  const std::size_t bytes = std::min(round.result.size(), request.count * size_of(request.type));
  std::memcpy(request.to, round.result.data(), bytes);
  if (++round.left == int(round.requests.size())) comm.clique->rounds.erase(comm.round);
  comm.round++;
}

ncclResult_t enqueue(ncclComm* comm, const Request& given, cudaStream_t stream, const char* name) {
  namespace device = strata::testing::device;
  {
    const std::lock_guard held(shared().lock);
    if (!shared().alive.count(comm)) return ncclInvalidArgument;
  }
  device::State& s = device::state();
  const std::lock_guard held(s.lock);
  if (s.lost != cudaSuccess) return ncclUnhandledCudaError;
  s.log.calls[name]++;
  if (stream && stream->device != comm->device)
    device::violation(
        strata::core::sentence(name, " of device ", comm->device, " was given a stream of device ", stream->device));
  const long bytes = long(given.count * size_of(given.type));
  for (const void* p : {given.from, static_cast<const void*>(given.to)}) {
    const device::GuardedMemory::Block* const block = s.memory.find(p, bytes);
    if (!block)
      device::violation(strata::core::sentence(name, " was given ", bytes, " bytes from ", s.memory.describe(p)));
    else if (block->owner != comm->device)
      device::violation(
          strata::core::sentence(name, " of device ", comm->device, " was given memory of device ", block->owner));
  }
  const auto request = std::make_shared<Request>(given);
  device::Work work;
  if (stream && stream->capture) request->captured = ++comm->captured, work.held = comm->held;
  work.name = name;
  work.touches = {{given.from, bytes}, {given.to, bytes}};
  work.may_run = [comm, request] { return arrive(*comm, *request); };
  work.body = [comm, request] { perform(*comm, *request); };
  work.counts = true;
  s.log.launches++;
  return s.submit(stream, std::move(work)) == cudaSuccess ? ncclSuccess : ncclUnhandledCudaError;
}

/// Waits until every rank has joined.
ncclResult_t wait_for_members(const std::vector<ncclComm*>& joining) {
  Shared& s = shared();
  std::unique_lock held(s.lock);
  for (const ncclComm* comm : joining) {
    const auto complete = [&] {
      return (exchange ? exchange->joined.load() : comm->clique->joined) == int(comm->clique->members.size());
    };
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(exchange ? 3600 : 20);
    while (!complete()) {
      if (std::chrono::steady_clock::now() > end) return ncclSystemError;
      s.joined.wait_for(held, std::chrono::milliseconds(5));
    }
  }
  return ncclSuccess;
}

/// Waits as NCCL does, which ends a communicator when no graph contains its calls any more.
void wait_for_graphs(const ncclComm& comm, const char* name) {
  namespace device = strata::testing::device;
  for (int polls = 0; comm.held.use_count() > 1; polls++) {
    if (polls == 5000) {
      const std::lock_guard held(device::state().lock);
      return device::violation(
          strata::core::sentence(name, " of rank ", comm.rank, " waits for a graph that contains its calls, forever"));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

ncclResult_t in_group(std::function<ncclResult_t()> call) {
  if (grouped.depth == 0) return call();
  grouped.calls.push_back(std::move(call));
  return ncclSuccess;
}

}  // namespace

extern "C" {

ncclResult_t ncclGetUniqueId(ncclUniqueId* id) {
  if (const ncclResult_t e = injected("ncclGetUniqueId"); e != ncclSuccess) return e;
  std::memset(id, 0, sizeof *id);
  const std::lock_guard held(shared().lock);
  const long number = ++shared().tokens;
  std::memcpy(id->internal, &number, sizeof number);
  return ncclSuccess;
}

ncclResult_t ncclCommInitRank(ncclComm_t* comm, int ranks, ncclUniqueId id, int rank) {
  if (const ncclResult_t e = injected("ncclCommInitRank"); e != ncclSuccess) return e;
  if (rank < 0 || rank >= ranks) return ncclInvalidArgument;
  ncclComm* const made = [&] {
    Shared& s = shared();
    const std::lock_guard held(s.lock);
    std::weak_ptr<Clique>& known = s.cliques[std::string(id.internal, sizeof id.internal)];
    std::shared_ptr<Clique> clique = known.lock();
    if (!clique) known = clique = std::make_shared<Clique>();
    clique->members.resize(std::size_t(ranks));
    if (clique->members[std::size_t(rank)]) return static_cast<ncclComm*>(nullptr);
    s.all.push_back(std::make_unique<ncclComm>());
    ncclComm* const c = s.all.back().get();
    for (const ncclComm* other : clique->members)
      if (other && other->device == strata::testing::device::current_device()) return static_cast<ncclComm*>(nullptr);
    c->clique = clique, c->rank = rank, c->device = strata::testing::device::current_device();
    clique->members[std::size_t(rank)] = c, clique->joined++;
    if (exchange) exchange->joined++;
    s.alive.insert(c);
    s.joined.notify_all();
    return c;
  }();
  if (!made) return ncclInvalidUsage;
  *comm = made;
  if (grouped.depth == 0) return wait_for_members({made});
  grouped.joining.push_back(made);
  return ncclSuccess;
}

ncclResult_t ncclCommInitAll(ncclComm_t* comms, int count, const int* devices) {
  ncclUniqueId id;
  if (const ncclResult_t e = ncclGetUniqueId(&id); e != ncclSuccess) return e;
  const int before = strata::testing::device::current_device();
  ncclResult_t result = ncclGroupStart();
  for (int i = 0; i < count && result == ncclSuccess; i++) {
    strata::testing::device::current_device() = devices ? devices[i] : i;
    result = ncclCommInitRank(comms + i, count, id, i);
  }
  strata::testing::device::current_device() = before;
  const ncclResult_t end = ncclGroupEnd();
  return result != ncclSuccess ? result : end;
}

ncclResult_t ncclGroupStart() {
  if (const ncclResult_t e = injected("ncclGroupStart"); e != ncclSuccess) return e;
  grouped.depth++;
  return ncclSuccess;
}

ncclResult_t ncclGroupEnd() {
  if (grouped.depth == 0) return ncclInvalidUsage;
  if (--grouped.depth > 0) return ncclSuccess;
  const Grouped group = std::exchange(grouped, {});
  if (const ncclResult_t e = injected("ncclGroupEnd"); e != ncclSuccess) return e;
  if (const ncclResult_t e = wait_for_members(group.joining); e != ncclSuccess) return e;
  for (const auto& call : group.calls)
    if (const ncclResult_t e = call(); e != ncclSuccess) return e;
  return ncclSuccess;
}

ncclResult_t ncclAllReduce(const void* from, void* to, std::size_t count, ncclDataType_t type, ncclRedOp_t op,
                           ncclComm_t comm, cudaStream_t stream) {
  if (const ncclResult_t e = injected("ncclAllReduce"); e != ncclSuccess) return e;
  if (op != ncclSum || (type != ncclFloat && type != ncclDouble && type != ncclInt64)) return ncclInvalidArgument;
  return in_group([=] { return enqueue(comm, {from, to, count, type, true, 0}, stream, "ncclAllReduce"); });
}

ncclResult_t ncclBroadcast(const void* from, void* to, std::size_t count, ncclDataType_t type, int root,
                           ncclComm_t comm, cudaStream_t stream) {
  if (const ncclResult_t e = injected("ncclBroadcast"); e != ncclSuccess) return e;
  return in_group([=] { return enqueue(comm, {from, to, count, type, false, root}, stream, "ncclBroadcast"); });
}

ncclResult_t ncclCommDestroy(ncclComm_t comm) {
  {
    Shared& s = shared();
    const std::lock_guard held(s.lock);
    if (!s.alive.erase(comm)) return ncclInvalidArgument;
  }
  wait_for_graphs(*comm, "ncclCommDestroy");
  return ncclSuccess;
}

ncclResult_t ncclCommAbort(ncclComm_t comm) {
  {
    Shared& s = shared();
    const std::lock_guard held(s.lock);
    if (!s.alive.erase(comm)) return ncclInvalidArgument;
    comm->aborted = true;
    s.aborted++;
  }
  wait_for_graphs(*comm, "ncclCommAbort");
  return ncclSuccess;
}

ncclResult_t ncclCommGetAsyncError(ncclComm_t comm, ncclResult_t* error) {
  if (const ncclResult_t e = injected("ncclCommGetAsyncError"); e != ncclSuccess) return e;
  if (!comm) return ncclInvalidArgument;
  *error = shared().broken;
  return ncclSuccess;
}

const char* ncclGetErrorString(ncclResult_t error) {
  switch (error) {
    case ncclSuccess: return "no error";
    case ncclUnhandledCudaError: return "unhandled cuda error";
    case ncclSystemError: return "unhandled system error";
    case ncclInvalidArgument: return "invalid argument";
    case ncclInvalidUsage: return "invalid usage";
    case ncclRemoteError: return "remote process exited or there was a network error";
    default: return "internal error";
  }
}
const char* ncclGetLastError(ncclComm_t) { return ""; }

}  // extern "C"

namespace strata::testing::nccl {

void connect_processes() {
  void* const memory = ::mmap(nullptr, sizeof(Exchange), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  exchange = memory == MAP_FAILED ? nullptr : new (memory) Exchange{};
}
void fail_next(const std::string& function, ncclResult_t error, long after) {
  const std::lock_guard held(shared().lock);
  shared().faults[function] = {error, after};
}
void break_connections(ncclResult_t error) { shared().broken = error; }
long living_communicators() {
  const std::lock_guard held(shared().lock);
  return long(shared().alive.size());
}
long aborted_communicators() {
  const std::lock_guard held(shared().lock);
  return shared().aborted;
}
const std::vector<long>& collectives() { return shared().collectives; }

void begin() {
  Shared& s = shared();
  const std::lock_guard held(s.lock);
  s.faults.clear();
  s.alive.clear();
  s.cliques.clear();
  s.broken = ncclSuccess;
  s.aborted = 0;
  s.collectives.clear();
}

}  // namespace strata::testing::nccl
