// SPDX-License-Identifier: MIT
// The command line of `street_scenes`.
#include <charconv>
#include <cmath>
#include <cstdio>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <CLI/CLI.hpp>
#include <strata/core/number_text.hpp>

#include "../shared/processor_options.hpp"
#include "../shared/program.hpp"
#include "../shared/resuming.hpp"
#include "network.hpp"
#include "options.hpp"

namespace {

using Check = std::function<std::string(const std::string&)>;

/// A validator of words that does not appear in --help.
Check one_of(shared::Words choices) {
  return [choices = std::move(choices)](const std::string& given) { return shared::one_of(choices, given); };
}

/// A validator of numbers that does not appear in --help.
template <class Number>
Check between(Number least, Number most) {
  return [=](const std::string& given) -> std::string {
    Number value = 0;
    const char* const end = given.data() + given.size();
    const auto [stopped, error] = std::from_chars(given.data(), end, value);
    if (error == std::errc() && stopped == end && value >= least && value <= most) return "";
    const auto spelled = [](Number x) -> std::string {
      if constexpr (std::is_integral_v<Number>)
        return std::to_string(x);
      else
        return strata::core::general(x, 10);
    };
    return "'" + given + "' is no " + (std::is_integral_v<Number> ? "whole " : "") + "number from " + spelled(least) +
           " to " + spelled(most);
  };
}

template <class Value>
CLI::Option* add(CLI::App& app, const char* name, Value& value, const char* what, const Check& check, const std::string& type) {
  return app.add_option(name, value, what)->check(check)->type_name(type)->capture_default_str();
}

CLI::Option* add_choice(CLI::App& app, const char* name, std::string& value, const char* what, std::vector<std::string> choices) {
  const std::string type = shared::joined(choices);
  return add(app, name, value, what, one_of(std::move(choices)), type);
}

void add_seed(CLI::App& app, std::uint64_t& seed, const char* what) {
  add(app, "--seed", seed, what, between(0L, std::numeric_limits<long>::max()), "N");
}

void add_threads(CLI::App& app, int& threads) {
  add(app, "--threads", threads, "of a CPU; 0: one on each core that this process may use", between(0, 1024), "N");
}

/// The options that training and measurements share: data, network, machine.
void add_common_options(CLI::App& app, street_scenes::TrainSettings& t) {
  CLI::Option* data = app.add_option("--data", t.data, "folder with street scenes (else $STRATA_DATA/camvid)")->type_name("DIR");
  add(app, "--generate", t.generate, "draw so many scenes into OUT/generated and take those", between(3, 100'000), "N")
      ->excludes(data);
  add_choice(app, "--splits", t.splits, "what trains, validates and tests", {"distributed", "random", "lists"});
  add_choice(app, "--resize", t.resize, "pictures of another size than the network's", {"refuse", "pad", "scale"});
  add_choice(app, "--size", t.size, "height x width that the network takes", street_scenes::size_choices());
  add_choice(app, "--variant", t.variant, "whose details the network has", street_scenes::variant_choices());
  add_choice(app, "--depths", t.depths, "blocks of the trunk's four stages (else those in a file of weights, or 2,2,2,2)",
             street_scenes::depths_choices());
  shared::add_processor_options(app, t.device, t.precision, street_scenes::device_choices());
  add_threads(app, t.threads);
  add_seed(app, t.seed, "of the splits, the first weights, the order and the augmentation");
  add(app, "--memory", t.memory, "GB of the host that may be taken; 0: what is free", between(0., 1e6), "X");
  add(app, "--cache", t.cache, "GB for decoded images; -1: as much as is left", between(-1., 1e6), "X");
  app.add_option("--out", t.out, "folder for the results")->type_name("DIR")->capture_default_str();
  app.add_flag("--quiet", t.quiet, "say nothing but errors");
}

void add_recipe_options(CLI::App& app, street_scenes::TrainSettings& t) {
  add(app, "--epochs", t.epochs, "how often every image is seen", between(1, 100'000), "N");
  add(app, "--batch", t.batch, "images of one update", between(1, 100'000), "N");
  add(app, "--micro-batch", t.micro_batch, "images at once, whose gradients are accumulated to a batch; 0: the whole batch",
      between(0, 100'000), "N");
  add(app, "--rate", t.rate, "learning rate", between(1e-9, 1e3), "X");
  add_choice(app, "--schedule", t.schedule,
             "piecewise: x --drop-factor every --drop-period; poly: x (1 - t)^0.9; cosine: x (1 + cos(pi t)) / 2",
             {"piecewise", "poly", "cosine", "constant"});
  add(app, "--drop-factor", t.drop_factor, "of the schedule piecewise", between(0., 1.), "X");
  add(app, "--drop-period", t.drop_period, "of the schedule piecewise: epochs", between(1, 100'000), "N");
  add(app, "--warm-up", t.warm_up, "epochs over which the rate grows to --rate; poly and cosine begin after them", between(0., 1e5), "X");
  add(app, "--momentum", t.momentum, "of the gradients", between(0., 0.9999), "X");
  add(app, "--l2", t.l2, "times the weights is added to the gradients", between(0., 1.), "X");
  CLI::Option* weights = app.add_option("--weights", t.weights, "weights of the ResNet-18 trunk under torchvision's names")
                             ->type_name("FILE.safetensors");
  app.add_option("--weights-prefix", t.weights_prefix, "what stands before these names in the file (else it is found)")
      ->needs(weights)
      ->type_name("TEXT");
  app.add_flag("--weights-partly", t.weights_partly, "take what fits, and say what the file lacks or has too much")->needs(weights);
  add(app, "--trunk-rate", t.trunk_rate, "multiplies the trunk's rates; 0 freezes it", between(0., 1e3), "X");
  add_choice(app, "--trunk-statistics", t.trunk_statistics,
             "of the trunk's batch norm: moved along by training, or kept as --weights has them and used in training too",
             {"moved", "kept"});
  add_choice(app, "--init", t.init, "first weights of the rest", {"glorot", "he", "he-fan-out"});
  add_choice(app, "--normalise", t.normalise,
             "whose mean and deviation the images are scaled by (else imagenet with --weights, trainset without)",
             {"trainset", "imagenet"});
  add_choice(app, "--class-weights", t.class_weights,
             "median frequency over frequency, of the training set or of all; its root; 1",
             {"median", "median-all", "root", "none"});
  add_choice(app, "--loss-norm", t.loss_norm, "the loss is divided by the labelled pixels (MATLAB) or by their weights (PyTorch)",
             {"labelled", "weights"});
  add_choice(app, "--statistics", t.statistics, "of batch norm in the end: moved along, or of the whole training set",
             {"moving", "population"});
  app.add_flag("--reflect,!--no-reflect", t.reflect, "mirror half of the training images (the default)");
  add(app, "--translate", t.translate, "move training images by up to so many pixels", between(0, 1000), "N");
  app.add_option("--scale", t.scale, "enlarge training images by a factor between two")
      ->expected(2)
      ->check(between(0.1, 10.))
      ->type_name("LOW HIGH")
      ->capture_default_str();
  add(app, "--brightness", t.brightness, "change it by up to this share", between(0., 1.), "X");
  add(app, "--contrast", t.contrast, "change it by up to this share", between(0., 1.), "X");
  add(app, "--validate-every", t.validate_every, "epochs; 0: at the end alone", between(0, 100'000), "N");
  add(app, "--patience", t.patience, "end when so many validations in a row are no better than the best; 0: never",
      between(0, 100'000), "N");
  add_choice(app, "--keep", t.keep, "the model of the last epoch, or of the best validation: by mean IoU (best) or by loss",
             {"last", "best", "best-loss"});
  add_choice(app, "--save-precision", t.save_precision, "of the numbers in model.safetensors", {"fp32", "fp16"});
}

}  // namespace

int main(int argc, char** argv) {
  namespace ss = street_scenes;
  CLI::App app{"Trains DeepLabv3+ to tell what each pixel of a street scene shows, and uses it.", "street_scenes"};
  app.require_subcommand(1);

  ss::TrainSettings training;
  CLI::App* train = app.add_subcommand("train", "Trains a network and tests it.");
  add_common_options(*train, training);
  add_recipe_options(*train, training);
  add(*train, "--steps", training.steps, "measure so many updates, without validation and test, and keep nothing; 0: train",
      between(0, 100'000), "N");
  train->add_flag("--resume", training.resume, shared::resume_help);
  train->add_flag("--resume-anyway", training.resume_anyway, shared::resume_anyway_help);

  ss::EvaluateSettings evaluation;
  CLI::App* evaluate = app.add_subcommand("evaluate", "Says how good a trained network is on a set.");
  evaluate->add_option("--model", evaluation.model, "model.safetensors of a training")->required()->type_name("FILE");
  evaluate->add_option("--data", evaluation.data, "folder with street scenes (else $STRATA_DATA/camvid)")->type_name("DIR");
  evaluate->add_option("--split", evaluation.split, "which part of it (else test, or val where there is no test)")
      ->type_name("test | val | train | FOLDER");
  add_choice(*evaluate, "--resize", evaluation.resize, "pictures of another size than the network's", {"refuse", "pad", "scale"});
  add_choice(*evaluate, "--size", evaluation.size, "of the network, if another than it was trained with", ss::size_choices());
  evaluate->add_flag("--published", evaluation.published, "class by class beside the workshop's figures; in --out as published.csv too");
  evaluate->add_option("--out", evaluation.out, "folder for evaluation.json; none: say it only")->type_name("DIR");
  shared::add_processor_options(*evaluate, evaluation.device, evaluation.precision, ss::device_choices());
  add_threads(*evaluate, evaluation.threads);

  ss::PredictSettings prediction;
  CLI::App* predict = app.add_subcommand("predict", "Colours pictures by what they show.");
  predict->add_option("--model", prediction.model, "model.safetensors of a training")->required()->type_name("FILE");
  predict->add_option("images", prediction.images, "PNG or JPEG files")->required()->type_name("IMAGE");
  predict->add_option("--out", prediction.out, "folder for the label maps and overlays")->required()->type_name("DIR");
  add_choice(*predict, "--size", prediction.size, "of the network, if another than it was trained with", ss::size_choices());
  shared::add_processor_options(*predict, prediction.device, prediction.precision, ss::device_choices());
  add_threads(*predict, prediction.threads);

  ss::TableSettings comparison;
  comparison.training.out = "runs/street_scenes-table";
  comparison.training.steps = 4;
  CLI::App* table = app.add_subcommand("table", "Compares batch sizes by the time of an update and by memory.");
  add_common_options(*table, comparison.training);
  table->add_option("--batches", comparison.batches, "images of one update, a row each")
      ->delimiter(',')
      ->check(between(1, 100'000))
      ->type_name("N,N,...")
      ->capture_default_str();
  add(*table, "--steps", comparison.training.steps, "updates measured for each", between(2, 100'000), "N");

  ss::GenerateSettings drawing;
  CLI::App* generate = app.add_subcommand("generate", "Draws street scenes with their labels, in the folders of CamVid.");
  generate->add_option("folder", drawing.folder, "where to")->required()->type_name("DIR");
  generate->add_option("count", drawing.count, "how many")->required()->check(between(3, 100'000))->type_name("N");
  add_choice(*generate, "--size", drawing.size, "height x width", ss::size_choices());
  add_seed(*generate, drawing.seed, "of the scenes");

  if (const std::optional<int> ended = shared::parse(app, argc, argv)) return *ended;
  return shared::run_program("street_scenes", [&] {
    if (evaluate->parsed()) return ss::evaluate(evaluation);
    if (predict->parsed()) return ss::predict(prediction);
    if (table->parsed()) return ss::table(comparison);
    if (generate->parsed()) return ss::generate(drawing);
    return ss::train(training);
  });
}
