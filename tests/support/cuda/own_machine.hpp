// SPDX-License-Identifier: MIT
// Runs a body in its own process with a newly started machine, since a process keeps its devices.
#pragma once

#include <strata/core/error.hpp>

#include <doctest/doctest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <type_traits>

#include "recording_runtime.hpp"

namespace strata::testing {

/// What the body returns, "" where it returns void; or the text of what it throws.
template <class Body>
std::string on_own_machine(const device::Setup& setup, Body&& body) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::string text;
    device::begin(setup);
    try {
      if constexpr (std::is_void_v<decltype(body())>) body();
      else text = body();
    } catch (const Error& error) {
      text = error.what();
    } catch (const std::exception& error) {
      text = std::string("not a strata::Error: ") + error.what();
    }
    std::size_t written = 0;
    for (ssize_t n = 1; n > 0 && written < text.size(); written += std::size_t(n))
      if ((n = ::write(ends[1], text.data() + written, text.size() - written)) < 0) n = 0;
    ::_exit(written == text.size() ? 0 : 1);
  }
  ::close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t n; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;) text.append(buffer, std::size_t(n));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
  return text;
}

}  // namespace strata::testing
