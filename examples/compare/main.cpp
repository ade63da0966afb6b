// SPDX-License-Identifier: MIT
// The command line of `compare`.
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "../shared/option_checks.hpp"
#include "../shared/processor.hpp"
#include "../shared/program.hpp"
#include "machines.hpp"
#include "options.hpp"
#include "print.hpp"

namespace {

using shared::between;
using shared::one_of_words;

void add_format(CLI::App& app, std::string& format) {
  app.add_option("--format", format, "format of the output")
      ->check(one_of_words(compare_runs::formats))
      ->type_name(shared::joined(compare_runs::formats))
      ->capture_default_str();
}

/// A precision as run.json spells it.
std::string recorded(const std::string& precision) { return precision.empty() ? "" : shared::recorded(precision); }

/// The options of estimate and request.
void add_estimate_options(CLI::App& app, compare_runs::EstimateSettings& e) {
  app.add_option("runs", e.runs, "runs on one machine to start from: run.json, or folders with some")->type_name("RUN");
  app.add_option("--program", e.program, "measure this program here first, for at most two minutes")
      ->check(one_of_words({"digits", "street_scenes"}))
      ->type_name("digits | street_scenes");
  app.add_option("--with", e.options, "options for that program's `table`, such as --with=--data=DIR")
      ->type_name("OPTION");
  app.add_option("--machine", e.machine,
                 "description of the machine to forecast, or a GPU's name (default: this machine)")
      ->type_name("FILE | " + shared::joined(compare_runs::gpu_choices()));
  app.add_option("--from", e.from,
                 "description of the machine that the runs ran on (default: this machine, measured now)")
      ->type_name("FILE");
  app.add_option("--batches", e.batches, "batch sizes (default: the workshop's)")
      ->delimiter(',')
      ->check(between(1, 1'000'000))
      ->type_name("N,N,...");
  app.add_option("--threads", e.threads, "threads on that machine; 0: one per core")
      ->check(between(0, 65'536))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--precision", e.precision, "precision of a GPU's multiplications (default: tf32 where it has it)")
      ->check(one_of_words(shared::precisions))
      ->type_name(shared::joined(shared::precisions));
  app.add_option("--epochs", e.epochs, "epochs of the training (default: as in the run)")
      ->check(between(1, 100'000))
      ->type_name("N");
  const auto add_images = [&](const char* name, int& count, const char* what) {
    app.add_option(name, count, what)->check(between(0, 100'000'000))->type_name("N");
  };
  add_images("--images", e.training, "training images (default: as in the run)");
  add_images("--validation", e.validation, "validation images");
  add_images("--test", e.test, "test images");
  app.add_option("--out", e.out, "folder for the runs of --program")->type_name("DIR")->capture_default_str();
}

}  // namespace

int main(int argc, char** argv) {
  namespace cr = compare_runs;
  CLI::App app{"Compares trainings by their records, and forecasts their time and memory on other machines.",
               "compare"};
  cr::TableSettings table;
  app.add_option("runs", table.runs, "run.json files, or folders with some: of a training, or of a program's `table`")
      ->type_name("RUN");
  app.add_option("--allow", table.allowed, "a difference to accept, as the error names it; it becomes a column")
      ->type_name("FIELD")
      ->allow_extra_args(false);
  app.add_option("--relative-to", table.relative_to, "show speeds relative to this run, or to the workshop's")
      ->type_name("RUN | workshop");
  add_format(app, table.format);
  app.add_option("--out", table.out, "folder for comparison.html, .md and .csv, and runs.csv (default: print only)")
      ->type_name("DIR");

  cr::CurvesSettings drawing;
  CLI::App* curves = app.add_subcommand("curves", "Draws the learning curves of several runs in one plot.");
  curves->add_option("runs", drawing.runs, "run.json files, or folders with some; they may differ in anything")
      ->required()
      ->type_name("RUN");
  curves->add_option("--out", drawing.out, "the HTML file")->type_name("FILE")->capture_default_str();

  cr::DescribeSettings description;
  CLI::App* describe =
      app.add_subcommand("describe", "Measures this machine and prints its description, for estimate --machine.");
  describe->add_option("--gpu", description.gpu, "describe a machine with this GPU instead, from its data sheet")
      ->check(one_of_words(cr::gpu_choices()))
      ->type_name(shared::joined(cr::gpu_choices()));
  describe->add_option("--gigabytes", description.gigabytes, "memory of the GPU")
      ->check(between(1e-3, 1e6))
      ->type_name("X");
  describe->add_option("--out", description.out, "file for the description (default: print it)")->type_name("FILE");

  cr::EstimateSettings estimation;
  CLI::App* estimate = app.add_subcommand("estimate", "Forecasts time and memory by batch size on another machine.");
  add_estimate_options(*estimate, estimation);
  estimate->add_option("--against", estimation.against, "show the forecasts' errors for these runs on that machine")
      ->type_name("RUN");
  add_format(*estimate, estimation.format);

  cr::RequestSettings asked;
  CLI::App* request = app.add_subcommand("request", "Prints a page for the engineer who provides a machine.");
  add_estimate_options(*request, asked.estimate);
  request->add_option("--within", asked.hours, "hours within which the training should end")
      ->check(between(1e-3, 1e5))
      ->type_name("HOURS");
  request->add_option("--data", asked.data, "folder of the data set, for its volume (default: as recorded)")
      ->type_name("DIR");
  app.require_subcommand(0, 1);

  if (const std::optional<int> ended = shared::parse(app, argc, argv)) return *ended;
  estimation.precision = recorded(estimation.precision), asked.estimate.precision = recorded(asked.estimate.precision);
  return shared::run_program("compare", [&] {
    if (curves->parsed()) return cr::curves(drawing);
    if (describe->parsed()) return cr::describe(description);
    if (estimate->parsed()) return cr::estimate(estimation);
    if (request->parsed()) return cr::request(asked);
    return cr::tables(table);
  });
}
