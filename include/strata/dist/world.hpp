// SPDX-License-Identifier: MIT
// The processes that train one model together, as the environment specifies them:
//
//   STRATA_WORLD=N         the number of processes; unset: this one alone
//   STRATA_RANK=r          which of them this is, from 0
//   STRATA_MEET=host:port  where the others reach process 0
//   STRATA_SECRET          what the processes prove that they know; unset: they meet on the loopback only
// (cuda/runtime/device_choice.hpp has the devices of each.)
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/text/number_text.hpp>

#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strata::dist {

/// The processes that train together, and where they meet.
struct World {
  int processes = 1, rank = 0;  ///< number of processes; this one's, from 0
  std::string host, port;       ///< of process 0
  std::string secret{};         ///< 16 characters or more; empty: only the loopback is trusted

  /// The settings in the environment. Throws Error where a variable is missing or malformed.
  static World from_environment() {
    World world;
    const char *processes = given("STRATA_WORLD"), *rank = given("STRATA_RANK"), *meet = given("STRATA_MEET");
    if (!processes) {
      if (rank || meet)
        throw Error("dist: ", rank ? "STRATA_RANK" : "STRATA_MEET",
                    " is set and STRATA_WORLD is not; set it to the number of processes");
      return world;
    }
    world.processes = number("STRATA_WORLD", processes, 1, most_processes);
    if (!rank)
      throw Error("dist: STRATA_WORLD is ", world.processes,
                  " and STRATA_RANK is not set; give each process its number, 0 to ", world.processes - 1);
    world.rank = number("STRATA_RANK", rank, 0, world.processes - 1);
    if (world.processes == 1) return world;
    const std::string place = meet ? meet : "";
    const std::size_t colon = place.rfind(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == place.size())
      throw Error("dist: STRATA_MEET is \"", place,
                  "\"; give all processes the host of process 0 and a free port there, as in node1:29400");
    world.host = place.substr(0, colon), world.port = place.substr(colon + 1);
    if (world.host.size() > 2 && world.host.front() == '[' && world.host.back() == ']')
      world.host = world.host.substr(1, world.host.size() - 2);
    if (const char* secret = given("STRATA_SECRET")) world.secret = secret;
    world.check();
    return world;
  }

  /// Throws Error where several processes cannot meet with these settings.
  void check() const {
    if (processes < 2 || processes > most_processes || rank < 0 || rank >= processes)
      throw Error("dist: process ", rank, " of ", processes, " is invalid; give 2 to ", most_processes,
                  " processes ranks from 0");
    if (!whole(port, 1, 65535))
      throw Error("dist: STRATA_MEET is \"", host, ':', port,
                  "\", but a port is a number from 1 to 65535; give another");
    if (!secret.empty() && secret.size() < least_secret)
      throw Error("dist: STRATA_SECRET has ", secret.size(), " characters, which can be guessed; give ", least_secret,
                  " or more (openssl rand -hex 32 makes 64)");
  }

  static constexpr int most_processes = 1 << 20;  ///< the largest number of processes

 private:
  static constexpr std::size_t least_secret = 16;

  static const char* given(const char* name) {
    const char* text = std::getenv(name);
    return text && *text ? text : nullptr;
  }
  /// The value of `text`, if it is a number in [least, most] and nothing else.
  static std::optional<int> whole(std::string_view text, int least, int most) {
    const std::optional<int> value = core::number_in<int>(text);
    return value && *value >= least && *value <= most ? value : std::nullopt;
  }
  static int number(const char* name, const char* text, int least, int most) {
    if (const auto value = whole(text, least, most)) return *value;
    throw Error("dist: ", name, " is \"", text, "\"; give a number from ", least, " to ", most);
  }
};

}  // namespace strata::dist
