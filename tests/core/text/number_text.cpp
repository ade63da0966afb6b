// SPDX-License-Identifier: MIT
#include <strata/core/text/number_text.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <limits>

using namespace strata;

namespace {

std::string printed(const char* format, int digits, double value) {
  char text[512];
  std::snprintf(text, sizeof text, format, digits, value);
  return text;
}

/// Zeros, ties, the ends of the range, and numbers of every magnitude.
template <class Check>
void for_numbers(Check check) {
  constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  for (double x : {0., -0., 0.5, 1.5, 2.5, 0.125, 0.005, 1e5, 1e6, 999999.5, 9.999995, 123456.789, 1e-4, 1e-5, 5e-324,
                   2.2e-308, 1.7976931348623157e308, inf, nan})
    check(x), check(-x);
  double x = 1e-300;
  for (int i = 0; i < 2000; i++, x *= 1.9973) check(x), check(-x);
}

}  // namespace

TEST_CASE("in the C locale numbers are what printf makes of them") {
  for_numbers([](double x) {
    for (int digits : {0, 1, 2, 3, 4, 9}) CHECK(core::fixed(x, digits) == printed("%.*f", digits, x));
    for (int digits : {1, 4, 6, 10, 17}) CHECK(core::general(x, digits) == printed("%.*g", digits, x));
    CHECK(core::general(x) == printed("%.*g", 6, x));
  });
}

TEST_CASE("the shortest digits read back as the same number") {
  for_numbers([](double x) {
    const std::string text = core::shortest(x);
    double back = 0;
    CHECK(std::from_chars(text.data(), text.data() + text.size(), back).ptr == text.data() + text.size());
    if (std::isnan(x)) CHECK(std::isnan(back));
    else CHECK(back == x);
  });
  CHECK(core::shortest(0.1) == "0.1");
}

TEST_CASE("more digits than fit") {
  CHECK(core::fixed(-1.7976931348623157e308, 1000).size() == 1 + 309 + 1 + 60);
  CHECK(core::general(1e-300, 1000).size() == 1 + 1 + 59 + 5);  // d.d...de-301
}

TEST_CASE("integers and columns") {
  CHECK(core::decimal(1234567) == "1234567");
  CHECK(core::decimal(std::numeric_limits<long long>::min()) == "-9223372036854775808");
  CHECK(core::decimal(std::numeric_limits<unsigned long>::max()) == "18446744073709551615");
  CHECK(core::padded("7", 2, '0') == "07");
  CHECK(core::padded("7", 3) == "  7");
  CHECK(core::padded("1234", 3) == "1234");
}
