// SPDX-License-Identifier: MIT
// The program `digits` as its users run it, on a small set: files, progress, refusals, interruption and resumption.
#include <doctest/doctest.h>

#include <sched.h>

#include <algorithm>
#include <utility>

#include <strata/data/png.hpp>
#include <strata/io/safetensors.hpp>
#include <strata/report/run_record.hpp>

#include "../support/count.hpp"
#include "../support/gpu_programs.hpp"
#include "../support/jpeg.hpp"
#include "../support/mnist_files.hpp"
#include "../support/process.hpp"

namespace examples_digits {

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::io;
using namespace strata::report;
using namespace strata::testing;

namespace {

Finished run(std::vector<std::string> words) { return run_program("digits", std::move(words)); }
bool refuses(const std::vector<std::string>& words, const std::string& part) {
  return program_refuses("digits", words, part);
}

/// A folder in MNIST's format with 320 + 60 images.
const std::string& data_folder() {
  static TemporaryFolder folder;
  static const bool written = (write_mnist(folder.path(), 320, 60), true);
  (void)written;
  return folder.path();
}

}  // namespace

TEST_CASE("a training leaves its four files, and predict reads the model") {
  TemporaryFolder folder;
  const std::string out = folder / "deep/run";
  const Finished e = run({"--data", data_folder(), "--epochs", "6", "--batch", "40", "--threads", "2", "--out", out});
  REQUIRE_MESSAGE(e.status == 0, e.output << e.errors);
  for (const char* part : {"strata-test-", " in /tmp/strata-test-", "21690 parameters", "batches of 40, on 2 threads",
                           "epoch 6/6", "test accuracy", "peak memory", "report.html"})
    CHECK_MESSAGE(e.output.find(part) != std::string::npos, part);
  CHECK(e.output.find('\r') == std::string::npos);

  const RunRecord record = read_run_record(out + "/run.json");
  CHECK(record.status == "complete");
  CHECK(data_folder().ends_with("/" + record.dataset.name));  // drawings have other checksums than MNIST
  CHECK(e.output.find("MNIST") == std::string::npos);
  CHECK(record.dataset.train == 280);
  CHECK(record.dataset.validation == 40);
  CHECK(record.dataset.test == 60);
  CHECK(record.iterations == 42);
  CHECK(record.history.size() == 42);
  CHECK(record.threads == 2);
  CHECK(record.accuracy.test > 0.5);
  CHECK(record.peak_rss_bytes > record.arena_bytes);
  CHECK(record.device == device_of(this_machine()));
  CHECK(read(out + "/history.csv").starts_with("epoch,iteration"));
  CHECK(read(out + "/report.html").find("Confusion matrix") != std::string::npos);
  CHECK(read(out + "/report.html").find("<title>" + record.dataset.name + ": Digits") != std::string::npos);
  CHECK(read_safetensors(out + "/model.safetensors").find("0.weight"));

  const Dataset test = digit_set(60, 2);
  std::vector<std::string> words{"predict", "--model", out + "/model.safetensors"};
  int right = 0;
  for (int i = 0; i < 10; i++) {
    words.push_back(folder / ("digit" + std::to_string(i) + ".png"));
    write(words.back(), encode_png(test.bytes(i), {28, 28, 1}));
  }
  const Finished told = run(words);
  CHECK(told.status == 0);
  CHECK(std::count(told.output.begin(), told.output.end(), '\n') == 10);
  for (int i = 0; i < 10; i++)
    right += told.output.find("digit" + std::to_string(i) + ".png: " + std::to_string(i) + " (") != std::string::npos;
  CHECK(right >= 4);

  SUBCASE("other --filters make another network, which predict recognizes") {
    CHECK(
        run({"--data", data_folder(), "--epochs", "1", "--batch", "40", "--filters", "4,8,16", "--out", out, "--quiet"})
            .status == 0);
    CHECK(read_run_record(out + "/run.json").network == "Digits<4,8,16>");
    CHECK(run(words).status == 0);
  }
  SUBCASE("invalid pictures and models") {
    write(folder / "text.png", std::string("hello"));
    const std::vector<std::uint8_t> white(100, 255);
    write(folder / "white.png", encode_png(white.data(), {10, 10, 1}));
    const std::string model = out + "/model.safetensors";
    const std::vector<std::uint8_t> seven(test.bytes(7), test.bytes(7) + 784);
    write(folder / "seven.jpg", encode_jpeg(seven, {28, 28, 1}));
    const Finished many = run({"predict", "--model", model, folder / "text.png", words[3], folder / "missing.png",
                               folder / "seven.jpg", words[4]});
    CHECK(many.status == 1);
    CHECK(count(many.errors, "\n") == 2);
    CHECK(many.errors.find("text.png: is neither") != std::string::npos);
    CHECK(many.errors.find("missing.png: cannot be opened") != std::string::npos);
    CHECK(count(many.output, "\n") == 3);
    const auto said_of = [](const std::string& said, const std::string& name) {
      const std::size_t at = said.find(name + ": ");
      return at == std::string::npos ? name + " is not there"
                                     : said.substr(at + name.size(), said.find('\n', at) - at - name.size());
    };
    CHECK(said_of(many.output, "digit1.png") == said_of(told.output, "digit1.png"));
    CHECK(said_of(many.output, "seven.jpg").substr(0, 4) == said_of(told.output, "digit7.png").substr(0, 4));
    CHECK(run({"predict", "--model", model, folder / "seven.jpg"}).status == 0);
    CHECK(refuses({"predict", "--model", model, folder / "text.png"}, "is neither PNG nor JPEG"));
    CHECK(refuses({"predict", "--model", model, folder / "white.png"}, "is empty"));
    CHECK(refuses({"predict", "--model", model, folder / "missing.png"}, "cannot be opened"));
    CHECK(refuses({"predict", "--model", out + "/run.json", words.back()}, "run.json"));
    CHECK(refuses({"predict", "--model", folder / "missing", words.back()}, "cannot be opened"));
    const std::string header = folder / "digits.hpp";
    const Finished exported = run({"export", "--model", model, "--out", header, "--target", "cortex-m7"});
    CHECK(exported.status == 0);
    CHECK(exported.output == header + " holds the weights of Digits<8,16,32>, packed for cortex-m7\n");
    CHECK(read(header).find("struct digits_weights") != std::string::npos);
    CHECK(
        refuses({"export", "--model", model, "--out", header, "--target", "z80"}, "'z80'; give one of: here, avx512"));
    CHECK(refuses({"export", "--model", folder / "missing", "--out", header}, "cannot be opened"));
  }
  SUBCASE("the model names its classes, and carries a check that is replayed on demand") {
    const std::string model = out + "/model.safetensors", other = folder / "other.safetensors";
    const Safetensors file = read_safetensors(model);
    CHECK(file.metadata.at("strata.classes") == R"(["0","1","2","3","4","5","6","7","8","9"])");
    const std::string holds = model + ": its check holds within 0.0001\n";
    CHECK(run({"predict", "--model", model, "--verify", "1e-4", words[3]}).output.starts_with(holds));
    const std::string header = folder / "digits.hpp";
    CHECK(run({"export", "--model", model, "--verify", "1e-4", "--out", header}).output.starts_with(holds));
    CHECK(read(header).find(R"(classes[] = {"0", "1", )") != std::string::npos);

    std::string bytes = read(model);
    for (const char digit : std::string("0123456789")) {
      const std::string name = std::string(R"(\")") + digit + R"(\")";
      bytes.replace(bytes.find(name), name.size(), std::string(R"(\")") + char('A' + digit - '0') + R"(\")");
    }
    write(other, bytes);
    const Finished named = run({"predict", "--model", other, "--verify", "1e-4", words[3]});
    CHECK(named.output.find("digit0.png: ") != std::string::npos);
    const char letter = named.output[named.output.find("digit0.png: ") + 12];
    CHECK((letter >= 'A' && letter <= 'J'));

    bytes[file.find("8.bias")->begin + 3] = 0x40;  // from about 0 to 2 or more
    write(other, bytes);
    CHECK(refuses({"predict", "--model", other, "--verify", "1e-4", words[3]}, "other.safetensors: fails its check: "));
    CHECK(refuses({"export", "--model", other, "--verify", "1e-4", "--out", folder / "none"}, "fails its check: "));
    CHECK(run({"predict", "--model", other, words[3]}).status == 0);
    CHECK(refuses({"predict", "--model", model, "--verify", "-1", words[3]}, "'-1' is not a number from 0 to 1000"));
    CHECK(!std::filesystem::exists(folder / "none"));
  }
}

TEST_CASE("--find-rate and --metrics are in the report, and change no bit of the model") {
  TemporaryFolder folder;
  std::vector<std::string> words{"--data", data_folder(), "--epochs", "2",     "--batch",
                                 "40",     "--threads",   "1",        "--out", folder / "plain"};
  REQUIRE(run(words).status == 0);
  words.back() = folder / "more";
  words.insert(words.end(), {"--find-rate", "--metrics", "top2,f1,auc_3"});
  const Finished e = run(words);
  REQUIRE_MESSAGE(e.status == 0, e.output << e.errors);
  for (const char* part : {"learning rate  the loss fell fastest at ", "test top2 ", "test auc_3 ", "  top2 0."})
    CHECK_MESSAGE(e.output.find(part) != std::string::npos, part);
  CHECK(read(folder / "more/model.safetensors") == read(folder / "plain/model.safetensors"));
  const RunRecord record = read_run_record(folder / "more/run.json");
  REQUIRE(record.measured.size() == 3);
  CHECK(record.measured[1].name == "f1");
  CHECK(record.measured[1].value > 0);
  CHECK(read(folder / "more/history.csv").find(",validation_top2,validation_f1,validation_auc_3\n") !=
        std::string::npos);
  for (const char* part : {"<h2>Learning rate</h2>", "f1 of the validation", "validation auc_3"})
    CHECK_MESSAGE(read(folder / "more/report.html").find(part) != std::string::npos, part);
}

TEST_CASE("there are as many threads as the program has cores, and a warning if more are requested") {
  TemporaryFolder folder;
  const auto train = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"--data", data_folder(), "--epochs", "1", "--batch", "100", "--out", folder / "run"});
    return run(words);
  };
  cpu_set_t all, one;
  REQUIRE(sched_getaffinity(0, sizeof all, &all) == 0);
  CPU_ZERO(&one);
  for (int i = 0; CPU_COUNT(&one) == 0; i++)
    if (CPU_ISSET(i, &all)) CPU_SET(i, &one);
  REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);  // which the program inherits
  const Finished own = train({}), more = train({"--threads", "3"}), quiet = train({"--threads", "3", "--quiet"});
  REQUIRE(sched_setaffinity(0, sizeof all, &all) == 0);
  CHECK(own.output.find("on 1 thread\n") != std::string::npos);
  CHECK(own.errors == "");
  CHECK(more.status == 0);
  CHECK(more.output.find("on 3 threads\n") != std::string::npos);
  CHECK(
      more.errors ==
      "digits: warning: --threads 3 is more than the 1 core this process may use, which is slower than --threads 1\n");
  CHECK(quiet.errors == "");
}

TEST_CASE("the same seed gives the same numbers on any threads") {
  TemporaryFolder folder;
  for (const char* threads : {"1", "2"})
    REQUIRE(run({"--data", data_folder(), "--epochs", "2", "--batch", "64", "--threads", threads, "--out",
                 folder / threads, "--quiet"})
                .status == 0);
  const auto floats = [&](const char* threads) {
    const Safetensors file = read_safetensors(folder / threads + "/model.safetensors");
    return Bytes(file.bytes.begin() + long(file.tensors[0].begin), file.bytes.end());
  };
  CHECK(floats("1") == floats("2"));
}

#ifdef STRATA_SANITIZED
constexpr int long_training = 10;  // epochs that take seconds
#else
constexpr int long_training = 400;
#endif

TEST_CASE("interrupted, then resumed: as if never stopped") {
  TemporaryFolder folder;
  const std::string epochs = std::to_string(long_training);
  const std::vector<std::string> words{"--data", data_folder(), "--epochs", epochs, "--batch",
                                       "32",     "--threads",   "1",        "--out"};
  const auto with = [&](std::initializer_list<std::string> more) {
    std::vector<std::string> all = words;
    all.insert(all.end(), more);
    return all;
  };
  Finished stopped;
  for (int attempt = 0; attempt < 5; attempt++) {  // a busy machine may let the training end before the interruption
    Process process("digits", with({folder / "stopped"}));
    process.wait_for("epoch 3/" + epochs);
    process.send(SIGINT);
    stopped = process.end();
    if (stopped.status != 0) break;
    std::filesystem::remove_all(folder / "stopped");
  }
  REQUIRE_MESSAGE(stopped.status == 130, stopped.output << stopped.errors);
  CHECK(stopped.errors.find("--resume") != std::string::npos);
  const RunRecord half = read_run_record(folder / "stopped/run.json");
  CHECK(half.status == "interrupted");
  CHECK(half.iterations < long_training * 8);
  CHECK(half.accuracy.test == -1);
  CHECK(!std::filesystem::exists(folder / "stopped/model.safetensors"));

  REQUIRE(run(with({folder / "stopped", "--resume", "--quiet"})).status == 0);
  REQUIRE(run(with({folder / "whole", "--quiet"})).status == 0);
  const auto numbers = [&](const char* name) { return read(folder / name + "/model.safetensors"); };
  CHECK(numbers("stopped") == numbers("whole"));
  const RunRecord a = read_run_record(folder / "stopped/run.json"), b = read_run_record(folder / "whole/run.json");
  CHECK(a.history.size() == b.history.size());
  CHECK(a.accuracy.test == b.accuracy.test);
}

TEST_CASE("--resume continues only the same training; --resume-anyway another one too, and run.json says so") {
  TemporaryFolder folder;
  const std::string out = folder / "run", other = folder / "other";
  std::filesystem::copy(data_folder(), other);
  std::string pixels = read(other + "/" + mnist::train_images.name);
  pixels.back() = char(pixels.back() + 1);
  write(other + "/" + mnist::train_images.name, pixels);
  const auto with = [&](std::vector<std::string> more) {
    std::vector<std::string> words{"--batch", "32", "--quiet"};
    for (const auto& [option, value] : {std::pair<std::string, std::string>{"--out", out}, {"--data", data_folder()}})
      if (std::find(more.begin(), more.end(), option) == more.end()) words.insert(words.end(), {option, value});
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  REQUIRE(run(with({"--epochs", "2", "--threads", "1"})).status == 0);
  const std::string checkpoint = read(out + "/checkpoint.strata"), record = read(out + "/run.json");
  CHECK(refuses(with({"--epochs", "3", "--resume", "--seed", "2"}),
                "was written with --seed 1, and this training has 2; resume with the same"));
  CHECK(refuses(with({"--epochs", "3", "--resume", "--recipe", "large-batch"}),
                "--recipe workshop, and this training has large-batch"));
  CHECK(refuses(with({"--epochs", "3", "--resume", "--data", other}), " of digest "));
  CHECK(read(out + "/checkpoint.strata") == checkpoint);
  CHECK(read(out + "/run.json") == record);

  const Finished done = run({"--out", out, "--batch", "32", "--data", data_folder(), "--epochs", "1", "--resume"});
  CHECK(done.status == 0);
  CHECK(done.output.find("there is nothing to do: " + out +
                         "/checkpoint.strata is from iteration 16, and 1 epoch has 8") != std::string::npos);
  CHECK(read(out + "/run.json") == record);

  REQUIRE(run(with({"--epochs", "3", "--resume", "--threads", "2"})).status ==
          0);  // more epochs on other threads, in another folder
  CHECK(read_run_record(out + "/run.json").resumed_anyway.empty());
  std::filesystem::rename(folder / "run", folder / "moved");
  REQUIRE(run(with({"--epochs", "4", "--resume", "--out", folder / "moved"})).status == 0);
  std::filesystem::rename(folder / "moved", folder / "run");

  CHECK(refuses(with({"--epochs", "5", "--resume-anyway", "--filters", "4,8,16"}), "another network"));
  REQUIRE(run(with({"--epochs", "5", "--resume-anyway", "--data", other})).status == 0);
  const std::vector<std::string> said = read_run_record(out + "/run.json").resumed_anyway;
  REQUIRE(!said.empty());
  CHECK(said[0].starts_with("from iteration 32 on: written with "));
  REQUIRE(run(with({"--epochs", "6", "--resume", "--data", other})).status == 0);
  CHECK(read_run_record(out + "/run.json").resumed_anyway == said);
  CHECK(refuses({"--data", data_folder(), "--resume-anyway", "--out", folder / "nothing"},
                "--resume-anyway: there is no"));
}

TEST_CASE("sets of MNIST's form: letters are refused, images stored by columns are turned upright") {
  TemporaryFolder folder;
  Bytes letters;
  for (int i = 0; i < 52; i++) letters.push_back((unsigned char)(1 + i % 26));
  for (const char* part : {"train", "test"}) {
    const std::string start = folder / (std::string("emnist-letters-") + part);
    write(start + "-images-idx3-ubyte.gz", gzip(idx({52, 28, 28}, Bytes(52 * 784, 9))));
    write(start + "-labels-idx1-ubyte.gz", gzip(idx({52}, letters)));
  }
  CHECK(refuses({"--data", folder / "emnist-letters", "--out", folder / "run"}, "its labels are 26 letters"));

  Idx columns = read_idx(data_folder() + "/" + mnist::train_images.name, 3);
  strata::data::detail::transpose(columns);
  std::filesystem::copy(data_folder(), folder / "columns");
  write(folder / "columns/" + mnist::train_images.name, idx({320, 28, 28}, columns.numbers));
  Idx of_test = read_idx(data_folder() + "/" + mnist::test_images.name + ".gz", 3);
  strata::data::detail::transpose(of_test);
  write(folder / "columns/" + mnist::test_images.name + ".gz", gzip(idx({60, 28, 28}, of_test.numbers)));
  const auto numbers = [&](const std::string& set, std::vector<std::string> more) {
    std::vector<std::string> words{"--data", set, "--epochs", "1", "--batch", "64", "--out", folder / "run", "--quiet"};
    words.insert(words.end(), more.begin(), more.end());
    REQUIRE(run(words).status == 0);
    const Safetensors file = read_safetensors(folder / "run/model.safetensors");
    return Bytes(file.bytes.begin() + long(file.tensors[0].begin), file.bytes.end());
  };
  const Bytes upright = numbers(data_folder(), {});
  CHECK(numbers(folder / "columns", {"--transposed"}) == upright);
  CHECK(numbers(folder / "columns", {}) != upright);
}

TEST_CASE("the table trains each batch size in a process of its own") {
  TemporaryFolder folder;
  const Finished e =
      run({"table", "--data", data_folder(), "--epochs", "1", "--batches", "64,128", "--out", folder / "t", "--quiet"});
  REQUIRE_MESSAGE(e.status == 0, e.output << e.errors);
  CHECK(read_run_record(folder / "t/batch-64/run.json").batch == 64);
  CHECK(read_run_record(folder / "t/batch-128/run.json").iterations == 2);
  CHECK(read(folder / "t/table.csv").find("\n128,2,") != std::string::npos);
  const Finished failed = run(
      {"table", "--data", data_folder(), "--epochs", "1", "--batches", "64,1000", "--out", folder / "u", "--quiet"});
  CHECK(failed.status == 1);
  CHECK(failed.output.find("1000  failed with status 1") != std::string::npos);
}

TEST_CASE("bad input is refused in one sentence, and existing files stay") {
  TemporaryFolder folder;
  const std::string out = folder / "run";
  ::setenv("STRATA_DATA", folder.path().c_str(), 1);  // an option that is not refused finds no data, here or elsewhere
  ::setenv("STRATA_MNIST_URL", "http://127.0.0.1:9/", 1);
  ::setenv("XDG_CACHE_HOME", folder.path().c_str(), 1);
  struct Refused {
    std::vector<std::string> words;
    const char* part;
  };
  for (const Refused& r : std::vector<Refused>{
           {{"--epochs", "0"}, "--epochs: '0' is not a number from 1 to"},
           {{"--metrics", "f1,luck"}, "there is no metric 'luck'"},
           {{"--epochs", "-3"}, "--epochs: '-3' is not a number"},
           {{"--epochs", "many"}, "--epochs: 'many' is not a number"},
           {{"--epochs", "99999999999999"}, "--epochs: '99999999999999' is not a number"},
           {{"--batch", "0"}, "--batch: '0' is not a number"},
           {{"--threads", "-1"}, "--threads: '-1' is not a number"},
           {{"--threads", "5000"}, "--threads: '5000' is not a number"},
           {{"--seed", "-1"}, "--seed: '-1' is not a number"},
           {{"--seed", "1.5"}, "--seed: '1.5' is not a number"},
           {{"--seed", "99999999999999999999"}, "--seed: '99999999999999999999' is not a number"},
           {{"--filters", "3,3,3"}, "--filters: there is no '3,3,3'; choose 4,8,16 or 8,16,32 or 16,32,64"},
           {{"--recipe", "magic"}, "--recipe"},
           {{"--device", "abacus"}, "--device: there is no 'abacus'; choose cpu"},
           {{"--precision", "fp8"}, "--precision: there is no 'fp8'; choose tf32 or fp32 or fp16 or bf16"},
           {{"--precision", "tf32"}, "--precision tf32: a CPU computes in fp32; use that, or --device cuda"},
           {{"table", "--precision", "bf16"}, "--precision bf16: a CPU computes in fp32"},
           {{"--nonsense"}, "--nonsense"},
           {{"table", "--batches", "64,0"}, "--batches: '0' is not a number"},
           {{"predict"}, "--model"},
           {{"train"}, "train"}})
    CHECK(refuses(r.words, r.part));
  CHECK(refuses({"--data", "/nowhere", "--out", out}, "/nowhere"));
  CHECK(refuses({"--data", data_folder(), "--out", "/proc/nowhere"}, "/proc/nowhere"));
  CHECK(refuses({"--data", data_folder(), "--out", ""}, "--out"));
  CHECK(refuses({"--data", data_folder(), "--batch", "1000", "--out", out}, "partial batches are dropped"));
  CHECK(refuses({"--data", data_folder(), "--resume", "--out", out}, "--resume: there is no"));
  write(folder / "file", std::string("precious"));
  CHECK(refuses({"--data", data_folder(), "--out", folder / "file"}, "file"));
  CHECK(read(folder / "file") == "precious");

  write(out + "/checkpoint.strata", std::string("STRATACP and nonsense"));
  CHECK(refuses({"--data", data_folder(), "--batch", "64", "--resume", "--out", out}, "checkpoint"));
  CHECK(read(out + "/checkpoint.strata") == "STRATACP and nonsense");
  std::filesystem::remove_all(out);
  REQUIRE(run({"--data", data_folder(), "--epochs", "1", "--batch", "64", "--out", out, "--quiet"}).status == 0);
  CHECK(refuses({"--data", data_folder(), "--epochs", "2", "--batch", "32", "--resume", "--out", out},
                "--batch 64, and this training has 32"));
  CHECK(refuses(
      {"--data", data_folder(), "--epochs", "2", "--batch", "64", "--filters", "4,8,16", "--resume", "--out", out},
      "--filters 8,16,32, and this training has 4,8,16"));
}

TEST_CASE("--device cuda where there is none: one sentence, before anything is written or read") {
  const bool offered = offers_cuda("digits", {});
  if (offered && has_gpu_driver()) return;  // nothing is refused
  TemporaryFolder folder;
  const std::string out = folder / "run";
  for (const char* precision : {"tf32", "fp32", "fp16", "bf16"})
    CHECK(refuses_cuda("digits", {"--data", "/nowhere", "--out", out, "--precision", precision}, offered));
  CHECK(refuses_cuda("digits", {"table", "--data", "/nowhere", "--out", out}, offered));
  CHECK(!std::filesystem::exists(out));

  REQUIRE(
      run({"--data", data_folder(), "--epochs", "1", "--batch", "64", "--precision", "fp32", "--out", out, "--quiet"})
          .status == 0);
  const Dataset test = digit_set(1, 2);
  write(folder / "digit.png", encode_png(test.bytes(0), {28, 28, 1}));
  CHECK(refuses_cuda("digits", {"predict", "--model", out + "/model.safetensors", folder / "digit.png"}, offered));
}

}  // namespace examples_digits
