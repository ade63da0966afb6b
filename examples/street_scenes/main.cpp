// SPDX-License-Identifier: MIT
// The command line of `street_scenes`.
#include <cmath>
#include <cstdio>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "../shared/heat.hpp"
#include "../shared/option_checks.hpp"
#include "../shared/processor_options.hpp"
#include "../shared/program.hpp"
#include "../shared/resuming.hpp"
#include "../shared/verify_option.hpp"
#include "../shared/watching.hpp"
#include "network.hpp"
#include "options.hpp"

namespace {

using shared::between;
using shared::Check;
using shared::one_of_words;

constexpr const char* normalize_names = "--normalize,--normalise";  // the second is the old name

/// --help without the old name of an option.
class Help : public CLI::Formatter {
 public:
  std::string make_option_name(const CLI::Option* option, bool positional) const override {
    const std::string names = CLI::Formatter::make_option_name(option, positional);
    return names == normalize_names ? "--normalize" : names;
  }
};

template <class Value>
CLI::Option* add(CLI::App& app, const char* name, Value& value, const char* what, const Check& check,
                 const std::string& type) {
  return app.add_option(name, value, what)->check(check)->type_name(type)->capture_default_str();
}

CLI::Option* add_choice(CLI::App& app, const char* name, std::string& value, const char* what,
                        std::vector<std::string> choices) {
  const std::string type = shared::joined(choices);
  return add(app, name, value, what, one_of_words(std::move(choices)), type);
}

void add_seed(CLI::App& app, std::uint64_t& seed, const char* what) {
  add(app, "--seed", seed, what, between(0L, std::numeric_limits<long>::max()), "N");
}

void add_threads(CLI::App& app, int& threads) {
  add(app, "--threads", threads, "CPU threads; 0: one per available core", between(0, 1024), "N");
}

/// The options that training and measurements share: data, network, machine.
void add_common_options(CLI::App& app, street_scenes::TrainSettings& t) {
  CLI::Option* data =
      app.add_option("--data", t.data, "folder with street scenes (default: $STRATA_DATA/camvid)")->type_name("DIR");
  add(app, "--generate", t.generate, "draw N scenes into OUT/generated and use them", between(3, 100'000), "N")
      ->excludes(data);
  add_choice(app, "--splits", t.splits, "how the images are divided into training, validation and test sets",
             {"distributed", "random", "lists"});
  add_choice(app, "--resize", t.resize, "what to do with images of another size than the network's",
             {"refuse", "pad", "scale"});
  add_choice(app, "--size", t.size, "height x width of the network's input", street_scenes::size_choices());
  add_choice(app, "--variant", t.variant, "the reference implementation that the network follows",
             street_scenes::variant_choices());
  add_choice(app, "--depths", t.depths,
             "blocks in each of the trunk's four stages (default: those of --weights, or 2,2,2,2)",
             street_scenes::depths_choices());
  shared::add_processor_options(app, t.device, t.precision, street_scenes::device_choices());
  add_threads(app, t.threads);
  add_seed(app, t.seed, "seed of the splits, the initial weights, the order of the images and the augmentation");
  add(app, "--memory", t.memory, "GB of host memory that may be used; 0: all that is free", between(0., 1e6), "X");
  add(app, "--cache", t.cache, "GB for cached decoded images; -1: all that is left", between(-1., 1e6), "X");
  app.add_option("--out", t.out, "folder for the results")->type_name("DIR")->capture_default_str();
  app.add_flag("--quiet", t.quiet, "print errors only");
}

void add_recipe_options(CLI::App& app, street_scenes::TrainSettings& t) {
  add(app, "--epochs", t.epochs, "passes over the training images", between(1, 100'000), "N");
  add(app, "--batch", t.batch, "images per update", between(1, 100'000), "N");
  add(app, "--micro-batch", t.micro_batch,
      "images computed at once, with gradients accumulated over a batch; 0: the whole batch", between(0, 100'000), "N");
  add(app, "--rate", t.rate, "learning rate", between(1e-9, 1e3), "X");
  add_choice(
      app, "--schedule", t.schedule,
      "how the rate changes; piecewise: times --drop-factor every --drop-period; poly: times (1 - t)^0.9; cosine: times "
      "(1 + cos(pi t)) / 2",
      {"piecewise", "poly", "cosine", "constant"});
  add(app, "--drop-factor", t.drop_factor, "factor of --schedule piecewise", between(0., 1.), "X");
  add(app, "--drop-period", t.drop_period, "period of --schedule piecewise, in epochs", between(1, 100'000), "N");
  add(app, "--warm-up", t.warm_up, "epochs over which the rate rises to --rate; poly and cosine start after them",
      between(0., 1e5), "X");
  add(app, "--momentum", t.momentum, "SGD momentum", between(0., 0.9999), "X");
  add(app, "--l2", t.l2, "L2 regularization: X times the weights is added to the gradients", between(0., 1.), "X");
  CLI::Option* weights =
      app.add_option("--weights", t.weights, "initial weights of the ResNet-18 trunk, with torchvision's names")
          ->type_name("FILE.safetensors");
  app.add_option("--weights-prefix", t.weights_prefix, "prefix of these names in the file (default: detected)")
      ->needs(weights)
      ->type_name("TEXT");
  app.add_flag("--weights-partly", t.weights_partly, "load what fits, and list missing and extra tensors")
      ->needs(weights);
  add(app, "--trunk-rate", t.trunk_rate, "factor of the trunk's learning rates; 0 freezes the trunk", between(0., 1e3),
      "X");
  add_choice(
      app, "--trunk-statistics", t.trunk_statistics,
      "statistics of the trunk's batch norm: moved by training, or kept as in --weights and used in training too",
      {"moved", "kept"});
  add_choice(app, "--init", t.init, "initialization of all other weights", {"glorot", "he", "he-fan-out"});
  add_choice(
      app, normalize_names, t.normalize,
      "whose mean and standard deviation normalize the images (default: imagenet with --weights, trainset without)",
      {"trainset", "imagenet"});
  add_choice(
      app, "--class-weights", t.class_weights,
      "median class frequency over class frequency, in the training set (median) or in all sets (median-all); root: the "
      "square root of median; none: 1",
      {"median", "median-all", "root", "none"});
  add_choice(app, "--loss-norm", t.loss_norm,
             "divisor of the loss: the number of labeled pixels (MATLAB) or the sum of their weights (PyTorch)",
             {"labelled", "weights"});
  add_choice(app, "--statistics", t.statistics,
             "batch norm's statistics in the trained model: moving averages, or those of the whole training set",
             {"moving", "population"});
  app.add_flag("--reflect,!--no-reflect", t.reflect, "mirror half of the training images (the default)");
  add(app, "--translate", t.translate, "shift training images by up to N pixels", between(0, 1000), "N");
  app.add_option("--scale", t.scale, "scale training images by a random factor from LOW to HIGH")
      ->expected(2)
      ->check(between(0.1, 10.))
      ->type_name("LOW HIGH")
      ->capture_default_str();
  add(app, "--brightness", t.brightness, "change the brightness of training images by up to this fraction",
      between(0., 1.), "X");
  add(app, "--contrast", t.contrast, "change the contrast of training images by up to this fraction", between(0., 1.),
      "X");
  add(app, "--validate-every", t.validate_every, "epochs between validations; 0: only at the end", between(0, 100'000),
      "N");
  add(app, "--patience", t.patience, "stop after N validations in a row that are no better than the best; 0: never",
      between(0, 100'000), "N");
  add_choice(
      app, "--keep", t.keep,
      "model to keep: that of the last epoch, or of the best validation by mean IoU (best) or by loss (best-loss)",
      {"last", "best", "best-loss"});
  add_choice(app, "--save-precision", t.save_precision, "precision of the numbers in model.safetensors",
             {"fp32", "fp16"});
}

}  // namespace

int main(int argc, char** argv) {
  namespace ss = street_scenes;
  CLI::App app{"Trains DeepLabv3+ to label every pixel of a street scene, and uses it.", "street_scenes"};
  app.formatter(std::make_shared<Help>());  // which the subcommands inherit
  app.require_subcommand(1);

  ss::TrainSettings training;
  CLI::App* train = app.add_subcommand("train", "Trains a network and tests it.");
  add_common_options(*train, training);
  add_recipe_options(*train, training);
  add(*train, "--steps", training.steps, "measure N updates, without validation and test, and save no model; 0: train",
      between(0, 100'000), "N");
  train->add_option("--tensorboard", training.tensorboard, shared::tensorboard_help)
      ->check(shared::folder_with_name)
      ->type_name("DIR");
  train->add_flag("--resume", training.resume, shared::resume_help);
  train->add_flag("--resume-anyway", training.resume_anyway, shared::resume_anyway_help);

  ss::EvaluateSettings evaluation;
  CLI::App* evaluate = app.add_subcommand("evaluate", "Evaluates a trained network on a data set.");
  evaluate->add_option("--model", evaluation.model, "model.safetensors from a training")->required()->type_name("FILE");
  shared::add_verify_option(*evaluate, evaluation.verify);
  evaluate->add_option("--data", evaluation.data, "folder with street scenes (default: $STRATA_DATA/camvid)")
      ->type_name("DIR");
  evaluate
      ->add_option("--split", evaluation.split,
                   "part of the data to evaluate (default: test, or val if there is no test set)")
      ->type_name("test | val | train | FOLDER");
  add_choice(*evaluate, "--resize", evaluation.resize, "what to do with images of another size than the network's",
             {"refuse", "pad", "scale"});
  add_choice(*evaluate, "--size", evaluation.size, "size of the network, if it differs from that of the training",
             ss::size_choices());
  evaluate->add_flag("--published", evaluation.published,
                     "compare each class with the workshop's figures; with --out, also write published.csv");
  evaluate->add_option("--out", evaluation.out, "folder for evaluation.json (default: print only)")->type_name("DIR");
  shared::add_processor_options(*evaluate, evaluation.device, evaluation.precision, ss::device_choices());
  add_threads(*evaluate, evaluation.threads);

  ss::PredictSettings prediction;
  CLI::App* predict = app.add_subcommand("predict", "Colors pictures by the class of each pixel.");
  predict->add_option("--model", prediction.model, "model.safetensors from a training")->required()->type_name("FILE");
  shared::add_verify_option(*predict, prediction.verify);
  predict->add_option("images", prediction.images, "PNG or JPEG files")->required()->type_name("IMAGE");
  predict->add_option("--out", prediction.out, "folder for the label maps and overlays")->required()->type_name("DIR");
  CLI::Option* explain = predict->add_flag("--explain", prediction.explain, shared::explain_help);
  predict
      ->add_option("--explain-class", prediction.explain_classes,
                   "a class to explain, by its name, once or several times (default: all that are found)")
      ->needs(explain)
      ->allow_extra_args(false)
      ->type_name("NAME");
  predict->add_option("--explain-layer", prediction.explain_layer, shared::explain_layer_help)
      ->needs(explain)
      ->type_name("PATH");
  add_choice(*predict, "--size", prediction.size, "size of the network, if it differs from that of the training",
             ss::size_choices());
  shared::add_processor_options(*predict, prediction.device, prediction.precision, ss::device_choices());
  add_threads(*predict, prediction.threads);

  ss::TableSettings comparison;
  comparison.training.out = "runs/street_scenes-table";
  comparison.training.steps = 4;
  CLI::App* table = app.add_subcommand("table", "Compares batch sizes by time per update and by memory.");
  add_common_options(*table, comparison.training);
  table->add_option("--batches", comparison.batches, "batch sizes to compare, one row each")
      ->delimiter(',')
      ->check(between(1, 100'000))
      ->type_name("N,N,...")
      ->capture_default_str();
  add(*table, "--steps", comparison.training.steps, "updates to measure for each batch size", between(2, 100'000), "N");

  ss::GenerateSettings drawing;
  CLI::App* generate =
      app.add_subcommand("generate", "Draws street scenes with their labels, in CamVid's folder layout.");
  generate->add_option("folder", drawing.folder, "folder for the scenes")->required()->type_name("DIR");
  generate->add_option("count", drawing.count, "number of scenes")
      ->required()
      ->check(between(3, 100'000))
      ->type_name("N");
  add_choice(*generate, "--size", drawing.size, "height x width of the scenes", ss::size_choices());
  add_seed(*generate, drawing.seed, "seed of the scenes");

  if (const std::optional<int> ended = shared::parse(app, argc, argv)) return *ended;
  return shared::run_program("street_scenes", [&] {
    if (evaluate->parsed()) return ss::evaluate(evaluation);
    if (predict->parsed()) return ss::predict(prediction);
    if (table->parsed()) return ss::table(comparison);
    if (generate->parsed()) return ss::generate(drawing);
    return ss::train(training);
  });
}
