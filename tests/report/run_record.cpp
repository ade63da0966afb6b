// SPDX-License-Identifier: MIT
#include <strata/report/run_record.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "../support/refusal.hpp"
#include "../support/steps.hpp"
#include "../support/temporary_folder.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::metrics;
using namespace strata::report;
using namespace strata::training;
using namespace strata::testing;

namespace {

RunRecord sample() {
  RunRecord r;
  r.status = "interrupted", r.why = "stopped \"here\"",
  r.resumed_anyway = {"from iteration 3 on: \"this\"", "and that"};
  r.task = "digits", r.network = "Digits<8,16,32>", r.hash = "80962d472e530fac";
  r.parameters = 21690, r.macs = 523712, r.arena_bytes = 1L << 40, r.peak_rss_bytes = 99;
  r.threads = 2, r.batch = 1024, r.epochs = 3, r.iterations = 153;
  r.seconds = {0.5, 10, 2, 13, 0.065};
  r.images_per_second = 12345.5, r.seed = 0xFFFFFFFFFFFFFFFFull;
  r.dataset = {"MNIST", 52500, 7500, 10000, 10};
  r.accuracy = {0.9, 0.8, -1};
  r.device = {"cuda", "a processor", "tf32", 17};
  r.heads = {{"class", 0.5, 0.75, -1, -1}, {"a \"box\"", 2.5, -1, 0.25, 0.5}};
  r.machine = this_machine();
  r.dataset.bytes = 1L << 33;
  r.conditions = {{"--rate", "0.01"}, {"training pixels of digest", "0123"}};
  r.work.add({0, 16, 0, 0, 316816}), r.work.add({8, 3, 677376, 338688, 56448});
  r.work.update_bytes = 1e6, r.work.working_set = 1 << 20;
  r.memory = {22016, 1036736, 16, 5, 17};
  r.metrics = {0.875, 0.75, 0.5, 0.625, -1, {{"road", 0.875, 0.5, 0.25}, {"a \"pole\"", -1, -1, -1}}};
  r.confusion = Confusion(2);
  r.confusion.counts = {5, 1L << 40, 0, 7};
  r.kept_iteration = 2, r.kept_by = Keep::best_mean_iou;
  r.weights = {"a/resnet18.safetensors",  "backbone.", {"conv1.weight", "a \"name\""}, {"bn1.bias"},
               {"layer4.2.conv1.weight"}, {"fc.bias"}};
  r.history.resize(2);
  r.history[0].loss = 2.5, r.history[0].rate = 0.01;
  r.history[1] = {.epoch = 1,
                  .iteration = 2,
                  .seconds = 1,
                  .loss = HUGE_VAL,
                  .rate = 0.01,
                  .train_accuracy = 0.5,
                  .validation_loss = 0.25,
                  .validation_accuracy = 0.75,
                  .validation_mean_accuracy = 0.5,
                  .validation_mean_iou = 0.25,
                  .heads = {{.loss = 1.5, .train_accuracy = 0.5, .validation_loss = 0.5, .validation_accuracy = 0.75},
                            {.loss = 2, .validation_loss = 2.5, .validation_mae = 0.25, .validation_rmse = 0.5}},
                  .metrics = {{"f1", 0.25}, {"a \"b\"", -2}}};
  r.measured = {{"f1", 0.5}, {"auc", std::numeric_limits<double>::quiet_NaN()}};
  return r;
}

}  // namespace

TEST_CASE("a record is read back from its file") {
  TemporaryFolder folder;
  const RunRecord r = sample();
  write_run_record(folder / "run.json", r);
  const RunRecord read = read_run_record(folder / "run.json");
  CHECK(read.status == r.status);
  CHECK(read.why == r.why);
  CHECK(read.resumed_anyway == r.resumed_anyway);
  CHECK(read.network == r.network);
  CHECK(read.hash == r.hash);
  CHECK(read.arena_bytes == r.arena_bytes);
  CHECK(read.seed == r.seed);
  CHECK(read.seconds.per_iteration == r.seconds.per_iteration);
  CHECK(read.dataset.validation == 7500);
  CHECK(read.accuracy.validation == 0.8);
  CHECK(read.accuracy.test == -1);
  CHECK(read.machine.cpu == r.machine.cpu);
  CHECK(read.device == r.device);
  CHECK(read.heads == r.heads);
  CHECK(read.metrics == r.metrics);
  CHECK(read.confusion.classes == 2);
  CHECK(read.confusion.counts == r.confusion.counts);
  CHECK(read.kept_iteration == 2);
  CHECK(read.kept_by == Keep::best_mean_iou);
  CHECK(read.weights == r.weights);
  CHECK(read.dataset.bytes == r.dataset.bytes);
  CHECK(read.conditions == r.conditions);
  CHECK(read.work == r.work);
  CHECK(read.memory == r.memory);
  REQUIRE(read.history.size() == 2);
  CHECK(!read.history[0].validation_accuracy);
  CHECK(!read.history[0].validation_loss);
  CHECK(!read.history[0].validation_mean_iou);
  CHECK(read.history[1].validation_loss == 0.25);
  CHECK(read.history[1].validation_mean_accuracy == 0.5);
  CHECK(read.history[1].validation_mean_iou == 0.25);
  CHECK(read.history[1].loss == -1);
  CHECK(read.history[0].metrics.empty());
  CHECK(read.history[1].metrics == r.history[1].metrics);
  REQUIRE(read.measured.size() == 2);
  CHECK(read.measured[0] == r.measured[0]);
  CHECK(std::isnan(read.measured[1].value));
  CHECK(read.history[0].heads.empty());
  REQUIRE(read.history[1].heads.size() == 2);
  const HeadOfRecord &classes = read.history[1].heads[0], &box = read.history[1].heads[1];
  CHECK(classes.loss == 1.5);
  CHECK(classes.train_accuracy == 0.5);
  CHECK(classes.validation_loss == 0.5);
  CHECK(classes.validation_accuracy == 0.75);
  CHECK(!classes.validation_mae);
  CHECK(!box.train_accuracy);
  CHECK(box.validation_mae == 0.25);
  CHECK(box.validation_rmse == 0.5);
}

TEST_CASE("the file has the keys that other programs expect") {
  TemporaryFolder folder;
  write_run_record(folder / "run.json", sample());
  const auto json = nlohmann::json::parse(testing::read(folder / "run.json"));
  CHECK(json["schema"] == "strata.run/2");
  for (const char* key : {"status",     "why",     "task",        "network",        "hash",
                          "parameters", "macs",    "arena_bytes", "peak_rss_bytes", "threads",
                          "batch",      "epochs",  "iterations",  "seconds",        "images_per_second",
                          "seed",       "dataset", "accuracy",    "metrics",        "confusion",
                          "device",     "machine", "history"})
    CHECK_MESSAGE(json.contains(key), key);
  CHECK(json["accuracy"]["test"].is_null());
  CHECK(json["device"] ==
        nlohmann::json{{"kind", "cuda"}, {"name", "a processor"}, {"memory_bytes", 17}, {"precision", "tf32"}});
  for (const char* key : {"global_accuracy", "mean_accuracy", "mean_iou", "weighted_iou", "mean_bf_score", "classes"})
    CHECK_MESSAGE(json["metrics"].contains(key), key);
  CHECK(json["metrics"]["mean_bf_score"].is_null());
  CHECK(json["metrics"]["classes"][0] ==
        nlohmann::json{{"name", "road"}, {"accuracy", 0.875}, {"iou", 0.5}, {"mean_bf_score", 0.25}});
  CHECK(json["confusion"] == nlohmann::json{{5, 1L << 40}, {0, 7}});
  CHECK(json["kept"] == nlohmann::json{{"iteration", 2}, {"by", "validation_mean_iou"}});
  CHECK(json["history"][1].contains(json["kept"]["by"].get<std::string>()));
  CHECK(json["weights"]["file"] == "a/resnet18.safetensors");
  CHECK(json["weights"]["prefix"] == "backbone.");
  CHECK(json["weights"]["taken"] == nlohmann::json{"conv1.weight", "a \"name\""});
  for (const char* key : {"missing", "left_over", "unused"}) CHECK_MESSAGE(json["weights"][key].size() == 1, key);
  CHECK(json["history"][1]["loss"].is_null());
  CHECK(!json["history"][0].contains("validation_accuracy"));
}

TEST_CASE("a machine's device is its processor, in float32") {
  const Machine machine = this_machine();
  const DeviceRecord device = device_of(machine);
  CHECK(device.kind == "cpu");
  CHECK(device.name == machine.cpu);
  CHECK(device.precision == "float32");
  CHECK(device.memory_bytes == machine.ram_bytes);
}

TEST_CASE("a record without label maps has neither metrics nor confusion") {
  RunRecord r = sample();
  r.metrics = {}, r.confusion = Confusion(), r.history.clear();
  TemporaryFolder folder;
  write_run_record(folder / "run.json", r);
  const auto json = nlohmann::json::parse(testing::read(folder / "run.json"));
  CHECK(!json.contains("metrics"));
  CHECK(!json.contains("confusion"));
  CHECK(read_run_record(folder / "run.json").metrics == Metrics());
}

TEST_CASE("the errors of values are read back, and refused where no evaluation gives them") {
  RunRecord r = sample();
  r.errors = {.mae = 0.5, .rmse = 0.75, .r2 = -2};
  r.history[1].validation_accuracy = {}, r.history[1].validation_mae = 0.25, r.history[1].validation_rmse = 0.5;
  r.history[1].validation_r2 = -7.5;
  r.history[0].validation_mae = HUGE_VAL, r.history[0].validation_loss = HUGE_VAL;  // the output was not finite
  const report::detail::Json json = report::detail::to_json(r);
  const RunRecord read = report::detail::from_json(json);
  CHECK(read.errors == r.errors);
  CHECK(read.history[1].validation_mae == 0.25);
  CHECK(read.history[1].validation_rmse == 0.5);
  CHECK(read.history[1].validation_r2 == -7.5);
  CHECK(read.history[1].validation_loss == 0.25);
  CHECK(!read.history[1].validation_accuracy);
  CHECK(!read.history[0].validation_mae);
  report::detail::Json wrong = json;
  wrong["errors"]["r2"] = 1.5;
  CHECK_THROWS_AS(report::detail::from_json(wrong), report::detail::Unfit);
  wrong = json;
  wrong["errors"]["mae"] = "small";
  CHECK_THROWS_AS(report::detail::from_json(wrong), report::detail::Unfit);
}

TEST_CASE("a record without a kept model and initial weights mentions neither, nor need it") {
  RunRecord r = sample();
  r.kept_iteration = 0, r.weights = {};
  TemporaryFolder folder;
  write_run_record(folder / "run.json", r);
  const auto json = nlohmann::json::parse(testing::read(folder / "run.json"));
  CHECK(!json.contains("kept"));
  CHECK(!json.contains("weights"));
  const RunRecord read = read_run_record(folder / "run.json");
  CHECK(read.kept_iteration == 0);
  CHECK(read.kept_by == Keep::last);
  CHECK(read.weights == StartingWeights());
}

TEST_CASE("what the best model was kept by is read back") {
  TemporaryFolder folder;
  for (const Keep& keep : {Keep::best_loss, Keep::best_accuracy, Keep::best("f1"), Keep::best("boxes.auc")}) {
    RunRecord r = sample();
    r.kept_by = keep;
    write_run_record(folder / "run.json", r);
    CHECK(read_run_record(folder / "run.json").kept_by == keep);
  }
  CHECK(report::detail::name_of(Keep::best_accuracy) == "validation_accuracy");
  CHECK(report::detail::name_of(Keep::best("f1")) == "metrics.f1");
}

TEST_CASE("a model kept by an unknown measure, and weights that are not names, are refused") {
  TemporaryFolder folder;
  write_run_record(folder / "run.json", sample());
  const auto json = nlohmann::json::parse(testing::read(folder / "run.json"));
  const auto says = [&](const std::string& at, const nlohmann::json& value, const char* part) {
    auto damaged = json;
    damaged[nlohmann::json::json_pointer(at)] = value;
    const std::string text = damaged.dump();
    return refuses([&] { parse_run_record(Bytes(text.begin(), text.end()), "r"); }, "r: is a damaged record of a run (",
                   part);
  };
  for (const nlohmann::json& value : {nlohmann::json(0), nlohmann::json(154)})
    CHECK(says("/kept/iteration", value, "the kept iteration is"));
  for (const nlohmann::json& value :
       {nlohmann::json(-1), nlohmann::json(0.5), nlohmann::json(nullptr), nlohmann::json(1ul << 63)})
    CHECK(says("/kept/iteration", value, "iteration"));
  for (const nlohmann::json& value : {nlohmann::json("luck"), nlohmann::json(7), nlohmann::json(nullptr)})
    CHECK(says("/kept/by", value, "best by an unknown measure"));
  for (const nlohmann::json& value : {nlohmann::json(7), nlohmann::json({{"", 1}}), nlohmann::json({{"f1", "high"}})})
    for (const char* at : {"/validation_metrics", "/history/1/metrics"}) CHECK(says(at, value, "metric"));
  for (const char* at : {"/kept", "/weights"})
    for (const nlohmann::json& value :
         {nlohmann::json(7), nlohmann::json(nullptr), nlohmann::json::array(), nlohmann::json::object()})
      CHECK_MESSAGE(says(at, value, ""), at);
  for (const char* key : {"/weights/taken", "/weights/missing", "/weights/left_over", "/weights/unused"})
    for (const nlohmann::json& value :
         {nlohmann::json("name"), nlohmann::json{1, 2}, nlohmann::json(nullptr), nlohmann::json{{"a", "b"}}})
      CHECK_MESSAGE(says(key, value, ""), key, " = ", value.dump());
  for (const char* key : {"/weights/file", "/weights/prefix"}) CHECK(says(key, 7, ""));
}

TEST_CASE("a confusion that is not square is refused") {
  TemporaryFolder folder;
  write_run_record(folder / "run.json", sample());
  auto json = nlohmann::json::parse(testing::read(folder / "run.json"));
  for (const char* damaged : {"[[1, 2]]", "[[1, 2], [3]]", "[1, 2]", "[[1, \"a\"], [2, 3]]", "7"}) {
    json["confusion"] = nlohmann::json::parse(damaged);
    const std::string text = json.dump();
    CHECK_MESSAGE(refuses([&] { parse_run_record(Bytes(text.begin(), text.end()), "r"); }, "r: ", "damaged"), damaged);
  }
}

TEST_CASE("numbers out of range are refused, and sums of them cannot overflow") {
  TemporaryFolder folder;
  write_run_record(folder / "run.json", sample());
  const auto json = nlohmann::json::parse(testing::read(folder / "run.json"));
  const auto says = [](const nlohmann::json& damaged, const std::string& part) {
    const std::string text = damaged.dump();
    return refuses([&] { parse_run_record(Bytes(text.begin(), text.end()), "r"); }, "r: is a damaged record of a run (",
                   part);
  };
  const std::vector<nlohmann::json> bad = {
      1e300, -1e300, 0.5, -1, 1u << 31, std::uint64_t(-1), std::numeric_limits<long>::min(), nullptr, "7", true};
  for (const std::string at :
       {"/threads", "/batch", "/epochs", "/dataset/train", "/dataset/classes", "/machine/cores", "/history/0/epoch"})
    for (const nlohmann::json& value : bad) {
      auto damaged = json;
      damaged[nlohmann::json::json_pointer(at)] = value;
      CHECK_MESSAGE(says(damaged, at.substr(at.rfind('/') + 1)), at, " = ", value.dump());
    }
  for (const std::string at :
       {"/parameters", "/macs", "/iterations", "/device/memory_bytes", "/history/1/iteration", "/confusion/0/1"})
    for (const nlohmann::json& value : {nlohmann::json(1e300), nlohmann::json(-1), nlohmann::json(1ul << 63)}) {
      auto damaged = json;
      damaged[nlohmann::json::json_pointer(at)] = value;
      CHECK_MESSAGE(says(damaged, ""), at, " = ", value.dump());
    }
  auto damaged = json;
  damaged["confusion"] = {{std::numeric_limits<long>::max(), 1}, {0, 0}};
  CHECK(says(damaged, "the sum of its confusion is out of range"));
  damaged = json;
  damaged["seed"] = std::uint64_t(-1);
  const std::string text = damaged.dump();
  CHECK(parse_run_record(Bytes(text.begin(), text.end()), "r").seed == std::uint64_t(-1));
}

TEST_CASE("endless keys and brackets") {
  const auto says = [](const std::string& text, const char* part) {
    return refuses([&] { parse_run_record(Bytes(text.begin(), text.end()), "r"); }, "r: is a damaged record of a run (",
                   part);
  };
  std::string keys = "{\"schema\":\"strata.run/1\"";
  for (int i = 0; i < 100; i++) keys += ",\"k" + std::to_string(i) + "\":0";
  CHECK(says(keys, "an object with more than 100 keys"));  // before the end of the file is known
  CHECK(says("{\"a\":[" + keys, "an object with more than 100 keys"));
  CHECK(says(std::string(100'000, '['), "nested deeper than 8"));
}

TEST_CASE("what is too large for a record is refused before it becomes a tree, and no record takes quadratic time") {
  const auto says = [](const std::string& text, const char* part) {
    return refuses([&] { parse_run_record(Bytes(text.begin(), text.end()), "r"); }, "r: is a damaged record of a run (",
                   part);
  };
  CHECK(says(R"({"schema":"strata.run/1","threads":1,"threads":9})", "a duplicate key"));
  std::string nested, zeros = "[";
  for (int i = 0; i < 1'000'000; i++) nested += "{\"a\":";
  CHECK(says(nested, "nested deeper than 8"));
  for (int i = 0; i < 10'000'001; i++) zeros += "0,";
  CHECK(says(zeros + "0]", "more than 10000000 values"));
  const auto steps_of = [](std::size_t rows) {
    RunRecord r = sample();
    r.history.resize(rows, r.history[0]);
    const std::string text = strata::report::detail::to_json(r).dump();
    const Bytes bytes(text.begin(), text.end());
    return steps([&] { parse_run_record(bytes, "r"); });
  };
  CHECK(steps_of(16'000) < 9 * steps_of(2'000));
}

TEST_CASE("measures out of range are refused") {
  TemporaryFolder folder;
  write_run_record(folder / "run.json", sample());
  const auto json = nlohmann::json::parse(testing::read(folder / "run.json"));
  for (const auto& [at, value] : {std::pair("/accuracy/test", 1.5),
                                  {"/metrics/mean_iou", -3.},
                                  {"/history/1/heads/0/train_accuracy", 1.5},
                                  {"/history/1/heads/1/validation_mae", -1.},
                                  {"/metrics/classes/0/iou", 1e9},
                                  {"/history/1/loss", -1.}}) {
    auto damaged = json;
    damaged[nlohmann::json::json_pointer(at)] = value;
    const std::string text = damaged.dump();
    CHECK(refuses([&] { parse_run_record(Bytes(text.begin(), text.end()), "r"); }, "r: is a damaged record",
                  "out of range"));
  }
}

TEST_CASE("a row with another number of heads is refused") {
  TemporaryFolder folder;
  write_run_record(folder / "run.json", sample());
  auto json = nlohmann::json::parse(testing::read(folder / "run.json"));
  json["heads"].erase(1);
  const std::string text = json.dump();
  CHECK(refuses([&] { parse_run_record(Bytes(text.begin(), text.end()), "r"); }, "r: is a damaged record",
                "a row of its history has 2 heads, but it lists 1"));
}

TEST_CASE("a record of the first version has no conditions, work or memory") {
  TemporaryFolder folder;
  write_run_record(folder / "run.json", sample());
  auto json = nlohmann::json::parse(testing::read(folder / "run.json"));
  json["schema"] = "strata.run/1";
  for (const char* key : {"conditions", "work", "memory"}) json.erase(key);
  json["dataset"].erase("bytes");
  const std::string text = json.dump();
  const RunRecord old = parse_run_record(Bytes(text.begin(), text.end()), "r");
  CHECK(old.batch == 1024);
  CHECK(old.conditions.empty());
  CHECK(old.work.count == 0);
  CHECK(old.memory == MemoryGrowth());
  CHECK(old.dataset.bytes == 0);
}

TEST_CASE("seconds, work, memory and conditions that no run has are refused") {
  TemporaryFolder folder;
  write_run_record(folder / "run.json", sample());
  const auto json = nlohmann::json::parse(testing::read(folder / "run.json"));
  const auto says = [&](const std::string& at, const nlohmann::json& value, const char* part) {
    auto damaged = json;
    damaged[nlohmann::json::json_pointer(at)] = value;
    const std::string text = damaged.dump();
    return refuses([&] { parse_run_record(Bytes(text.begin(), text.end()), "r"); }, "r: is a damaged record of a run (",
                   part);
  };
  for (const char* at : {"/seconds/train", "/images_per_second", "/history/0/seconds", "/work/pieces/0/bytes",
                         "/work/pieces/1/products", "/work/update_bytes"}) {
    CHECK_MESSAGE(says(at, -1, "out of range"), at);
    CHECK_MESSAGE(says(at, 1e300, "out of range"), at);
    CHECK_MESSAGE(says(at, "fast", "not a number"), at);
    CHECK_MESSAGE(says(at, nullptr, "not a number"), at);
  }
  CHECK(says("/work/pieces", nlohmann::json::array(), "1 to 16 pieces"));
  CHECK(says("/work/pieces", 7, "1 to 16 pieces"));
  CHECK(says("/work/pieces/1/channels", 0, "not sorted"));
  CHECK(says("/memory/group", 0, "group"));
  CHECK(says("/memory/per_image", std::int64_t(1) << 60, "out of range"));
  CHECK(says("/conditions", nlohmann::json::array(), "not an object"));
  CHECK(says("/conditions/--rate", 7, "string"));
}

TEST_CASE("what is not a record is refused") {
  const auto says = [](const std::string& text, const char* part) {
    return refuses([&] { parse_run_record(Bytes(text.begin(), text.end()), "r"); }, "r: ", part);
  };
  CHECK(says("", "damaged"));
  CHECK(says("[1]", "not a record of a run"));
  CHECK(says("{\"schema\":\"strata.run/3\"}", "its schema is not strata.run/2 or strata.run/1"));
  CHECK(says("{\"schema\":7}", "damaged"));
  CHECK(says("{\"schema\":\"strata.run/1\"}", "status"));
  CHECK(says("{\"schema\":\"strata.run/1\",\"status\":7}", "damaged"));
}

TEST_CASE("all heads of a run, those only in training without a validation") {
  Run run;
  run.heads = {"class", "aux"};
  run.validation.heads.resize(1);
  run.validation.heads[0].head = "class", run.validation.heads[0].loss = 0.5, run.validation.heads[0].accuracy = 0.75;
  RunRecord r;
  fill(r, run);
  CHECK(r.heads == std::vector<HeadRecord>{{"class", 0.5, 0.75, -1, -1}, {.name = "aux"}});
}

TEST_CASE("the only head in inference has the validation") {
  Run run;
  run.heads = {"class", "aux"};
  run.validated = true, run.validation.loss = 0.5, run.validation.accuracy = 0.75;
  RunRecord r;
  fill(r, run);
  CHECK(r.heads == std::vector<HeadRecord>{{"class", 0.5, 0.75, -1, -1}, {.name = "aux"}});
}

TEST_CASE("a run that ended early is complete, one that failed says why") {
  Run run;
  RunRecord r;
  run.status = Status::early, run.why = "no better";
  fill(r, run);
  CHECK(r.status == "complete");
  CHECK(r.accuracy.validation == -1);
  run.status = Status::failed, run.why = "NaN";
  run.validated = true, run.validation.accuracy = 0.5;
  run.iterations = 4, run.train_seconds = 2, run.images = 100;
  run.kept_iteration = 3, run.kept_by = Keep::best_loss;
  fill(r, run);
  CHECK(r.kept_iteration == 3);
  CHECK(r.kept_by == Keep::best_loss);
  CHECK(r.status == "failed");
  CHECK(r.why == "NaN");
  CHECK(r.accuracy.validation == 0.5);
  CHECK(r.seconds.per_iteration == 0.5);
  CHECK(r.images_per_second == 50);
}
