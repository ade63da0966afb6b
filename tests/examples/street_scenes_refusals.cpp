// SPDX-License-Identifier: MIT
// The program `street_scenes` on input that is broken, too large or nonsense: one sentence each, and existing files
// stay.
#include <doctest/doctest.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include <strata/data/image_file.hpp>
#include <strata/report/run_record.hpp>

#include "../support/file_size_limit.hpp"
#include "../support/gpu_programs.hpp"
#include "../support/street_scenes.hpp"
#include "../support/torchvision_resnet18.hpp"

namespace examples_street_scenes_refusals {

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::report;
using namespace strata::testing;

TEST_CASE("a full disk: one sentence, and the old checkpoint stays") {
  TemporaryFolder folder;
  REQUIRE(run_street_scenes(street_training(drawn_scenes(), folder / "run", {"--epochs", "1", "--quiet"})).status == 0);
  const std::string before = read(folder / "run/checkpoint.strata");
  {
    const FileSizeLimit limit(1 << 20);
    CHECK(
        street_scenes_refuses(street_training(drawn_scenes(), folder / "run", {"--epochs", "2", "--resume", "--quiet"}),
                              "checkpoint.strata: cannot be written"));
  }
  CHECK(read(folder / "run/checkpoint.strata") == before);
  CHECK(run_street_scenes(street_training(drawn_scenes(), folder / "run", {"--epochs", "2", "--resume", "--quiet"}))
            .status == 0);
}

TEST_CASE("--resume continues only the same training, and names what differs") {
  TemporaryFolder folder;
  const std::string out = folder / "run", other = folder / "other";
  REQUIRE(run_street_scenes(street_training(drawn_scenes(), out, {"--epochs", "1", "--quiet"})).status == 0);
  const std::string checkpoint = read(out + "/checkpoint.strata"), record = read(out + "/run.json");
  const auto resumed = [&](Words more) {
    more.insert(more.end(), {"--epochs", "2", "--quiet"});
    return street_training(drawn_scenes(), out, more);
  };
  for (const auto& [option, value, was] : std::vector<std::tuple<std::string, std::string, std::string>>{
           {"--rate", "0.5", "0.01"},
           {"--l2", "0.5", "0.0005"},
           {"--momentum", "0.5", "0.9"},
           {"--schedule", "constant", "piecewise"},
           {"--class-weights", "none", "median"},
           {"--translate", "40", "10"},
           {"--loss-norm", "weights", "labelled"},
           {"--normalise", "imagenet",
            "trainset"},  // the old name of --normalize still works, and checkpoints store it
           {"--init", "he", "he-fan-out"},
           {"--statistics", "population", "moving"},
           {"--brightness", "0.5", "0"},
           {"--contrast", "0.5", "0"},
           {"--micro-batch", "1", "2"},
           {"--splits", "random", "distributed"},
           {"--resize", "pad", "refuse"},
           {"--validate-every", "2", "1"},
           {"--patience", "3", "0"},
           {"--seed", "2", "1"}})
    CHECK(street_scenes_refuses(resumed({"--resume", option, value}),
                                "was written with " + option + " " + was + ", and this training has " + value + ";"));
  for (const auto& [option, value] : std::vector<std::pair<std::string, std::string>>{{"--depths", "2,2,2,3"},
                                                                                      {"--drop-factor", "0.5"},
                                                                                      {"--drop-period", "1"},
                                                                                      {"--warm-up", "0.5"},
                                                                                      {"--trunk-rate", "0.5"},
                                                                                      {"--keep", "best"}})
    CHECK(street_scenes_refuses(resumed({"--resume", option, value}),
                                "was written without " + option + ", and this training has " + value + ";"));
  CHECK(street_scenes_refuses(resumed({"--resume", "--no-reflect"}), "--reflect yes, and this training has no"));
  CHECK(
      street_scenes_refuses(resumed({"--resume", "--scale", "0.5", "1"}), "--scale 1 1, and this training has 0.5 1"));

  // A label changes, files change places, an image moves from the test set to the training set.
  const auto changed = [&](auto change, const char* part) {
    std::filesystem::remove_all(other);
    copy_all(drawn_scenes(), other);
    change();
    return street_scenes_refuses(street_training(other, out, {"--epochs", "2", "--resume", "--quiet"}), part);
  };
  const auto file = [&](const char* part, int number) {
    std::vector<std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator(other + "/" + part))
      all.push_back(entry.path().string());
    std::sort(all.begin(), all.end());
    return all[std::size_t(number)];
  };
  const auto over = std::filesystem::copy_options::overwrite_existing;
  CHECK(changed([&] { std::filesystem::copy_file(file("train", 0), file("train", 1), over); },
                "training pictures of digest"));
  CHECK(changed([&] { std::filesystem::copy_file(file("trainannot", 0), file("trainannot", 1), over); },
                "training labels of digest"));
  CHECK(changed([&] { std::filesystem::copy_file(file("test", 0), file("train", 1), over); },
                "training pictures of digest"));
  CHECK(changed([&] { std::filesystem::copy_file(file("val", 0), file("val", 1), over); },
                "validation pictures of digest"));
  CHECK(read(out + "/checkpoint.strata") == checkpoint);
  CHECK(read(out + "/run.json") == record);

  REQUIRE(run_street_scenes(resumed({"--resume-anyway", "--rate", "0.02"})).status == 0);
  const std::vector<std::string> said = read_run_record(out + "/run.json").resumed_anyway;
  REQUIRE(!said.empty());
  CHECK(said[0] == "from iteration 4 on: written with --rate 0.01, and this training has 0.02");
  const Finished done =
      run_street_scenes(street_training(drawn_scenes(), out, {"--epochs", "1", "--resume", "--rate", "0.02"}));
  CHECK(done.status == 0);
  CHECK(done.output.find("there is nothing to do") != std::string::npos);
}

TEST_CASE("pixels without a class are void, counted and reported; a class that never occurs is named") {
  TemporaryFolder folder;
  copy_all(drawn_scenes(), folder / "s");
  const std::string label = folder / "s/trainannot/scene_000000.png";
  Picture picture = read_label_picture(label, StoredAs::index);
  std::fill_n(picture.bytes.begin(), 100, std::uint8_t(77)),
      std::fill_n(picture.bytes.begin() + 100, 20, std::uint8_t(255));
  write(label, encode_png(picture.bytes.data(), picture.shape));
  for (int i = 0; i < 8; i++) {  // no cyclists
    const std::string path = sentence(folder / "s/trainannot/scene_00000", i, ".png");
    Picture labels = read_label_picture(path, StoredAs::index);
    std::replace(labels.bytes.begin(), labels.bytes.end(), std::uint8_t(10), std::uint8_t(3));
    write(path, encode_png(labels.bytes.data(), labels.shape));
  }
  const Finished e = run_street_scenes(street_training(folder / "s", folder / "run", {"--epochs", "1"}));
  REQUIRE_MESSAGE(e.status == 0, e.errors);
  CHECK(e.output.find("100 pixels of 1 picture have labels that are not in the class list (the first: index 77 in") !=
        std::string::npos);
  CHECK(e.output.find("20 pixels of 1 picture have the label 255, which means void\n") != std::string::npos);
  CHECK(e.output.find("the class Bicyclist never occurs: its weight is 0") != std::string::npos);
  const Finished judged = run_street_scenes(
      {"evaluate", "--model", folder / "run/model.safetensors", "--data", folder / "s", "--split", "train"});
  REQUIRE_MESSAGE(judged.status == 0, judged.errors);
  for (const char* part : {"100 pixels of 1 picture have labels", "20 pixels of 1 picture have the label 255",
                           "the class Bicyclist never occurs"})
    CHECK_MESSAGE(judged.output.find(part) != std::string::npos, part);
}

TEST_CASE("labels that are all void leave nothing to learn") {
  TemporaryFolder folder;
  copy_all(drawn_scenes(), folder / "s");
  for (const auto& file : std::filesystem::directory_iterator(folder / "s/trainannot")) {
    const Picture labels = read_label_picture(file.path(), StoredAs::index);
    write(file.path(), encode_png(std::vector<std::uint8_t>(labels.bytes.size(), 11).data(), labels.shape));
  }
  for (const char* weights : {"none", "median"})
    CHECK(street_scenes_refuses(
        street_training(folder / "s", folder / "run", {"--epochs", "1", "--class-weights", weights}),
        "no pixel of its 8 training images has a class, so there is nothing to learn from"));
}

TEST_CASE("broken data is refused in one sentence") {
  TemporaryFolder folder;
  const auto with = [&](const std::string& data) {
    return street_training(data, folder / "run", {"--epochs", "1", "--quiet"});
  };
  const auto broken = [&](const char* name, auto breaking) {
    copy_all(drawn_scenes(), folder / name);
    breaking(folder / name);
    return with(folder / name);
  };
  const std::string image = "/train/scene_000001.png", label = "/trainannot/scene_000001.png";
  CHECK(street_scenes_refuses(broken("a", [&](const std::string& s) { std::filesystem::remove(s + label); }),
                              "scene_000001.png: has no labels"));
  CHECK(street_scenes_refuses(broken("b", [&](const std::string& s) { std::filesystem::remove(s + image); }),
                              "scene_000001.png: labels an image that does not exist"));
  CHECK(street_scenes_refuses(
      broken("c", [&](const std::string& s) { write(s + image, read(s + image).substr(0, 3000)); }),
      "scene_000001.png: "));
  CHECK(street_scenes_refuses(broken("d",
                                     [&](const std::string& s) {
                                       write(s + label, encode_png(noise({9, 9, 1}).data(), {9, 9, 1}));
                                     }),
                              "9 x 9 pixels"));
  CHECK(street_scenes_refuses(broken("e",
                                     [&](const std::string& s) {
                                       write(s + label, encode_png(std::vector<std::uint8_t>(81, 1).data(), {9, 9, 1}));
                                       write(s + image, encode_png(noise({9, 9, 3}).data(), {9, 9, 3}));
                                     }),
                              "the network takes 96 x 128"));
  CHECK(street_scenes_refuses(
      broken("f", [&](const std::string& s) { write(s + "/classes.txt", std::string("1 2 3 one\n4 5 6 two\n")); }),
      "build it with -DSTRATA_STREET_CLASSES=2"));
  CHECK(street_scenes_refuses(with(folder / "nowhere"), "nowhere: is not a folder"));
  CHECK(street_scenes_refuses(with(folder.path()), "has an unknown layout"));
}

TEST_CASE("a model with other classes") {
  TemporaryFolder folder;
  copy_all(drawn_scenes(), folder / "s");
  std::string list;
  for (int c = 0; c < 11; c++) list += sentence(c, " 0 0 thing ", c, "\n");
  write(folder / "s/classes.txt", list);
  CHECK(street_scenes_refuses({"evaluate", "--model", street_model(), "--data", folder / "s"},
                              "was trained on other classes: its class 0 is Sky"));
}

TEST_CASE("bad input is refused in one sentence, and existing files stay") {
  TemporaryFolder folder;
  const std::string out = folder / "run";
  ::setenv("STRATA_DATA", folder.path().c_str(), 1);
  for (const auto& [option, value, part] : std::vector<std::tuple<std::string, std::string, const char*>>{
           {"--epochs", "0", "--epochs: '0' is not a whole number from 1 to"},
           {"--batch", "many", "--batch: 'many' is not a whole number"},
           {"--rate", "-1", "--rate: '-1' is not a number from"},
           {"--rate", "nan", "--rate: 'nan' is not a number from"},
           {"--l2", "2", "--l2: '2' is not a number from 0 to 1"},
           {"--threads", "5000", "--threads: '5000' is not a whole number"},
           {"--seed", "-1", "--seed: '-1' is not a whole number from 0 to 9223372036854775807"},
           {"--rate", "1e30", "--rate: '1e30' is not a number from 1e-09 to 1000"},
           {"--batch", "2147483647", "--batch: '2147483647' is not a whole number from 1 to 100000"},
           {"--memory", "inf", "--memory: 'inf' is not a number from 0 to 1000000"},
           {"--size", "10x10", "--size: there is no '10x10'; choose 96x128 or"},
           {"--variant", "keras", "--variant: there is no 'keras'; choose matlab or torchvision"},
           {"--schedule", "up", "--schedule: there is no 'up'"},
           {"--device", "abacus", "--device: there is no 'abacus'; choose cpu"},
           {"--precision", "fp8", "--precision: there is no 'fp8'; choose tf32 or fp32 or fp16 or bf16"},
           {"--precision", "fp16", "--precision fp16: a CPU computes in fp32; use that, or --device cuda"},
           {"--brightness", "7", "--brightness: '7' is not a number"},
           {"--normalize", "unit", "--normalize: there is no 'unit'; choose trainset or imagenet"},
           {"--normalise", "unit", "--normalize: there is no 'unit'; choose trainset or imagenet"},
           {"--generate", "1", "--generate: '1' is not a whole number from 3"},
           {"--depths", "3,4,6,3", "--depths: there is no '3,4,6,3'; choose 2,2,2,2 or 2,2,2,3"},
           {"--trunk-rate", "-1", "--trunk-rate: '-1' is not a number from 0 to 1000"},
           {"--trunk-statistics", "frozen", "--trunk-statistics: there is no 'frozen'; choose moved or kept"},
           {"--drop-period", "0", "--drop-period: '0' is not a whole number from 1"},
           {"--keep", "first", "--keep: there is no 'first'; choose last or best or best-loss"},
           {"--save-precision", "fp8", "--save-precision: there is no 'fp8'; choose fp32 or fp16"},
           {"--nonsense", "1", "--nonsense"}})
    CHECK(street_scenes_refuses({"train", option, value}, part));
  CHECK(street_scenes_refuses({}, "subcommand"));
  CHECK(street_scenes_refuses({"train"}, "no street scenes were found"));
  CHECK(street_scenes_refuses({"train", "--data", drawn_scenes(), "--generate", "5"}, "--generate"));
  CHECK(street_scenes_refuses({"predict"}, "--model"));
  CHECK(street_scenes_refuses({"evaluate", "--model", folder / "none", "--data", drawn_scenes()},
                              "none: cannot be opened"));
  CHECK(street_scenes_refuses(street_training(drawn_scenes(), "/proc/nowhere", {}), "/proc/nowhere"));
  CHECK(street_scenes_refuses(street_training(drawn_scenes(), "", {}), "--out"));
  CHECK(street_scenes_refuses(street_training(drawn_scenes(), out, {"--resume"}), "--resume: there is no"));
  CHECK(street_scenes_refuses(street_training(drawn_scenes(), out, {"--batch", "9"}), "the training set has 8 images"));
  CHECK(street_scenes_refuses(street_training(drawn_scenes(), out, {"--scale", "2", "1"}), "scale"));
  CHECK(street_scenes_refuses(
      street_training(drawn_scenes(), out, {"--batch", "100000", "--micro-batch", "1", "--steps", "100000"}),
      "--steps 100000 of --batch 100000 use 10000000000 images; give at most 1000000"));
  write(folder / "file", std::string("precious"));
  CHECK(street_scenes_refuses(street_training(drawn_scenes(), folder / "file", {}), "file"));
  CHECK(read(folder / "file") == "precious");

  SUBCASE("memory") {
    const Words large = street_training(drawn_scenes(), out, {"--batch", "64", "--memory", "0.8"});
    CHECK(street_scenes_refuses(large, "at once needs"));
    const Finished e = run_street_scenes(large);
    for (const char* part : {" GB even with cheap values recomputed, but only 0.80 GB are allowed by --memory; ",
                             "; the largest batch that fits is ", ", and --micro-batch "})
      CHECK_MESSAGE(e.errors.find(part) != std::string::npos, part);
    CHECK(e.errors.find("by accumulating gradients") != std::string::npos);
    CHECK(street_scenes_refuses(street_training(drawn_scenes(), out, {"--memory", "0.1"}),
                                "even one image does not fit"));
  }
  SUBCASE("checkpoints") {
    std::filesystem::create_directories(out);
    write(out + "/checkpoint.strata", std::string("STRATAC and nonsense"));
    CHECK(street_scenes_refuses(street_training(drawn_scenes(), out, {"--resume"}), "checkpoint"));
    CHECK(read(out + "/checkpoint.strata") == "STRATAC and nonsense");
    REQUIRE(run_street_scenes(street_training(drawn_scenes(), out, {"--epochs", "1", "--quiet"})).status == 0);
    CHECK(street_scenes_refuses(street_training(drawn_scenes(), out, {"--epochs", "2", "--batch", "4", "--resume"}),
                                "--batch 2, and this training has 4"));
    CHECK(street_scenes_refuses(
        street_training(drawn_scenes(), out, {"--epochs", "2", "--variant", "matlab", "--resume"}),
        "--variant torchvision, and this training has matlab"));
  }
}

TEST_CASE("weights that do not fit, and options that contradict each other") {
  TemporaryFolder folder;
  const std::string out = folder / "run", weights = folder / "r34.safetensors";
  write(weights, safetensors_of(torchvision_resnet18("F16", {3, 4, 6, 3})));
  const auto refuses = [&](const Words& more, const std::string& part) {
    return street_scenes_refuses(street_training(drawn_scenes(), out, more), part);
  };
  CHECK(refuses({"--weights", weights},
                "r34.safetensors: holds a trunk of depths 3,4,6,3, for which there is no network; "
                "give --depths 2,2,2,2 or 2,2,2,3, and --weights-partly to load what fits"));
  CHECK(refuses({"--weights", weights, "--depths", "2,2,2,3"},
                "holds a trunk of depths 3,4,6,3, for which there is no network"));
  CHECK(refuses({"--weights", weights, "--weights-prefix", "module."}, "module."));
  CHECK(refuses({"--weights", folder / "none"}, "none: cannot be opened"));
  std::vector<TensorEntry> without = torchvision_resnet18("F16");
  std::erase_if(without, [](const TensorEntry& entry) { return entry.name == "layer3.1.bn2.bias"; });
  write(folder / "without.safetensors", safetensors_of(without));
  CHECK(refuses({"--weights", folder / "without.safetensors"}, "lacks the tensor 'layer3.1.bn2.bias' (256)"));
  CHECK(refuses({"--weights", folder / "without.safetensors"}, "or allow a partial load (--weights-partly)"));
  write(folder / "head.safetensors", safetensors_of({{"fc.weight", {10, 512}}}));
  CHECK(refuses({"--weights", folder / "head.safetensors"}, "torchvision's names"));
  CHECK(refuses({"--weights-prefix", "module."}, "--weights-prefix requires --weights"));
  CHECK(refuses({"--weights-partly"}, "--weights-partly requires --weights"));
  CHECK(refuses({"--trunk-statistics", "kept"},
                "--trunk-statistics kept: needs the statistics of a trained trunk; give its --weights"));
  CHECK(refuses({"--keep", "best", "--validate-every", "0"},
                "--keep best: --validate-every 0 validates only the last epoch; give 1 or more"));
  CHECK(refuses({"--warm-up", "5", "--epochs", "5"},
                "--warm-up 5: the training ends after --epochs 5; warm up for fewer epochs"));
  CHECK(refuses({"--drop-factor", "0.5", "--schedule", "poly"},
                "--schedule poly: --drop-factor and --drop-period apply only to piecewise"));
  CHECK(!std::filesystem::exists(out + "/model.safetensors"));
}

TEST_CASE("--device cuda where there is none: one sentence, before anything is written or read") {
  const bool offered = offers_cuda("street_scenes", {"train"});
  for (const char* command : {"evaluate", "predict", "table"})
    CHECK(offers_cuda("street_scenes", {command}) == offered);
  if (offered && has_gpu_driver()) return;  // nothing is refused
  TemporaryFolder folder;
  const std::string out = folder / "run";
  const auto refuses = [&](const Words& words) { return refuses_cuda("street_scenes", words, offered); };
  for (const char* size : {"96x128", "360x480", "720x960"})
    for (const char* variant : {"matlab", "torchvision"})
      for (const char* depths : {"2,2,2,2", "2,2,2,3"})
        CHECK(refuses({"train", "--data", folder / "nowhere", "--out", out, "--size", size, "--variant", variant,
                       "--depths", depths}));
  CHECK(refuses({"train", "--generate", "5", "--out", out, "--precision", "bf16"}));
  CHECK(refuses({"table", "--data", folder / "nowhere", "--out", out}));
  CHECK(refuses({"evaluate", "--model", street_model(), "--data", folder / "nowhere", "--out", out}));
  CHECK(refuses({"predict", "--model", street_model(), folder / "nowhere.png", "--out", out}));
  CHECK(!std::filesystem::exists(out));
}

}  // namespace examples_street_scenes_refusals
