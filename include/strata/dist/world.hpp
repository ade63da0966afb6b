// SPDX-License-Identifier: MIT
// The processes that train one model together, and the devices of each, as the environment says it:
//
//   STRATA_WORLD=N         processes; unset: this one alone
//   STRATA_RANK=r          which of them this is, from 0
//   STRATA_MEET=host:port  where process 0 is to be reached by the others
//   STRATA_CUDA_DEVICES    this process's devices: "0,1" in the order of their ranks, or "all"; unset: all
#pragma once

#include <strata/core/error.hpp>

#include <cstdlib>
#include <string>
#include <vector>

namespace strata::dist {

struct World {
  int processes = 1, rank = 0;
  std::string host, port;  ///< of process 0

  static World from_environment() {
    World world;
    const char *processes = given("STRATA_WORLD"), *rank = given("STRATA_RANK"), *meet = given("STRATA_MEET");
    if (!processes) {
      if (rank || meet) throw Error("dist: ", rank ? "STRATA_RANK" : "STRATA_MEET", " is set and STRATA_WORLD is not; set it to the number of processes");
      return world;
    }
    world.processes = number("STRATA_WORLD", processes, 1, 1 << 20);
    if (!rank) throw Error("dist: STRATA_WORLD is ", world.processes, " and STRATA_RANK is not set; give each process its number, 0 to ", world.processes - 1);
    world.rank = number("STRATA_RANK", rank, 0, world.processes - 1);
    if (world.processes == 1) return world;
    const std::string place = meet ? meet : "";
    const std::size_t colon = place.rfind(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == place.size())
      throw Error("dist: STRATA_MEET is \"", place, "\"; give all processes the host of process 0 and a free port there, as in node1:29400");
    world.host = place.substr(0, colon), world.port = place.substr(colon + 1);
    if (world.host.size() > 2 && world.host.front() == '[' && world.host.back() == ']') world.host = world.host.substr(1, world.host.size() - 2);
    return world;
  }

 private:
  static const char* given(const char* name) {
    const char* text = std::getenv(name);
    return text && *text ? text : nullptr;
  }
  static int number(const char* name, const char* text, int least, int most) {
    char* end;
    const long value = std::strtol(text, &end, 10);
    if (*end || value < least || value > most) throw Error("dist: ", name, " is \"", text, "\"; give a number from ", least, " to ", most);
    return int(value);
  }
};

/// The devices of this process, of `count` that the machine has.
inline std::vector<int> devices_from_environment(int count) {
  const char* text = std::getenv("STRATA_CUDA_DEVICES");
  std::vector<int> devices;
  if (!text || !*text || std::string(text) == "all") {
    for (int i = 0; i < count; i++) devices.push_back(i);
    return devices;
  }
  for (const char* at = text;; at++) {
    char* end;
    const long number = std::strtol(at, &end, 10);
    const bool is_number = end != at && *at >= '0' && *at <= '9' && (*end == ',' || !*end);
    if (!is_number || number >= count)
      throw Error("dist: STRATA_CUDA_DEVICES is \"", text, "\", and this machine has the devices 0 to ", count - 1,
                  "; give some of them with commas between, or all");
    for (const int other : devices)
      if (other == number) throw Error("dist: STRATA_CUDA_DEVICES is \"", text, "\" and names device ", number, " twice; name each once");
    devices.push_back(int(number));
    at = end;
    if (!*at) return devices;
  }
}

}  // namespace strata::dist
