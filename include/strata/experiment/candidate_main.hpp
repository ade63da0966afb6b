// SPDX-License-Identifier: MIT
// Defines candidate_main(), the main function of all candidates' programs; one file of them includes it. Such a program
// trains its candidate once, as the runner asks, and writes the result to a file. Needs strata::safetensors.
#pragma once

#include <link.h>

#include <strata/core/files/file.hpp>
#include <strata/core/text/number_text.hpp>
#include <strata/experiment/candidate.hpp>
#include <strata/experiment/result_json.hpp>
#include <strata/report/machine.hpp>

#include <atomic>
#include <cstdio>
#include <limits>
#include <new>
#include <optional>
#include <string>

namespace strata::experiment {

namespace detail {

/// What the runner asks of a candidate's program: --seed 1 --epochs 5 --limit 0 --threads 1 --stage search --result
/// FILE.
struct Order {
  Result question;
  int threads = 1;
  std::string result;
};

template <class Value>
Value number_of(const char* option, const char* text) {
  const std::optional<Value> value = core::number_in<Value>(text);
  if (!value) throw Error(option, " ", text, ": is not a number");
  return *value;
}

inline Order order_of(int argc, char** argv) {
  Order order;
  for (int i = 1; i < argc; i += 2) {
    const std::string option = argv[i];
    if (i + 1 == argc) throw Error(option, ": has no value");
    const char* const value = argv[i + 1];
    if (option == "--seed") order.question.seed = number_of<std::uint64_t>("--seed", value);
    else if (option == "--epochs") order.question.epochs = number_of<int>("--epochs", value);
    else if (option == "--limit") order.question.limit = number_of<double>("--limit", value);
    else if (option == "--threads") order.threads = number_of<int>("--threads", value);
    else if (option == "--stage") order.question.stage = value;
    else if (option == "--result") order.result = value;
    else throw Error(option, ": is not an option of a candidate's program, which the runner starts");
  }
  if (order.result.empty()) throw Error("--result: is missing; candidates' programs are started by the runner");
  return order;
}

/// Bytes of machine code in this program, without its libraries.
inline long code_bytes() {
  long bytes = 0;
  ::dl_iterate_phdr(
      [](dl_phdr_info* object, std::size_t, void* sum) {
        for (int i = 0; i < object->dlpi_phnum; i++)
          if (object->dlpi_phdr[i].p_type == PT_LOAD && object->dlpi_phdr[i].p_flags & PF_X)
            *static_cast<long*>(sum) += long(object->dlpi_phdr[i].p_memsz);
        return 1;  // the first object is the program itself
      },
      &bytes);
  return bytes;
}

/// Seconds of the fastest of several predictions of one image.
inline double measure_latency(Trainable& candidate) {
  candidate.predict();
  double fastest = std::numeric_limits<double>::max();
  const double begin = core::clock_seconds();
  for (int round = 0; round < 3 || (round < 30 && core::clock_seconds() - begin < 1); round++) {
    int calls = 0;
    const double start = core::clock_seconds();
    double passed = 0;
    do {
      candidate.predict();
      calls++;
      passed = core::clock_seconds() - start;
    } while (passed < 0.002);
    fastest = std::min(fastest, passed / calls);
  }
  return fastest;
}

/// Ends a training after some seconds.
struct Deadline {
  double seconds = 0;
  long least_iterations = 0;
  std::atomic<bool> stop{false};
  double per_epoch = 0;

  void operator()(const training::Progress& p) {
    if (!p.record || p.run.iterations == 0) return;
    per_epoch = p.run.seconds / double(p.run.iterations) * double(p.iterations_per_epoch);
    if (p.run.seconds >= seconds && p.run.iterations >= least_iterations) stop = true;
  }
};

/// The number of epochs that fit into the seconds, from a training of half a second; at least 1.
inline int epochs_in(double seconds, Trainable& candidate, TrainOptions options) {
  Deadline probe{.seconds = 0.5, .least_iterations = 10};
  options.epochs = 1, options.observer = observe(probe), options.stop = &probe.stop;
  options.keep = Keep::last;
  candidate.train(options);
  const double epochs = probe.per_epoch > 0 ? seconds / probe.per_epoch : 1;
  return epochs < 1 ? 1 : epochs > 1e6 ? 1'000'000 : int(epochs);
}

/// Carries out the order.
inline Result carry_out(const Order& order, const CompiledCandidate& compiled) {
  Result result = order.question;
  TrainOptions options = compiled.options();
  const std::unique_ptr<Trainable> candidate = compiled.make(result.seed, order.threads);
  result.data = candidate->data_digest();
  if (options.keep == Keep::last && options.validation.patience == 0 && !options.plateau)  // scored once, at the end
    options.validation.every = std::numeric_limits<int>::max();
  options.checkpoints = {};
  Deadline deadline{.seconds = 1.25 * result.limit};
  options.epochs = result.epochs;
  if (result.limit > 0) {
    const int fitting = epochs_in(result.limit, *candidate, options);
    options.epochs = result.epochs > 0 ? std::min(result.epochs, fitting) : fitting;
    options.observer = observe(deadline), options.stop = &deadline.stop;
  }
  const training::Run run = candidate->train(options);
  result.trained_epochs = run.epochs;
  result.seconds = run.train_seconds;
  result.images_per_second = run.images_per_second();
  if (run.status == training::Status::failed) {
    result.outcome = Outcome::failed, result.why = run.why;
    return result;
  }
  const Scored validation = candidate->validate();
  result.score = validation.score, result.loss = validation.loss;
  if (result.stage == "final" && candidate->has_test())
    result.has_test = true, result.test_score = candidate->test().score;
  if (!core::is_finite(result.score) || !core::is_finite(result.loss) || !core::is_finite(result.test_score)) {
    result.outcome = Outcome::failed, result.why = "its score or its loss is not finite";
    result.score = result.loss = result.test_score = 0;
    return result;
  }
  result.latency = measure_latency(*candidate);
  result.arena_bytes = compiled.arena_bytes;
  result.training_bytes =
      compiled.training_bytes(options.micro_batch > 0 ? options.micro_batch : options.batch, order.threads);
  result.peak_bytes = report::peak_memory();
  result.code_bytes = code_bytes();
  return result;
}

}  // namespace detail

int candidate_main(int argc, char** argv, const CompiledCandidate& compiled) {
  try {
    const detail::Order order = detail::order_of(argc, argv);
    Result result = order.question;
    try {
      result = detail::carry_out(order, compiled);
    } catch (const std::bad_alloc&) {
      result.outcome = Outcome::failed, result.why = "there is not enough memory";
    } catch (const std::exception& error) {
      result.outcome = Outcome::failed, result.why = error.what();
    }
    core::write_file(order.result, to_json(result).dump(1, ' ', true, nlohmann::json::error_handler_t::replace) + "\n");
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}

}  // namespace strata::experiment
