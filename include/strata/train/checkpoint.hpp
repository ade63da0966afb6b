// SPDX-License-Identifier: MIT
// The complete state of a training between two iterations, in a file (checkpoint_items.hpp). A resumed training gives
// the same bits as an uninterrupted one; if anything that the bits depend on differs, resuming is refused. Files of
// version 2, without a loss factor, and of version 3, without conditions, can be read. A file with the best model so
// far has version 5, one without it version 4; where validations measured the errors of values, these are 7 and 6. An
// average of models comes after the best model, and has letters for these versions. Measurements come last
// (checkpoint_measurements.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <strata/core/compile_once.hpp>
#include <strata/core/condition.hpp>
#include <strata/train/checkpoint_check.hpp>
#include <strata/train/checkpoint_items.hpp>
#include <strata/train/checkpoint_measurements.hpp>
#include <strata/train/kept_model.hpp>
#include <strata/train/options.hpp>
#include <strata/train/training_conditions.hpp>

namespace strata::training {

/// The properties of a training that its checkpoints store or compare.
struct TrainingSetup {
  std::uint64_t network = 0;     ///< training_hash
  std::uint64_t structural = 0;  ///< structural_hash: a checkpoint with another one is always refused
  std::int64_t parameters = 0, buffers = 0, slots = 0;
  std::int64_t epochs = 0;              ///< of the whole training
  std::int64_t since = 0;               ///< the iteration since which all conditions hold
  core::Conditions conditions;          ///< what must agree for the bits to agree
  std::vector<std::string> deviations;  ///< what did not agree, if resumed with Resume::anyway

  // Not stored.
  std::uint64_t first_version = 0;                 ///< structural_hash_1, stored in checkpoints before version 4
  std::vector<std::pair<long, long>> variances{};  ///< [first, end) of the buffers that are never negative
  std::size_t heads = 0;                           ///< of a network with several
  double least_rate = 0;                           ///< Plateau::least
  int squares = -1;                                ///< the optimizer's slot that is never negative; -1: none
  std::int64_t updates = 0;                        ///< of the whole training
  std::function<double(long iteration, long epochs)> learning_rate{};  ///< of the schedule; empty: not compared
  std::string anyway = "Resume::anyway";                               ///< what a refusal calls Resume::anyway
};

/// The arrays of a training that a checkpoint holds.
struct TrainingBlocks {
  float* parameters = nullptr;
  float* buffers = nullptr;
  float* state = nullptr;            ///< of the optimizer: setup.slots * setup.parameters
  KeptModel* kept = nullptr;         ///< read if kept by the same measure; null: not read
  AveragedModel* average = nullptr;  ///< read if of the same kind, whose arrays have their sizes; null: not read
  PlateauState* plateau = nullptr;   ///< null: not written, not read
};

/// What a checkpoint contains in addition to the state.
struct Resumed {
  std::int64_t epochs = 0, since = 0;   ///< as in TrainingSetup; epochs is 0 before version 4
  std::vector<std::string> deviations;  ///< the previous ones, then the new ones
  bool has_average = false;             ///< whether TrainingBlocks::average was read
};

/// Writes a checkpoint to a file, which replaces an earlier one. Throws Error.
STRATA_ONCE void write_checkpoint(const std::string& path, const TrainingSetup& setup, const TrainingState& state,
                                  const TrainingBlocks& blocks, const std::vector<Record>& history);

/// Reads a checkpoint from memory into blocks of the right sizes. Throws Error, and changes nothing, if it is damaged,
/// holds numbers that no training writes, or belongs to another training. anyway: a condition that differs is added to
/// the deviations instead.
STRATA_ONCE Resumed parse_checkpoint(const unsigned char* data, std::size_t size, const std::string& name,
                                     const TrainingSetup& setup, TrainingState& state, const TrainingBlocks& blocks,
                                     std::vector<Record>& history, bool anyway = false);

/// The same for a file.
STRATA_ONCE Resumed read_checkpoint(const std::string& path, const TrainingSetup& setup, TrainingState& state,
                                    const TrainingBlocks& blocks, std::vector<Record>& history, bool anyway = false);

#if STRATA_HAS_BODIES

namespace detail {

inline constexpr std::size_t state_bytes_2 = offsetof(TrainingState, loss_factor);  // of version 2

/// The first item of versions 2 and 3.
struct SetupOfVersion3 {
  std::uint64_t network = 0;  ///< structural_hash_1
  std::uint64_t seed = 0;
  std::int64_t samples = 0, batch = 0, micro_batch = 0;
  std::int64_t shuffle = 0, partial = 0, slots = 0, parameters = 0, buffers = 0;
  char optimizer[32] = {};
};

/// The first item since version 4.
struct SetupNumbers {
  std::uint64_t network, structural;
  std::int64_t parameters, buffers, slots, epochs, since;
};

/// The first item of the best model; its parameters and buffers are the next two.
struct KeptNumbers {
  std::int64_t by, iteration;
};

/// The first item of the average; its parameters and buffers are the next two.
struct AverageNumbers {
  std::int64_t kind, since;
};

[[gnu::cold]] inline TrainingSetup setup_of(const SetupOfVersion3& old) {
  TrainingSetup out;
  out.first_version = old.network;
  out.parameters = old.parameters, out.buffers = old.buffers, out.slots = old.slots;
  out.conditions.add("optimizer", std::string(old.optimizer, ::strnlen(old.optimizer, sizeof old.optimizer)));
  out.conditions.add("seed", old.seed);
  out.conditions.add("training samples", old.samples);
  out.conditions.add("batch", old.batch);
  out.conditions.add("micro_batch", old.micro_batch);
  out.conditions.add("shuffle", old.shuffle >= 0 && old.shuffle <= 2 ? word_of(Shuffle(old.shuffle)) : "unknown");
  out.conditions.add("partial", old.partial >= 0 && old.partial <= 1 ? word_of(Partial(old.partial)) : "unknown");
  return out;
}

inline std::string words_of(const core::Disagreement& d) {
  return d.before.empty()  ? core::sentence("without ", d.name, ", and this training has ", d.after)
         : d.after.empty() ? core::sentence("with ", d.name, ' ', d.before, ", and this training has none")
                           : core::sentence("with ", d.name, ' ', d.before, ", and this training has ", d.after);
}

inline Record record_of(const unsigned char* row, std::size_t numbers) {
  double r[wide_row_numbers];
  for (double& number : r) number = not_measured;
  std::memcpy(r, row, numbers * sizeof(double));
  const bool has_errors = r[10] != not_measured;
  const auto measured = [](double number) { return number == not_measured ? std::nullopt : std::optional(number); };
  return {.epoch = int(r[0]),
          .iteration = long(r[1]),
          .seconds = r[2],
          .loss = r[3],
          .rate = r[4],
          .train_accuracy = r[5],
          .validation_loss = r[7] == not_measured && !has_errors ? std::nullopt : std::optional(r[6]),
          .validation_accuracy = measured(r[7]),
          .validation_mean_accuracy = measured(r[8]),
          .validation_mean_iou = measured(r[9]),
          .validation_mae = measured(r[10]),
          .validation_rmse = measured(r[11]),
          .validation_r2 = has_errors ? std::optional(r[12]) : std::nullopt};
}

inline HeadOfRecord head_of_record(const unsigned char* row) {
  double r[head_numbers];
  std::memcpy(r, row, sizeof r);
  const auto measured = [](double number) { return number == not_measured ? std::nullopt : std::optional(number); };
  const bool validated = r[3] != not_measured || r[4] != not_measured;
  return {.loss = r[0],
          .train_accuracy = measured(r[1]),
          .validation_loss = validated ? std::optional(r[2]) : std::nullopt,
          .validation_accuracy = measured(r[3]),
          .validation_mae = measured(r[4]),
          .validation_rmse = measured(r[5])};
}

/// Adds the first learning rate in the history that differs from this training's schedule, if there is one.
[[gnu::cold]] inline void compare_rates(const unsigned char* rows, std::int64_t count, std::size_t numbers,
                                        const Measurements& measured, const Resumed& theirs, const TrainingSetup& ours,
                                        std::vector<core::Disagreement>& out) {
  const auto rate_of = [&](std::int64_t i, std::int64_t epochs) {
    return reduced_rate(ours.learning_rate(long(i), epochs), measured.factor(std::size_t(i)), ours.least_rate);
  };
  if (!ours.learning_rate || count > ours.updates) return;
  for (std::int64_t i = theirs.since; i < count; i++) {
    const double before = record_of(rows + std::size_t(i) * numbers * sizeof(double), numbers).rate;
    // not by bits: pow differs by library
    const auto same = [&](double rate) { return std::abs(rate - before) <= 1e-12 * std::abs(rate); };
    const double rate = rate_of(i, ours.epochs);
    if (same(rate)) continue;
    if (theirs.epochs > 0 && same(rate_of(i, theirs.epochs)))
      out.push_back({"a learning rate that follows the number of epochs,", core::Conditions::exact(theirs.epochs),
                     core::Conditions::exact(ours.epochs)});
    else
      out.push_back({core::sentence("a learning rate in iteration ", i + 1, " of"), core::Conditions::exact(before),
                     core::Conditions::exact(rate)});
    return;
  }
}

}  // namespace detail

[[gnu::cold]] STRATA_ONCE void write_checkpoint(const std::string& path, const TrainingSetup& setup,
                                                const TrainingState& state, const TrainingBlocks& blocks,
                                                const std::vector<Record>& history) {
  const KeptModel* const kept = blocks.kept && blocks.kept->iteration > 0 ? blocks.kept : nullptr;
  std::size_t heads = 0;
  for (const Record& r : history) heads = std::max(heads, r.heads.size());
  bool has_errors = heads > 0;
  for (const Record& r : history) has_errors = has_errors || r.validation_mae;
  const AveragedModel* const average =
      blocks.average && blocks.average->count(long(state.iteration)) > 0 ? blocks.average : nullptr;
  const detail::Measurements measurements(history, kept ? kept->by : Keep::last,
                                          blocks.plateau ? *blocks.plateau : PlateauState());
  const char version = char((heads > 0    ? '8'
                             : has_errors ? '6'
                                          : '4') +
                            (kept != nullptr) + (average ? detail::letter_of_average : 0));
  detail::ItemWriter out(path, measurements.empty() ? version : char(version | detail::measurements_bit));
  const detail::SetupNumbers numbers{setup.network, setup.structural, setup.parameters, setup.buffers,
                                     setup.slots,   setup.epochs,     setup.since};
  out.put(&numbers, sizeof numbers);
  out.put(&state, sizeof state);
  out.put(blocks.parameters, std::size_t(setup.parameters) * sizeof(float));
  out.put(blocks.buffers, std::size_t(setup.buffers) * sizeof(float));
  out.put(blocks.state, std::size_t(setup.parameters * setup.slots) * sizeof(float));
  std::vector<double> rows;
  const auto number_of = [](const std::optional<double>& measured) { return measured.value_or(detail::not_measured); };
  for (const Record& r : history) {
    rows.insert(rows.end(), {double(r.epoch), double(r.iteration), r.seconds, r.loss, r.rate, r.train_accuracy,
                             number_of(r.validation_loss), number_of(r.validation_accuracy),
                             number_of(r.validation_mean_accuracy), number_of(r.validation_mean_iou)});
    if (has_errors)
      rows.insert(rows.end(), {number_of(r.validation_mae), number_of(r.validation_rmse), number_of(r.validation_r2)});
  }
  out.put(rows.data(), rows.size() * sizeof(double));
  if (heads > 0) {
    const HeadOfRecord none;
    rows.clear();
    for (const Record& r : history)
      for (std::size_t h = 0; h < heads; h++) {
        const HeadOfRecord& head = h < r.heads.size() ? r.heads[h] : none;
        rows.insert(rows.end(), {head.loss, number_of(head.train_accuracy), number_of(head.validation_loss),
                                 number_of(head.validation_accuracy), number_of(head.validation_mae),
                                 number_of(head.validation_rmse)});
      }
    out.put(rows.data(), rows.size() * sizeof(double));
  }
  std::vector<std::string> words;
  for (const core::Condition& c : setup.conditions) words.insert(words.end(), {c.name, c.value});
  detail::put_words(out, words);
  detail::put_words(out, setup.deviations);
  if (kept) {
    const detail::KeptNumbers which{detail::code_of(kept->by), kept->iteration};
    out.put(&which, sizeof which);
    out.put(kept->parameters.data(), kept->parameters.size() * sizeof(float));
    out.put(kept->buffers.data(), kept->buffers.size() * sizeof(float));
  }
  if (average) {
    const detail::AverageNumbers which{std::int64_t(average->how.kind), average->since};
    out.put(&which, sizeof which);
    out.put(average->parameters.data(), average->parameters.size() * sizeof(float));
    out.put(average->buffers.data(), average->buffers.size() * sizeof(float));
  }
  if (!measurements.empty()) measurements.put(out);
  out.commit();
}

[[gnu::cold]] STRATA_ONCE Resumed parse_checkpoint(const unsigned char* data, std::size_t size, const std::string& name,
                                                   const TrainingSetup& setup, TrainingState& state,
                                                   const TrainingBlocks& blocks, std::vector<Record>& history,
                                                   bool anyway) {
  using namespace detail;
  ItemReader in(data, size, name);
  const bool has_conditions = in.version() >= '4';
  TrainingSetup theirs;
  if (has_conditions) {
    SetupNumbers n;
    in.get(n);
    theirs.network = n.network, theirs.structural = n.structural;
    theirs.parameters = n.parameters, theirs.buffers = n.buffers, theirs.slots = n.slots;
    theirs.epochs = n.epochs, theirs.since = n.since;
  } else {
    SetupOfVersion3 old;
    in.get(old);
    theirs = setup_of(old);
  }
  TrainingState read;
  in.get(read, in.version() == '2' ? state_bytes_2 : sizeof read);
  const std::size_t numbers = in.version() >= '6' ? wide_row_numbers : row_numbers, row_size = numbers * sizeof(double);
  std::size_t parameter_bytes, buffer_bytes, slot_bytes, row_bytes;
  const unsigned char* const parameters = in.get(parameter_bytes, sizeof(float));
  const unsigned char* const buffers = in.get(buffer_bytes, sizeof(float));
  const unsigned char* const slots = in.get(slot_bytes, sizeof(float));
  const unsigned char* const rows = in.get(row_bytes, row_size);
  const std::size_t row_count = row_bytes / row_size;
  const std::size_t head_size = head_numbers * sizeof(double);
  std::size_t head_bytes = 0;
  const unsigned char* heads = in.version() >= '8' ? in.get(head_bytes, head_size) : nullptr;
  const std::size_t head_count = row_count ? head_bytes / head_size / row_count : 0;
  if (head_count * row_count * head_size != head_bytes) in.damaged();
  if (has_conditions) {
    const std::vector<std::string> words = get_words(in);
    if (words.size() % 2 != 0) in.damaged();
    for (std::size_t i = 0; i < words.size(); i += 2) theirs.conditions.add(words[i], words[i + 1]);
    theirs.deviations = get_words(in);
  }
  KeptNumbers kept{};
  std::size_t kept_parameter_bytes = 0, kept_buffer_bytes = 0;
  const unsigned char *kept_parameters = nullptr, *kept_buffers = nullptr;
  const bool has_kept = in.version() >= '4' && (in.version() - '4') % 2 == 1;
  if (has_kept) {
    in.get(kept);
    kept_parameters = in.get(kept_parameter_bytes, sizeof(float));
    kept_buffers = in.get(kept_buffer_bytes, sizeof(float));
  }
  AverageNumbers average{};
  std::size_t average_parameter_bytes = 0, average_buffer_bytes = 0;
  const unsigned char *average_parameters = nullptr, *average_buffers = nullptr;
  if (in.has_average()) {
    in.get(average);
    average_parameters = in.get(average_parameter_bytes, sizeof(float));
    average_buffers = in.get(average_buffer_bytes, sizeof(float));
  }
  Measurements measured;
  if (in.has_measurements()) measured.get(in);
  in.end();
  const Keep kept_by = measured.keep_of(kept.by);

  // Is it this training?
  std::vector<core::Disagreement> differ = core::disagreements(theirs.conditions, setup.conditions, !has_conditions);
  const auto refuse = [&] {
    if (anyway || differ.empty()) return;
    throw Error(name, ": was written ", words_of(differ[0]),
                "; resume with the same setting, start anew, or resume regardless with ", setup.anyway);
  };
  refuse();
  const std::uint64_t their_network = has_conditions ? theirs.structural : theirs.first_version,
                      our_network = has_conditions ? setup.structural : setup.first_version;
  if (their_network != our_network || theirs.parameters != setup.parameters || theirs.buffers != setup.buffers)
    throw Error(name, ": is a checkpoint of another network (structural hash ", core::hexadecimal(their_network), ", ",
                theirs.parameters, " parameters; this one has ", core::hexadecimal(our_network), " and ",
                setup.parameters, "); resume with the network that wrote it");
  if (theirs.slots != setup.slots)
    throw Error(name, ": holds ", theirs.slots, " numbers per parameter, but the optimizer of this training keeps ",
                setup.slots, "; resume with the same optimizer, or start anew");
  if (has_conditions && theirs.network != setup.network)
    differ.push_back({"a network whose dropouts, momentum and factors have the hash", core::hexadecimal(theirs.network),
                      core::hexadecimal(setup.network)});
  refuse();

  // Could a training have written its numbers?
  const std::size_t floats = std::size_t(setup.parameters);
  if (parameter_bytes != floats * sizeof(float) || buffer_bytes != std::size_t(setup.buffers) * sizeof(float) ||
      slot_bytes != floats * std::size_t(setup.slots) * sizeof(float))
    in.damaged();
  if (has_kept && (kept_parameter_bytes != parameter_bytes || kept_buffer_bytes != buffer_bytes)) in.damaged();
  if (in.has_average() && (average_parameter_bytes != parameter_bytes || average_buffer_bytes != buffer_bytes))
    in.damaged();
  std::string wrong = implausible(read);
  if (wrong.empty()) wrong = implausible(rows, row_count, read.iteration, numbers);
  if (wrong.empty()) wrong = implausible_heads(heads, head_count * row_count);
  if (wrong.empty() && head_count > 0 && head_count != setup.heads)
    wrong = core::sentence("its history has ", long(head_count), " heads");
  if (wrong.empty() &&
      (theirs.since < 0 || theirs.since > read.iteration || theirs.epochs < 0 || theirs.epochs > 2'000'000'000))
    wrong = "its start or number of epochs is invalid";
  if (wrong.empty()) wrong = implausible("parameters", parameters, floats, false);
  if (wrong.empty()) wrong = implausible("buffers", buffers, std::size_t(setup.buffers), false);
  for (const auto& [first, end] : setup.variances)
    if (wrong.empty())
      wrong = implausible("variances", buffers + first * long(sizeof(float)), std::size_t(end - first), true);
  for (std::int64_t s = 0; s < setup.slots && wrong.empty(); s++)
    wrong = implausible("optimizer's numbers", slots + std::size_t(s) * parameter_bytes, floats, s == setup.squares);
  if (wrong.empty()) wrong = measured.implausible(read.iteration);
  const auto record_at = [&](std::size_t i) {
    Record record = record_of(rows + i * row_size, numbers);
    measured.fill(i, record);
    return record;
  };
  if (wrong.empty() && has_kept) {
    if (kept.iteration < 1 || kept.iteration > read.iteration ||
        !has_measure(kept_by, record_at(std::size_t(kept.iteration - 1))))
      wrong = "its best model belongs to no validation";
    if (wrong.empty()) wrong = implausible("best parameters", kept_parameters, floats, false);
    if (wrong.empty()) wrong = implausible("best buffers", kept_buffers, std::size_t(setup.buffers), false);
    for (const auto& [first, end] : setup.variances)
      if (wrong.empty())
        wrong =
            implausible("best variances", kept_buffers + first * long(sizeof(float)), std::size_t(end - first), true);
  }
  if (wrong.empty() && in.has_average()) {
    const bool known =
        average.kind == std::int64_t(Average::Kind::exponential) || average.kind == std::int64_t(Average::Kind::equal);
    if (!known || average.since < 0 || average.since >= read.iteration) wrong = "its average is of no models";
    if (wrong.empty()) wrong = implausible("average parameters", average_parameters, floats, false);
    if (wrong.empty()) wrong = implausible("average buffers", average_buffers, std::size_t(setup.buffers), false);
    for (const auto& [first, end] : setup.variances)
      if (wrong.empty())
        wrong = implausible("average variances", average_buffers + first * long(sizeof(float)),
                            std::size_t(end - first), true);
  }
  if (!wrong.empty())
    throw Error(name, ": holds a number that no training writes (", wrong, "); use an older checkpoint or start anew");

  Resumed out{theirs.epochs, theirs.since, theirs.deviations};
  compare_rates(rows, read.iteration, numbers, measured, out, setup, differ);
  refuse();
  for (const core::Disagreement& d : differ)
    out.deviations.push_back(core::sentence("from iteration ", read.iteration, " on: written ", words_of(d)));
  if (!differ.empty()) out.since = read.iteration;

  state = read;
  if (parameter_bytes) std::memcpy(blocks.parameters, parameters, parameter_bytes);
  if (buffer_bytes) std::memcpy(blocks.buffers, buffers, buffer_bytes);
  if (slot_bytes) std::memcpy(blocks.state, slots, slot_bytes);
  history.clear();
  history.reserve(row_count);
  for (std::size_t i = 0; i < row_count; i++) history.push_back(record_at(i));
  for (std::size_t i = 0; i < head_count * row_count; i++)
    history[i / head_count].heads.push_back(head_of_record(heads + i * head_size));
  if (blocks.plateau) *blocks.plateau = measured.plateau;
  if (has_kept && blocks.kept && blocks.kept->by == kept_by) {
    blocks.kept->iteration = kept.iteration;
    blocks.kept->parameters.resize(floats);
    blocks.kept->buffers.resize(std::size_t(setup.buffers));
    if (parameter_bytes) std::memcpy(blocks.kept->parameters.data(), kept_parameters, parameter_bytes);
    if (buffer_bytes) std::memcpy(blocks.kept->buffers.data(), kept_buffers, buffer_bytes);
  }
  if (in.has_average() && blocks.average && blocks.average->how.kind == Average::Kind(average.kind)) {
    AveragedModel& to = *blocks.average;
    to.since = long(average.since);
    out.has_average = to.count(long(read.iteration)) > 0;
    if (out.has_average && parameter_bytes) std::memcpy(to.parameters.data(), average_parameters, parameter_bytes);
    if (out.has_average && buffer_bytes) std::memcpy(to.buffers.data(), average_buffers, buffer_bytes);
  }
  return out;
}

[[gnu::cold]] STRATA_ONCE Resumed read_checkpoint(const std::string& path, const TrainingSetup& setup,
                                                  TrainingState& state, const TrainingBlocks& blocks,
                                                  std::vector<Record>& history, bool anyway) {
  const core::Bytes bytes = core::read_file(path);
  return parse_checkpoint(bytes.data(), bytes.size(), path, setup, state, blocks, history, anyway);
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::training
