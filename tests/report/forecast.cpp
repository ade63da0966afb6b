// SPDX-License-Identifier: MIT
// Forecasts on machines and runs whose times follow the model exactly.
#include <strata/report/forecast.hpp>
#include <strata/report/forecast_tables.hpp>
#include <strata/report/machine_request.hpp>

#include <doctest/doctest.h>

#include "../support/refusal.hpp"
#include "../support/run_records.hpp"

using namespace strata;
using namespace strata::report;
using namespace strata::testing;

namespace {

/// A machine whose threads each do `speed` times as much.
MachineDescription machine(const std::string& cpu, double speed, int cores = 4) {
  MachineDescription m{.machine = {.name = "there",
                                   .cpu = cpu,
                                   .compiler = "gcc 12.2",
                                   .flags = "AVX2",
                                   .cores = cores,
                                   .ram_bytes = 2'000'000'000}};
  m.device = device_of(m.machine);
  for (int threads = 1; threads <= cores; threads *= 2) {
    const double all = speed * threads;
    m.speeds.push_back({threads, 100 * all, {{1 << 18, 80 * all}, {1 << 26, 20 * all}}});
  }
  return m;
}

/// A run whose updates take 1.5 times as long as in theory.
Measurement measured(int batch, int threads, bool with_needs = true) {
  Measurement out{"m", made_run(batch, threads, 1), machine("a processor", 1)};
  RunRecord& r = out.record;
  r.work.add({0, 10, 0, 0, 300'000}), r.work.add({16, 10, 4e6, 2e6, 100'000});
  r.work.update_bytes = 1e6, r.work.working_set = 1 << 20;
  r.memory = {.per_image = 20'000, .per_thread = 1'000'000, .group = 16};
  const double seconds = 1.5 * report::detail::in_theory(r, {out.machine, threads, ""}, batch);
  for (std::size_t i = 0; i < r.history.size(); i++) r.history[i].seconds = seconds * double(i + 2);
  if (!with_needs) r.work = graph::StepWork(), r.memory = MemoryGrowth();
  return out;
}

double seconds_of(const Measurement& m) { return update_times(m.record).median; }

}  // namespace

TEST_CASE("the same machine, batch and threads: the measured time") {
  const Measurement m = measured(1024, 2);
  const Forecast f = forecast({m}, {m.machine, 2}, 1024);
  CHECK(f.update.likely == doctest::Approx(seconds_of(m)));
  CHECK(f.update.holds(seconds_of(m)));
  CHECK(f.update.high < 1.1 * f.update.likely);
  CHECK(f.memory.likely == doctest::Approx(double(m.record.peak_rss_bytes)));
  CHECK(f.fit == Fit::yes);
}

TEST_CASE("other batch sizes and threads follow the model where the measured run does") {
  const Measurement m = measured(1024, 2);
  for (const int threads : {1, 2, 4})
    for (const int batch : {256, 1024, 8192}) {
      const Measurement truth = measured(batch, threads);
      const Forecast f = forecast({m}, {m.machine, threads}, batch);
      CHECK(f.update.likely == doctest::Approx(seconds_of(truth)));
      CHECK(f.update.holds(seconds_of(truth)));
    }
}

TEST_CASE("a machine twice as fast takes half the time, in a wider band") {
  const Measurement m = measured(1024, 2);
  const Forecast here = forecast({m}, {m.machine, 2}, 1024), there = forecast({m}, {machine("another", 2), 2}, 1024);
  const double barriers = 1.5 * m.record.work.kernels() * 2e-6;  // as long there
  CHECK(there.update.likely - barriers == doctest::Approx((here.update.likely - barriers) / 2));
  CHECK(there.update.high / there.update.likely > here.update.high / here.update.likely);
  MachineDescription other = machine("another", 2);
  other.machine.flags = "NEON";
  CHECK(forecast({m}, {other, 2}, 1024).update.high > there.update.high);
}

TEST_CASE("the slowness of two batch sizes is interpolated, and further batches widen the band") {
  Measurement small = measured(256, 2), large = measured(4096, 2);
  for (training::Record& r : large.record.history) r.seconds *= 2;
  const Target here{small.machine, 2};
  CHECK(forecast({small, large}, here, 256).update.likely == doctest::Approx(seconds_of(small)));
  CHECK(forecast({small, large}, here, 4096).update.likely == doctest::Approx(seconds_of(large)));
  CHECK(forecast({small, large}, here, 1024).update.likely ==
        doctest::Approx(std::sqrt(2) * seconds_of(measured(1024, 2))));
  const auto width = [&](int batch) {
    const Forecast f = forecast({small, large}, here, batch);
    return f.update.high / f.update.likely;
  };
  CHECK(width(1024) == doctest::Approx(width(4096)));
  CHECK(width(32'768) > width(4096));
  CHECK(width(16) > width(256));
}

TEST_CASE("several runs of a batch size count by their median, and their spread widens the band") {
  const Measurement m = measured(1024, 2);
  Measurement slow = m, slower = m;
  for (training::Record& r : slow.record.history) r.seconds *= 1.5;
  for (training::Record& r : slower.record.history) r.seconds *= 2;
  const Forecast one = forecast({m}, {m.machine, 2}, 1024), all = forecast({slower, m, slow}, {m.machine, 2}, 1024);
  CHECK(all.update.likely == doctest::Approx(1.5 * seconds_of(m)));
  CHECK(all.update.high / all.update.likely >= 1.5);
  CHECK(one.update.high / one.update.likely < 1.1);
}

TEST_CASE("runs of the nearest number of threads count") {
  Measurement one = measured(1024, 1), two = measured(1024, 2);
  for (training::Record& r : one.record.history) r.seconds *= 3;
  CHECK(forecast({one, two}, {one.machine, 2}, 1024).update.likely == doctest::Approx(seconds_of(two)));
  CHECK(forecast({one, two}, {one.machine, 4}, 1024).update.likely ==
        doctest::Approx(seconds_of(two) / 2).epsilon(0.1));
  CHECK(forecast({one, two}, {one.machine, 1}, 1024).update.likely == doctest::Approx(seconds_of(one)));
}

TEST_CASE("memory grows by image, in groups, and by thread; cached images do not count") {
  Measurement m = measured(1024, 2);
  m.record.memory.cache = 30'000'000;
  const double measured_bytes = double(m.record.peak_rss_bytes) - 30e6;
  const auto bytes = [&](int batch, int threads) { return forecast({m}, {m.machine, threads}, batch).memory.likely; };
  CHECK(bytes(1024, 2) == doctest::Approx(measured_bytes));
  CHECK(bytes(2048, 2) == doctest::Approx(measured_bytes + 1024 * 20'000));
  CHECK(bytes(1025, 2) == doctest::Approx(measured_bytes + 16 * 20'000));
  CHECK(bytes(1024, 4) == doctest::Approx(measured_bytes + 2e6));
}

TEST_CASE("a batch that needs more memory than the machine has does not fit; near the limit it may") {
  const Measurement m = measured(1024, 2);  // 51 MB and 20 kB an image, of 2 GB
  const auto fit = [&](int batch) { return forecast({m}, {m.machine, 2}, batch).fit; };
  CHECK(fit(80'000) == Fit::yes);
  CHECK(fit(97'000) == Fit::perhaps);
  CHECK(fit(120'000) == Fit::no);
}

TEST_CASE("records of an earlier version: time by the peaks, memory from two runs or at most one's share") {
  const Measurement m = measured(1024, 2, false), other = measured(4096, 2, false);
  const MachineDescription fast = machine("another", 2);
  const Forecast f = forecast({m}, {fast, 2}, 1024);
  CHECK(f.update.likely == doctest::Approx(seconds_of(m) / 2).epsilon(0.01));
  CHECK(forecast({m}, {m.machine, 2}, 2048).update.likely == doctest::Approx(2 * seconds_of(m)).epsilon(0.01));
  CHECK(forecast({m, other}, {m.machine, 2}, 2048).memory.likely ==
        doctest::Approx(51e6 + 2048 * 20'000).epsilon(0.01));
  CHECK(forecast({m}, {m.machine, 2}, 2048).memory.likely >= 51e6 + 2048 * 20'000);
  RunRecord old = m.record, now = measured(8, 1).record;
  share_work({&old, &now});
  CHECK(old.work == now.work);
}

TEST_CASE("a GPU is forecast from its data sheet, by direct sums, within a factor of two or more") {
  const Measurement m = measured(1024, 2);
  const Forecast f = forecast({m}, {describe(graph::h100_peak), 1, "tf32"}, 1024);
  graph::StepWork direct = m.record.work;
  for (int k = 0; k < direct.count; k++) direct.pieces[k].products = direct.pieces[k].macs;
  const graph::Rates rates = graph::rates_of(graph::h100_peak, graph::h100_peak.tf32);
  CHECK(f.update.likely == doctest::Approx(graph::time_of(direct, 1024, rates).seconds));
  CHECK(f.update.high >= 2 * f.update.likely);
  CHECK(f.threads == 1);
}

TEST_CASE("validation images take their share of an update") {
  Measurement m = measured(1024, 2);
  const double image = seconds_of(m) / 1024;
  CHECK(forecast({m}, {m.machine, 2}, 1024).image.likely == doctest::Approx(image / 3));
  m.record.history.back().validation_accuracy = 0.9;
  m.record.seconds.validate = 7'500 * image / 4;
  CHECK(forecast({m}, {m.machine, 2}, 1024).image.likely == doctest::Approx(image / 4));
}

TEST_CASE("a run without any time is refused") {
  Measurement m = measured(1024, 2);
  m.record.history.clear(), m.record.seconds.per_iteration = 0;
  CHECK(refuses([&] { forecast({m}, {m.machine, 2}, 1024); }, "m: has no time of an update"));
}

TEST_CASE("the table of forecasts states the training's time, and errors are those of known runs") {
  const Measurement m = measured(1024, 2);
  const Target there{machine("another", 1), 2};
  const Job job{.epochs = 2, .training = 10'240, .validation = 100, .test = 50, .validations = 2};
  std::vector<Forecast> all;
  for (const int batch : {1024, 20'000, 150'000}) all.push_back(forecast({m}, there, batch));
  const Table table = forecast_table(all, there, job, m.record);
  REQUIRE(table.rows.size() == 3);
  CHECK(table.rows[0][6].text == "yes");
  CHECK(table.rows[2][6].text == "no");
  CHECK(table.rows[1][7].text == "-");  // more images than there are
  const double seconds = 2 * 10 * seconds_of(m) + 250 * seconds_of(m) / 1024 / 3;
  CHECK(table.rows[0][7].value == core::fixed(seconds, 3));
  RunRecord slower = measured(2048, 2).record;
  for (training::Record& r : slower.history) r.seconds *= 1.25;
  const Table errors = error_table({m}, m.machine, {{"x", "x", m.record}, {"y", "y", slower}});
  REQUIRE(errors.rows.size() == 2);
  CHECK(errors.rows[0][6].text == "0.0 %");
  CHECK(errors.rows[1][6].text == "-20.0 %");
  CHECK(errors.note.find("10.0 % on average, 20.0 % at most") != std::string::npos);
}

TEST_CASE("the request states the job, the needs by batch size and the measurement") {
  const Measurement m = measured(1024, 2);
  const std::string page =
      request_text({.measured = {m},
                    .target = {machine("another", 1), 2},
                    .job = {.epochs = 50, .training = 52'500, .validation = 7'500, .test = 10'000, .validations = 50},
                    .batches = {1024, 32'768},
                    .hours = 0.001});
  for (const char* part : {"Request for a machine: Digits<8,16,32> on MNIST", "50 epochs of 52500 images", "0.0549 GB",
                           "disk", "accelerator GB", "another, 2 threads", "times as fast", "extrapolated from",
                           "m: batch 1024, a processor, 2 threads", "4 cores with 400 GFLOP/s"})
    CHECK_MESSAGE(page.find(part) != std::string::npos, part, "\n", page);
  CHECK(page.find("nan") == std::string::npos);
  CHECK(page.find("inf") == std::string::npos);
}
