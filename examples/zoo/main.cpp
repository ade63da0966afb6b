// SPDX-License-Identifier: MIT
// The command line of `zoo`.
#include <limits>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "../shared/option_checks.hpp"
#include "../shared/program.hpp"
#include "../shared/resuming.hpp"
#include "../shared/watching.hpp"
#include "options.hpp"

namespace {

using shared::between;

template <class Value>
CLI::Option* add(CLI::App& app, const char* name, Value& value, const char* what, const shared::Check& check,
                 const std::string& type) {
  return app.add_option(name, value, what)->check(check)->type_name(type)->capture_default_str();
}

void add_threads(CLI::App& app, int& threads) {
  add(app, "--threads", threads, "CPU threads; 0: one per available core", between(0, 1024), "N");
}

void add_seed(CLI::App& app, std::uint64_t& seed, const char* what) {
  add(app, "--seed", seed, what, between(0L, std::numeric_limits<long>::max()), "N");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Lists other people's networks, describes, times and trains them, and classifies images.", "zoo"};
  zoo::ShowSettings shown;
  app.add_option("network", shown.network, "the network to describe (default: list all)")->type_name("NAME");
  CLI::Option* weights =
      app.add_option("--weights", shown.weights, "its weights: torchvision's, or model.safetensors from a training")
          ->type_name("FILE");
  CLI::Option* images =
      app.add_option("--images", shown.images, "PNG or JPEG files to classify")->needs(weights)->type_name("IMAGE...");
  app.add_option("--classes", shown.classes, "the names of the classes, one a line (default: those in the weights)")
      ->needs(images)
      ->type_name("FILE");
  app.add_flag("--time", shown.time, "measure an inference at batch 1");
  add_threads(app, shown.threads);

  zoo::TrainSettings training;
  CLI::App* train = app.add_subcommand("train", "Trains a network on a folder of class folders.");
  train->add_option("network", training.network, "the network to train")->required()->type_name("NAME");
  train
      ->add_option("--data", training.data, "folder with a folder of pictures for each class, or train and val of such")
      ->required()
      ->type_name("DIR");
  add(*train, "--epochs", training.epochs, "passes over the training images", between(1, 100'000), "N");
  add(*train, "--batch", training.batch, "images per update", between(1, 100'000), "N");
  train->add_option("--rate", training.rate, "learning rate (default: the network's)")
      ->check(between(1e-9, 1e3))
      ->type_name("X");
  add(*train, "--validation", training.validation, "share of the images to validate with, where there is no folder val",
      between(0.001, 0.999), "X");
  add(*train, "--keep", training.keep, "model to keep: that of the last epoch, or of the lowest validation loss",
      shared::one_of_words({"best", "last"}), "best | last");
  add_threads(*train, training.threads);
  add_seed(*train, training.seed, "seed of the split, the initial weights, the order of the images and dropout");
  train->add_option("--out", training.out, "folder for the results")->type_name("DIR")->capture_default_str();
  train->add_option("--tensorboard", training.tensorboard, shared::tensorboard_help)
      ->check(shared::folder_with_name)
      ->type_name("DIR");
  train->add_flag("--resume", training.resume, shared::resume_help);
  train->add_flag("--resume-anyway", training.resume_anyway, shared::resume_anyway_help);
  train->add_flag("--quiet", training.quiet, "print errors only");

  zoo::GenerateSettings drawing;
  CLI::App* generate = app.add_subcommand("generate", "Draws shapes and textures of ten classes as class folders.");
  generate->add_option("folder", drawing.folder, "folder for the drawings")->required()->type_name("DIR");
  add(*generate, "--images", drawing.images, "how many, a fifth of them for validation", between(10, 999'999), "N");
  add(*generate, "--size", drawing.size, "height and width", between(16, 1024), "N");
  add_seed(*generate, drawing.seed, "seed of the drawings");

  zoo::MnistSettings digits;
  CLI::App* mnist = app.add_subcommand("mnist", "Writes MNIST as class folders of PNG files.");
  mnist->add_option("folder", digits.folder, "folder for the images")->required()->type_name("DIR");
  mnist
      ->add_option("--data", digits.data,
                   "folder with MNIST's four IDX files, plain or .gz (default: $STRATA_DATA/mnist, or else a download)")
      ->type_name("DIR");
  add(*mnist, "--images", digits.images, "at most so many for training; 0: all", between(0, 1'000'000), "N");
  app.require_subcommand(0, 1);

  if (const std::optional<int> ended = shared::parse(app, argc, argv)) return *ended;
  return shared::run_program("zoo", [&] {
    if (train->parsed()) return zoo::train(training);
    if (generate->parsed()) return zoo::generate(drawing);
    if (mnist->parsed()) return zoo::mnist(digits);
    return zoo::show(shown);
  });
}
