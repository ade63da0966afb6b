// SPDX-License-Identifier: MIT
// Descriptions of machines, and how fast this one is.
#include <strata/report/machine_description.hpp>

#include <doctest/doctest.h>

#include "../support/refusal.hpp"
#include "../support/tolerance.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::report;
using namespace strata::testing;

namespace {

MachineDescription described() {
  MachineDescription m{.machine = {.name = "there",
                                   .cpu = "a processor",
                                   .compiler = "gcc 12.2",
                                   .flags = "AVX2",
                                   .cores = 4,
                                   .ram_bytes = 16'000'000'000}};
  m.device = device_of(m.machine);
  m.available_bytes = 15'000'000'000;
  m.speeds = {{1, 100, {{1 << 18, 80}, {1 << 26, 20}}}, {4, 400, {{1 << 18, 320}, {1 << 26, 40}}}};
  return m;
}

Bytes bytes(const std::string& text) { return {text.begin(), text.end()}; }

}  // namespace

TEST_CASE("a description is read back from its text") {
  const MachineDescription m = described(), read = parse_machine_description(bytes(text_of(m)), "m");
  CHECK(read.machine.cpu == "a processor");
  CHECK(read.machine.cores == 4);
  CHECK(read.available_bytes == m.available_bytes);
  CHECK(read.speeds == m.speeds);
  CHECK(!read.on_gpu());
  CHECK(read.memory_bytes() == 16'000'000'000);
}

TEST_CASE("a known GPU is described by its data sheet") {
  const MachineDescription read = parse_machine_description(bytes(text_of(describe(graph::v100_peak))), "m");
  CHECK(read.on_gpu());
  CHECK(read.device.precision == "float32");
  CHECK(read.memory_bytes() == 16'000'000'000);
  CHECK(read.sheet == DataSheet{15.7, 0, 125, 0, 0.9});
  CHECK(rates_of(read, 1, 1, "float16").products == graph::rates_of(graph::v100_peak, 125).products);
}

TEST_CASE("rates lie between those of the measured threads and working sets") {
  const MachineDescription m = described();
  CHECK(rates_of(m, 1, 1 << 18, "").bytes == doctest::Approx(80e9));
  CHECK(rates_of(m, 1, 1, "").bytes == doctest::Approx(80e9));
  CHECK(rates_of(m, 1, 1 << 22, "").bytes == doctest::Approx(40e9));
  CHECK(rates_of(m, 1, 1e12, "").bytes == doctest::Approx(20e9));
  CHECK(rates_of(m, 4, 1 << 26, "").bytes == doctest::Approx(40e9));
  CHECK(rates_of(m, 64, 1 << 26, "").bytes == doctest::Approx(40e9));
  CHECK(rates_of(m, 2, 1 << 26, "").bytes == doctest::Approx((20 + 20. / 3) * 1e9));
  CHECK(rates_of(m, 1, 1, "").products == doctest::Approx(1 / (1 / 50e9 + 0.5 / 80e9)));
  CHECK(rates_of(m, 4, 1, "").products > 3.9 * rates_of(m, 1, 1, "").products);
}

TEST_CASE("what is not a description, or an impossible one, is refused in a sentence") {
  const auto json = nlohmann::json::parse(text_of(described()));
  const auto says = [&](const std::string& at, const nlohmann::json& value, const char* part) {
    auto damaged = json;
    damaged[nlohmann::json::json_pointer(at)] = value;
    return refuses([&] { parse_machine_description(bytes(damaged.dump()), "m"); },
                   "m: is a damaged description of a machine (", part);
  };
  CHECK(says("/speeds", nlohmann::json::array(), "no speeds"));
  CHECK(says("/speeds/0/threads", 0, "no thread"));
  CHECK(says("/speeds/1/threads", 1, "do not increase"));
  CHECK(says("/speeds/0/gflops", 0, "out of range"));
  CHECK(says("/speeds/0/gflops", nullptr, "not a number"));
  CHECK(says("/speeds/0/gflops", "many", "not a number"));
  CHECK(says("/speeds/0/bandwidth", nlohmann::json::array(), "no bandwidth"));
  CHECK(says("/speeds/0/bandwidth/1/bytes", 5, "do not increase"));
  CHECK(says("/speeds/0/bandwidth/0/gigabytes_per_second", -1, "out of range"));
  CHECK(says("/device/kind", "abacus", "neither cpu nor cuda"));
  CHECK(says("/device/kind", "cuda", "data_sheet"));
  CHECK(says("/machine/cores", -1, "cores"));
  CHECK(refuses([&] { parse_machine_description(bytes("{}"), "m"); }, "m: is not a description of a machine",
                "strata.machine/1", "compare describe"));
  CHECK(refuses([&] { parse_machine_description(bytes(""), "m"); }, "m: is a damaged description"));
}

TEST_CASE("this machine has speeds, and more threads are not slower than one in registers") {
  const MachineSpeed one = measure_speed(1);
  CHECK(one.threads == 1);
  CHECK(one.gflops > 0.1);
  REQUIRE(one.bandwidth.size() >= 2);
  for (const Bandwidth& b : one.bandwidth) CHECK(b.gigabytes_per_second > 0.01);
}
