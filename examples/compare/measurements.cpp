// SPDX-License-Identifier: MIT
#include "measurements.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "../shared/interruption.hpp"
#include "../shared/run_again.hpp"
#include "../shared/say.hpp"
#include "machines.hpp"
#include "published.hpp"
#include "runs.hpp"

namespace compare_runs {

namespace {

namespace report = strata::report;

constexpr double limit_seconds = 120;

/// What the programs measure, unless `given` has other values: two batch sizes, for seconds on a machine of two cores.
std::vector<std::string> short_run(const std::string& program, const std::vector<std::string>& given) {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  const Pairs usual = program == "digits" ? Pairs{{"--batches", "1024,8192"}, {"--epochs", "3"}}
                                          : Pairs{{"--batches", "2,4"}, {"--steps", "5"}};
  std::vector<std::string> out{"table", "--quiet"};
  for (const auto& option : usual)
    if (std::none_of(given.begin(), given.end(),
                     [&](const std::string& word) { return word.starts_with(option.first); }))
      out.insert(out.end(), {option.first, option.second});
  return out;
}

/// Starts the program, which is in the same folder as this one, and returns the folder of its runs.
std::string measured_here(const EstimateSettings& settings) {
  const std::string who = "compare estimate";
  const std::filesystem::path own = shared::own_path(who);
  std::vector<std::string> words = short_run(settings.program, settings.options);
  words.insert(words.end(), settings.options.begin(), settings.options.end());
  words.insert(words.end(), {"--out", settings.out});
  shared::complain("compare", "measuring " + settings.program + " for at most two minutes");
  shared::listen_for_interruption();
  const int status = shared::run_child(who, (own.parent_path() / settings.program).string(), words,
                                       {.output_to_errors = true, .limit_seconds = limit_seconds});
  if (shared::stop_requested) throw strata::Error(who, ": was interrupted; repeat the command");
  std::error_code none;
  if (status != 0 && !std::filesystem::exists(settings.out, none))
    throw strata::Error(who, ": ", settings.program, " failed with status ", status, "; see its message above");
  return settings.out;
}

report::MachineDescription this_machine() {
  shared::complain("compare", "measuring this machine");
  return report::describe_this_machine();
}

report::MachineDescription target_machine(const std::string& given) {
  std::error_code none;
  const shared::Words known = gpu_choices();
  if (std::find(known.begin(), known.end(), given) != known.end() && !std::filesystem::exists(given, none))
    return report::describe(known_gpu(given));
  return report::read_machine_description(given);
}

/// The description that belongs to the runs.
report::MachineDescription source_machine(const EstimateSettings& settings, const report::NamedRun& run) {
  report::MachineDescription out = settings.from.empty() ? this_machine() : target_machine(settings.from);
  const report::RunRecord& r = run.record;
  const bool on_gpu = r.device.kind != "cpu";
  if (on_gpu != out.on_gpu() || (!on_gpu && r.machine.cpu != out.machine.cpu))
    throw strata::Error(run.name, ": ran on ", r.device.name, ", and ",
                        settings.from.empty() ? "this machine" : settings.from, " is ", out.device.name,
                        "; give the description of its machine: --from FILE");
  return out;
}

void require_counts(const report::NamedRun& run) {
  if (run.record.batch < 1 || run.record.threads < 1)
    throw strata::Error(run.name, ": its batch size is ", run.record.batch, " and its number of threads ",
                        run.record.threads, "; give the record of a training");
}

void require_one_network(const std::vector<report::NamedRun>& runs) {
  const report::NamedRun& first = runs.front();
  for (const report::NamedRun& run : runs) {
    if (run.record.network != first.record.network)
      throw strata::Error(run.name, ": is a run of ", run.record.network, ", and ", first.name, " one of ",
                          first.record.network, "; give runs of one network");
    if (run.record.device.name != first.record.device.name)
      throw strata::Error(run.name, ": ran on ", run.record.device.name, ", and ", first.name, " on ",
                          first.record.device.name, "; give runs on one machine");
  }
}

}  // namespace

report::Job job_of(const EstimateSettings& s, const report::RunRecord& r) {
  const bool measures = report::detail::measures_updates(r);
  report::Job job{.epochs = s.epochs > 0 ? s.epochs
                            : measures   ? 0
                                         : r.epochs,
                  .training = s.training >= 0 ? s.training
                              : measures      ? 0
                                              : r.dataset.train,
                  .validation = s.validation >= 0 ? s.validation : r.dataset.validation,
                  .test = s.test >= 0 ? s.test : r.dataset.test};
  if (job.training == 0) job.epochs = 0;
  job.validations = job.epochs * report::validations_per_epoch(r);
  return job;
}

Sources gather(const EstimateSettings& settings) {
  std::vector<std::string> paths = settings.runs;
  if (!settings.program.empty()) paths.push_back(measured_here(settings));
  if (paths.empty())
    throw strata::Error(
        "compare: there is no run to start from; give a run.json or a folder of runs, or --program digits, which is then measured here");
  Sources out;
  std::vector<report::NamedRun> runs = read_runs(paths);
  if (!settings.against.empty()) out.against = read_runs(settings.against);
  require_one_network(runs);
  for (const auto* all : {&runs, &out.against})
    for (const report::NamedRun& run : *all) require_counts(run);
  std::vector<report::RunRecord*> records;
  for (auto* all : {&runs, &out.against})
    for (report::NamedRun& run : *all) records.push_back(&run.record);
  report::share_work(records);
  const report::MachineDescription from = source_machine(settings, runs.front());
  for (const report::NamedRun& run : runs) out.measured.push_back({run.name, run.record, from});
  out.target.machine = settings.machine.empty() ? from : target_machine(settings.machine);
  const report::MachineDescription& machine = out.target.machine;
  out.target.threads = settings.threads > 0 ? settings.threads : std::max(1, machine.machine.cores);
  out.target.precision =
      machine.on_gpu() ? (settings.precision.empty() ? machine.device.precision : settings.precision) : "float32";
  out.job = job_of(settings, out.run());
  out.batches = settings.batches.empty() ? published_batches(out.run().task) : settings.batches;
  if (out.batches.empty()) out.batches = {out.run().batch};
  return out;
}

}  // namespace compare_runs
