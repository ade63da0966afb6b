// SPDX-License-Identifier: MIT
// Records of events against those that TensorBoard writes, byte for byte, and against a reader of the tests.
#include <strata/report/event_record.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "../golden/events.hpp"
#include "../support/event_reader.hpp"

using namespace strata;
using namespace strata::report;
using namespace strata::testing;

namespace {

std::string hexadecimal(const std::string& bytes) {
  std::string out;
  for (const char byte : bytes)
    for (const int digit : {(byte >> 4) & 15, byte & 15}) out += "0123456789abcdef"[digit];
  return out;
}

std::string written(const EventRecord& record) { return hexadecimal(record_bytes(record)); }

}  // namespace

TEST_CASE("checksums of RFC 3720's examples") {
  const auto crc = [](const std::string& bytes) { return report::detail::crc32c(bytes); };
  CHECK(crc("") == 0);
  CHECK(crc("123456789") == 0xE3069283u);
  CHECK(crc(std::string(32, '\0')) == 0x8A9136AAu);
  CHECK(crc(std::string(32, '\xff')) == 0x62A8AB43u);
  CHECK(report::detail::masked_crc("") == 0xA282EAD8u);
}

TEST_CASE("the bytes are TensorBoard's") {
  CHECK(written({.wall_time = 1.75e9, .version = "brain.Event:2"}) == golden::event_version);
  CHECK(written({.wall_time = 1764547200.25, .step = 1, .scalars = {{"iteration/loss", 2.302585}}}) ==
        golden::event_one);
  CHECK(written({.wall_time = 1764547201.5,
                 .step = 123456789012,
                 .scalars = {{"iteration/loss", std::numeric_limits<double>::quiet_NaN()},
                             {"iteration/accuracy", 0},
                             {"iteration/rate", 1e-7},
                             {"\u00e4\u4e2d/" + std::string(200, 'x'), -1e38}}}) == golden::event_several);
  CHECK(written({.wall_time = 3.5, .step = 520, .starts = true}) == golden::event_start);
  CHECK(written({}) == golden::event_empty);
}

TEST_CASE("numbers at the limits are read back") {
  const double huge = 1e300, nan = std::numeric_limits<double>::quiet_NaN();
  for (const long step : {0L, 1L, 127L, 128L, 16383L, 16384L, std::numeric_limits<long>::max(), -1L}) {
    const std::vector<ReadEvent> events = events_of(
        record_bytes({.wall_time = -0.0, .step = step, .scalars = {{"a", huge}, {"b", nan}, {"c", -0.0}, {"", 7}}}));
    REQUIRE(events.size() == 1);
    CHECK(events[0].step == step);
    CHECK(std::signbit(events[0].wall_time));
    REQUIRE(events[0].scalars.size() == 4);
    CHECK(std::isinf(events[0].scalars[0].value));  // single precision
    CHECK(std::isnan(events[0].scalars[1].value));
    CHECK(std::signbit(events[0].scalars[2].value));
    CHECK(events[0].scalars[3].value == 7);
  }
}
