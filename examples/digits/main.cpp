// SPDX-License-Identifier: MIT
// The command line of `digits`.
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <strata/core/text/number_text.hpp>
#include <strata/metrics/metric_names.hpp>

#include "../shared/heat.hpp"
#include "../shared/processor_options.hpp"
#include "../shared/program.hpp"
#include "../shared/resuming.hpp"
#include "../shared/verify_option.hpp"
#include "../shared/watching.hpp"
#include "network.hpp"
#include "options.hpp"
#include "recipe.hpp"

namespace {

using shared::one_of;

/// A validator of integers that does not appear in --help.
std::function<std::string(const std::string&)> between(long least, long most) {
  return [=](const std::string& given) -> std::string {
    const std::optional<long> value = strata::core::number_in<long>(given);
    if (value && *value >= least && *value <= most) return "";
    return "'" + given + "' is not a number from " + std::to_string(least) + " to " + std::to_string(most);
  };
}

void add_training_options(CLI::App& app, digits::TrainSettings& t) {
  app.add_option("--data", t.data,
                 "folder with MNIST's four IDX files, plain or .gz (default: $STRATA_DATA/mnist, or else a download)")
      ->type_name("DIR");
  app.add_flag("--transposed", t.transposed,
               "transpose the images, which are stored column by column, as EMNIST's are");
  app.add_option("--filters", t.filters, "channels of the three convolutions")
      ->check([](const std::string& given) { return one_of(digits::filter_choices(), given); })
      ->type_name(shared::joined(digits::filter_choices()))
      ->capture_default_str();
  shared::add_processor_options(app, t.device, t.precision, digits::device_choices());
  app.add_option("--epochs", t.epochs, "passes over the training images")
      ->check(between(1, 100'000))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--threads", t.threads, "CPU threads; 0: one per available core")
      ->check(between(0, 1024))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--seed", t.seed, "seed of the split, the initial weights and the order of the images")
      ->check(between(0, std::numeric_limits<long>::max()))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--recipe", t.recipe, "training recipe")
      ->check([](const std::string& given) {
        return one_of({std::begin(digits::recipes), std::end(digits::recipes)}, given);
      })
      ->type_name("workshop | large-batch")
      ->capture_default_str();
  app.add_option("--out", t.out, "folder for the results")->type_name("DIR")->capture_default_str();
  app.add_flag("--quiet", t.quiet, "print errors only");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Trains a network that recognizes handwritten digits, and uses it.", "digits"};
  digits::TrainSettings training;
  add_training_options(app, training);
  app.add_option("--batch", training.batch, "images per update")
      ->check(between(1, 1'000'000))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--tensorboard", training.tensorboard, shared::tensorboard_help)
      ->check(shared::folder_with_name)
      ->type_name("DIR");
  app.add_flag("--find-rate", training.find_rate,
               "first search for a learning rate, by a short training with growing rates: its curve is in the report");
  app.add_option("--metrics", training.metrics, "what else to measure: top2, precision, recall, f1, auc, f1_7, ...")
      ->delimiter(',')
      ->check([](const std::string& name) {
        try {
          (void)strata::metrics::by_name(name);
          return std::string();
        } catch (const strata::Error& error) {
          return std::string(error.what());
        }
      })
      ->type_name("NAME,...");
  app.add_flag("--resume", training.resume, shared::resume_help);
  app.add_flag("--resume-anyway", training.resume_anyway, shared::resume_anyway_help);

  digits::PredictSettings prediction;
  CLI::App* predict = app.add_subcommand("predict", "Recognizes the digits in pictures.");
  predict->add_option("--model", prediction.model, "model.safetensors from a training")->required()->type_name("FILE");
  shared::add_processor_options(*predict, prediction.device, prediction.precision, digits::device_choices());
  shared::add_verify_option(*predict, prediction.verify);
  predict->add_option("images", prediction.images, "PNG or JPEG files")->required()->type_name("IMAGE");
  CLI::Option* explain = predict->add_flag("--explain", prediction.explain, shared::explain_help);
  predict->add_option("--explain-class", prediction.explain_class, "the digit to explain (default: the recognized one)")
      ->needs(explain)
      ->check(between(0, 9))
      ->type_name("N");
  predict->add_option("--explain-layer", prediction.explain_layer, shared::explain_layer_help)
      ->needs(explain)
      ->type_name("PATH");
  explain->needs(
      predict->add_option("--out", prediction.out, "folder for the overlays")->needs(explain)->type_name("DIR"));

  digits::TableSettings comparison;
  comparison.training.out = "runs/digits-table";
  CLI::App* table = app.add_subcommand("table", "Compares batch sizes by accuracy, time and memory.");
  add_training_options(*table, comparison.training);
  table->add_option("--batches", comparison.batches, "batch sizes to compare, one row each")
      ->delimiter(',')
      ->check(between(1, 1'000'000))
      ->type_name("N")
      ->capture_default_str();

  digits::ExportSettings exported;
  CLI::App* header = app.add_subcommand("export", "Writes the weights as a C++ header, for strata's Predictor.");
  header->add_option("--model", exported.model, "model.safetensors from a training")->required()->type_name("FILE");
  shared::add_verify_option(*header, exported.verify);
  header->add_option("--out", exported.out, "header to write: digits.hpp defines struct digits_weights")
      ->required()
      ->type_name("FILE");
  header
      ->add_option("--target", exported.target,
                   "fold and pack the weights for it, to be read where they are: cortex-m7, avx2, ... (default: as in "
                   "files)")
      ->type_name("NAME");
  app.require_subcommand(0, 1);

  if (const std::optional<int> ended = shared::parse(app, argc, argv)) return *ended;
  return shared::run_program("digits", [&] {
    if (predict->parsed()) return digits::predict(prediction);
    if (table->parsed()) return digits::table(comparison);
    if (header->parsed()) return digits::export_weights(exported);
    return digits::train(training);
  });
}
