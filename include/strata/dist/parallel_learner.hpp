// SPDX-License-Identifier: MIT
// One training on several devices. Each has its own learner, the same parameters, and an equal share of every batch.
// Gradients and loss sums are summed over all devices (cuda/sessions/reducer.hpp), so each makes the same update
// itself, and parameters are never sent. The devices of other processes do the same: every process is given its share
// of the batch.
//
// Of a batch of n images over W ranks, the first n % W ranks take one image more than the others, in batch order. A
// rank that gets no image computes another with labels that do not count, which adds zeros to every sum. The loss is
// scaled as for the whole batch, whose labels the devices count. Batch norm's statistics are those of each rank's own
// images; the running statistics that the model keeps are those of rank 0. Dropout draws a separate mask on each rank.
#pragma once

#include <strata/core/random.hpp>
#include <strata/core/samples/image_transform.hpp>
#include <strata/core/samples/sources.hpp>
#include <strata/cuda/runtime/device.hpp>
#include <strata/cuda/sessions/reducer.hpp>
#include <strata/dist/crew.hpp>
#include <strata/dist/nccl.hpp>
#include <strata/train/learner.hpp>

#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <numeric>

namespace strata::dist {

/// The images of a batch that a rank computes.
struct Part {
  int first = 0, count = 0;
};
constexpr Part part_of(int images, int rank, int ranks) {
  const int each = images / ranks, more = images % ranks;
  return {rank * each + (rank < more ? rank : more), each + (rank < more)};
}

/// Makes the learner of one device, which is already selected. Null reducer: no other device shares the batch.
/// Otherwise its steps must call Reducer::barrier() before a launch, and its result and gradients are those of all
/// devices.
using MakeLearner =
    std::function<std::unique_ptr<training::Learner>(const training::Lesson&, const cuda::Device&, cuda::Reducer*)>;

class ParallelLearner : public training::Learner {
 public:
  /// sources: how many the network reads. outputs: the shape of what each head gives for one image. Throws Error where
  /// processes do not meet.
  ParallelLearner(const training::Lesson& lesson, int sources, const std::vector<Shape>& outputs, const World& world,
                  const std::vector<int>& devices, const MakeLearner& make,
                  long bucket_floats = cuda::Reducer::usual_bucket)
      : lesson_(lesson),
        sources_(sources),
        heads_(int(outputs.size())),
        ignored_(std::size_t(largest(outputs)), -1),
        no_values_(std::size_t(largest(outputs)), std::numeric_limits<float>::quiet_NaN()),
        crew_(int(devices.size())),
        aborters_(int(devices.size())),
        stagers_(int(devices.size())),
        processes_(world.processes) {
    for (const int number : devices)
      ranks_.push_back(std::make_unique<Rank>(crew_, assignment_.roster, cuda::Device::numbered(number)));
    const bool alone = processes_ == 1 && devices.size() == 1;
    assignment_ = meet(world, int(devices.size()), alone || world.rank > 0 ? Token{} : new_token());
    assignment_.roster.watch();
    if (!alone) {
      std::vector<Communicator> joined(devices.size());
      join(assignment_, devices, joined);
      for (std::size_t i = 0; i < joined.size(); i++) ranks_[i]->communicator = std::move(joined[i]);
    }
    on_all([&](Rank& rank, int i) {
      training::Lesson own = lesson;
      own.images = part_of(lesson.images, 0, assignment_.size).count;
      for (int& size : own.sizes) size = std::max(1, part_of(size, assignment_.first + i, assignment_.size).count);
      if (!alone) rank.connect(bucket_floats, std::max(4 * lesson.buffer_floats, 8L));
      rank.learner = make(own, rank.device, rank.reducer.get());
    });
  }
  /// NCCL requires all devices of a machine to leave at once.
  ~ParallelLearner() override {
    try {
      crew_.run([this](int i) {
        Rank& rank = *ranks_[std::size_t(i)];
        rank.device.select();
        rank.learner.reset(), rank.reducer.reset();
        rank.communicator = {};
      });
    } catch (const Error&) {  // the device is gone, and with it what it held
    }
    assignment_.roster.leave();
  }

  int size() const { return assignment_.size; }

  bool stages_ahead() const override { return first().stages_ahead(); }
  bool transforms_images() const override { return first().transforms_images(); }

  bool takes_byte_labels() const override { return first().takes_byte_labels(); }
  bool runs_ahead() const override { return first().runs_ahead(); }

  training::Share share(int images) const override {
    const int begin = part_of(images, assignment_.first, size()).first;
    const Part last = part_of(images, assignment_.first + int(ranks_.size()) - 1, size());
    const int count = last.first + last.count - begin;
    return count > 0 || images == 0 ? training::Share{begin, count} : training::Share{0, 1};
  }
  void stage(const Images& images, const Labels& labels) override { stage_from(0, images, labels, images.count); }
  void stage_share(const Images& images, const Labels& labels, int of) override {
    stage_from(share(of).first, images, labels, of);
  }
  void launch(const core::StepOptions& options) override {
    launched_ = staged_;
    if (launched_ == 0) return;
    launch_all(options, [](training::Learner& learner, const core::StepOptions& own) { learner.launch(own); });
  }
  void launch_update(const core::StepOptions& options, double factor, double rate, bool stop) override {
    launch_all(options, [&](training::Learner& learner, const core::StepOptions& own) {
      learner.launch_update(own, factor, rate, stop);
    });
  }
  training::StepAndUpdate finish_update() override {
    std::vector<training::StepAndUpdate> results(ranks_.size());
    on_all([&](Rank& rank, int i) {
      if (assignment_.size > 1) rank.wait(rank.next_done());
      results[std::size_t(i)] = rank.learner->finish_update();
    });
    for (const training::StepAndUpdate& result : results) check_same(result.updated, results[0].updated);
    return results[0];
  }

  core::StepResult finish() override {
    if (launched_ == 0) return {};
    std::vector<core::StepResult> results(ranks_.size());
    on_all([&](Rank& rank, int i) {
      if (assignment_.size > 1) rank.wait(rank.next_done());
      results[std::size_t(i)] = rank.learner->finish();
    });
    return results[0];
  }

  void scale_gradients(double factor) override {
    on_all([&](Rank& rank, int) { rank.learner->scale_gradients(factor); });
  }

  training::Updated update(double rate) override {
    std::vector<training::Updated> updated(ranks_.size());
    on_all([&](Rank& rank, int i) { updated[std::size_t(i)] = rank.learner->update(rate); });
    for (const training::Updated u : updated) check_same(u, updated[0]);
    return updated[0];
  }

  void average(double weight) override {
    on_all([&](Rank& rank, int) { rank.learner->average(weight); });
  }
  void fetch() override {
    on_all([&](Rank& rank, int i) {
      if (i == 0) rank.learner->fetch();
    });
    if (processes_ > 1) broadcast(lesson_.buffers, 4 * lesson_.buffer_floats);
    if (processes_ > 1 && lesson_.average_buffers) broadcast(lesson_.average_buffers, 4 * lesson_.buffer_floats);
  }

  void put() override {
    for (std::size_t i = 1; i < ranks_.size(); i++) ranks_[i]->learner->state() = first().state();
    if (processes_ > 1) check_agreement();
    on_all([&](Rank& rank, int) { rank.learner->put(); });
  }

  bool keeps_files() const override { return assignment_.first == 0; }
  int devices() const override { return size(); }
  bool any(bool here) override { return processes_ > 1 ? sum_over_ranks(here) > 0 : here; }

  core::Floats& state() override { return first().state(); }
  training::Standing standing() const override { return first().standing(); }
  void restore(const training::Standing& standing) override {
    for (const auto& rank : ranks_) rank->learner->restore(standing);
  }

 private:
  /// A rank's part of a batch, by source and by head, and its indices: one set for the running step, one for the staged
  /// step.
  struct Rows {
    Images images[graph::max_ports];
    Labels labels[graph::max_ports];
    std::vector<std::int32_t> image[graph::max_ports], label[graph::max_ports];
  };

  struct Rank final : cuda::Collective {
    Rank(Crew& its_crew, Roster& its_roster, cuda::Device its_device)
        : crew(its_crew), roster(its_roster), device(std::move(its_device)) {}

    void sum(float* numbers, std::span<const cuda::Span> spans, cuda::LossSums* losses, cuda::Stream stream) override {
      communicator.sum(numbers, spans, losses, stream);
    }
    void barrier() override { crew.barrier(); }

    void connect(long bucket_floats, long staging_bytes) {
      reducer = std::make_unique<cuda::Reducer>(*this, bucket_floats);
      staging = cuda::DeviceMemory(staging_bytes), pinned = cuda::PinnedMemory(staging_bytes);
      for (cuda::OwnedEvent& event : done) event = cuda::make_event();
    }

    /// Waits until the device has finished its step. Throws Error where another device fails or its process is lost:
    /// the step would wait for it forever.
    void wait() { wait(device.stream()); }
    void wait(cuda::Stream stream) override {
      await("cudaStreamQuery", [stream] { return cudaStreamQuery(stream); });
    }
    /// The same up to an event.
    void wait(cudaEvent_t event) {
      await("cudaEventQuery", [event] { return cudaEventQuery(event); });
    }

    /// Records the end of a launched step.
    void launched() { cuda::check(cudaEventRecord(done[steps++ % 2].get(), device.stream()), "cudaEventRecord"); }
    /// The end of the oldest step that is not waited for yet.
    cudaEvent_t next_done() { return done[ended++ % 2].get(); }

    template <class Query>
    void await(const char* call, Query&& query) {
      const auto begun = std::chrono::steady_clock::now();
      for (int polls = 0;; polls++) {
        const cudaError_t status = query();
        if (status == cudaSuccess) return;
        if (status != cudaErrorNotReady) cuda::check(status, call, core::sentence("device ", device.number()));
        try {
          communicator.check_others();
        } catch (const Error&) {  // NCCL notices that another process is gone, but not which
          roster.await_loss(std::chrono::seconds(2));
          throw;
        }
        if (polls % 100 == 99) roster.check(begun);
        if (crew.failed()) throw Error("another device failed");
        if (polls < 1000) std::this_thread::yield();
        else std::this_thread::sleep_for(std::chrono::microseconds(50));
      }
    }

    Crew& crew;
    Roster& roster;
    cuda::Device device;
    Communicator communicator;
    std::unique_ptr<cuda::Reducer> reducer;
    cuda::DeviceMemory staging;  ///< for the few numbers that the host sends
    cuda::PinnedMemory pinned;
    cuda::OwnedEvent done[2];  ///< of two steps
    long steps = 0, ended = 0;
    std::unique_ptr<training::Learner> learner;
    Rows rows[2];
  };

  static long largest(const std::vector<Shape>& outputs) {
    long most = 0;
    for (const Shape output : outputs) most = std::max(most, output.size());
    return most;
  }
  /// Sets `rows` to the numbers in memory of `count` images, or of their labels, from the one at `first` on.
  template <class View>
  static void set_rows(std::vector<std::int32_t>& rows, const View& view, int first, int count) {
    rows.resize(std::size_t(count));
    for (int k = 0; k < count; k++) rows[std::size_t(k)] = std::int32_t(view.row(first + k));
  }

  training::Learner& first() const { return *ranks_[0]->learner; }

  /// Stages a batch of `of` images, of which images `begin` ... are given. A failure is that of the next launch.
  void stage_from(int begin, const Images& images, const Labels& labels, int of) {
    staged_ = of;
    if (of == 0) return;
    turn_ = 1 - turn_;
    const auto stage_part = [&](int i) {
      Rank& rank = *ranks_[std::size_t(i)];
      rank.device.select();
      const Part part = part_of(of, assignment_.first + i, assignment_.size);
      Rows& rows = rank.rows[turn_];
      const bool computes = part.count > 0;
      const int at = computes ? part.first - begin : 0;
      for (int s = 0; s < sources_; s++) {
        const Images& all = core::source_of(images, s);
        Images& own = rows.images[s] = all;
        set_rows(rows.image[s], all, at, std::max(part.count, 1));
        own.index = rows.image[s].data(), own.count = int(rows.image[s].size());
        if (all.transforms && computes) own.transforms = all.transforms + at;
      }
      for (int h = 0; h < heads_; h++) {
        const Labels& all = core::head_of(labels, h);
        Labels& own = rows.labels[h] = all;
        set_rows(rows.label[h], all, at, part.count);
        own.index = rows.label[h].data();
        if (computes) continue;
        if (all.floats) own = {.floats = no_values_.data()};
        else own = {.values = ignored_.data()};
      }
      if (sources_ > 1) rows.images[0].more = rows.images + 1;
      if (heads_ > 1) rows.labels[0].more = rows.labels + 1;
      rank.learner->stage(rows.images[0], rows.labels[0]);
    };
    try {
      stagers_.run(stage_part);
    } catch (const Error&) {
      not_staged_ = std::current_exception();
    }
  }

  /// launch(learner, its options) on all devices.
  template <class Launch>
  void launch_all(const core::StepOptions& options, Launch&& launch) {
    on_all([&](Rank& rank, int i) {
      if (not_staged_) std::rethrow_exception(not_staged_);
      core::StepOptions own = options;
      own.shared_images = assignment_.size > 1 ? staged_ : 0;
      if (i > 0) own.more = nullptr;  // which the first one writes; all have the same sums
      if (const int number = assignment_.first + i; number > 0)
        own.seed = core::mix(options.seed, std::uint64_t(number));
      launch(*rank.learner, own);
      if (assignment_.size > 1) rank.launched();
    });
  }

  static void check_same(training::Updated updated, training::Updated first) {
    if (updated != first)
      throw Error(
          "dist: devices made different updates from the same gradients; one of them computes wrong results: "
          "run its vendor's diagnostics");
  }

  /// Starts to end what waits for other devices, once.
  void start_aborts() {
    if (aborting_) return;
    aborting_ = true;
    aborters_.start([this](int i) { ranks_[std::size_t(i)]->communicator.abort(); });
  }

  /// Calls body(rank, i) on the thread of each device of this process. After a failure every later call throws Error.
  template <class Body>
  void on_all(Body&& body) {
    if (lost_) throw Error("dist: a device or another process failed earlier; start again from the last checkpoint");
    const Moment begun = std::chrono::steady_clock::now();
    std::function<void()> watch;
    if (processes_ > 1) watch = [this, begun] { assignment_.roster.check(begun); };
    try {
      crew_.run(
          [&](int i) {
            ranks_[std::size_t(i)]->device.select();
            body(*ranks_[std::size_t(i)], i);
          },
          [this] { start_aborts(); }, std::chrono::seconds(10), watch);
    } catch (...) {
      lost_ = true;
      assignment_.roster.cut();
      start_aborts();  // an abort waits for the graphs that contain the communicator's sums
      for (const auto& rank : ranks_)
        if (rank->learner) rank->learner->abandon();
      aborters_.wait();
      throw;
    }
  }

  /// Replaces the host's bytes with those of process 0.
  void broadcast(void* host, long bytes) {
    if (bytes == 0) return;
    on_all([&](Rank& rank, int i) {
      if (i == 0) std::memcpy(rank.pinned.data(), host, std::size_t(bytes));
      const cuda::Stream stream = rank.device.stream();
      if (i == 0) cuda::copy_to_device(rank.staging.data(), rank.pinned.data(), bytes, stream);
      rank.communicator.broadcast(rank.staging.data(), bytes, stream);
      if (i == 0) cuda::copy_to_host(rank.pinned.data(), rank.staging.data(), bytes, stream);
      rank.wait();
      if (i == 0) std::memcpy(host, rank.pinned.data(), std::size_t(bytes));
    });
  }

  /// The sum of the processes' numbers, each counted once for each device of its process.
  long long sum_over_ranks(long long own) {
    long long sum = 0;
    on_all([&](Rank& rank, int i) {
      const cuda::Stream stream = rank.device.stream();
      std::memcpy(rank.pinned.data(), &own, sizeof own);
      cuda::copy_to_device(rank.staging.data(), rank.pinned.data(), sizeof own, stream);
      rank.communicator.sum(rank.staging.data(), 1, ncclInt64, stream);
      cuda::copy_to_host(rank.pinned.data(), rank.staging.data(), sizeof own, stream);
      rank.wait();
      if (i == 0) std::memcpy(&sum, rank.pinned.data(), sizeof sum);
    });
    return sum;
  }

  /// Throws Error, in all processes, where they do not begin from the same parameters, buffers and optimizer state.
  void check_agreement() {
    const training::Standing at = standing();
    std::uint64_t own = core::mix(core::mix(0, std::uint64_t(at.steps)), std::uint64_t(at.in_range));
    const auto add = [&](const float* numbers, long count) {
      for (long i = 0; i < count; i++) {
        std::uint32_t bits;
        std::memcpy(&bits, numbers + i, sizeof bits);
        own = core::mix(own, bits);
      }
    };
    add(lesson_.parameters, lesson_.parameter_floats), add(lesson_.buffers, lesson_.buffer_floats);
    add(first().state().data(), long(first().state().size()));
    if (lesson_.average_parameters)
      add(lesson_.average_parameters, lesson_.parameter_floats), add(lesson_.average_buffers, lesson_.buffer_floats);
    const float factor = float(at.loss_factor);  // a power of two
    add(&factor, 1);
    std::uint64_t theirs = own;
    broadcast(&theirs, sizeof theirs);
    if (sum_over_ranks(own != theirs) > 0)
      throw Error(
          "dist: the devices do not all start from the parameters of process 0; "
          "give all processes the same seed, weights and checkpoint");
  }

  training::Lesson lesson_;
  int sources_, heads_;
  std::vector<std::int32_t> ignored_;  ///< labels that do not count, of one image
  std::vector<float> no_values_;       ///< the same as floats
  std::vector<std::unique_ptr<Rank>> ranks_;
  Crew crew_;
  Crew aborters_;  ///< aborts all communicators at once while the crew waits and graphs are destroyed; started
                   ///< beforehand, so that aborting cannot fail
  Crew stagers_;   ///< stage the next batch while the crew works
  RankAssignment assignment_;
  int processes_;
  std::exception_ptr not_staged_;  ///< why the next batch could not be staged
  int staged_ = 0, launched_ = 0, turn_ = 0;
  bool lost_ = false, aborting_ = false;
};

}  // namespace strata::dist
