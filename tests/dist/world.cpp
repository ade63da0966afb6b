// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <strata/dist/world.hpp>

#include "../support/refusal.hpp"

#include <initializer_list>

using namespace strata;
using namespace strata::core;
using dist::World;
using testing::refusal;

namespace {

struct Given {
  const char *name, *value;
};
/// Sets these variables and unsets the others.
void environment(std::initializer_list<Given> given) {
  for (const char* name : {"STRATA_WORLD", "STRATA_RANK", "STRATA_MEET", "STRATA_SECRET"}) ::unsetenv(name);
  for (const Given& g : given) ::setenv(g.name, g.value, 1);
}

}  // namespace

TEST_CASE("a single process needs no environment") {
  environment({});
  const World world = World::from_environment();
  CHECK(world.processes == 1);
  CHECK(world.rank == 0);
  environment({{"STRATA_WORLD", "1"}, {"STRATA_RANK", "0"}});
  CHECK(World::from_environment().processes == 1);
}

TEST_CASE("processes are told how many they are and where they meet") {
  environment({{"STRATA_WORLD", "4"}, {"STRATA_RANK", "3"}, {"STRATA_MEET", "node1:29400"}});
  const World world = World::from_environment();
  CHECK(world.processes == 4);
  CHECK(world.rank == 3);
  CHECK(world.host == "node1");
  CHECK(world.port == "29400");
  environment({{"STRATA_WORLD", "2"}, {"STRATA_RANK", "0"}, {"STRATA_MEET", "[::1]:29400"}});
  CHECK(World::from_environment().host == "::1");
}

TEST_CASE("an invalid environment is refused") {
  const auto read = [] { World::from_environment(); };
  environment({{"STRATA_RANK", "1"}});
  CHECK(refusal(read) == "dist: STRATA_RANK is set and STRATA_WORLD is not; set it to the number of processes");
  environment({{"STRATA_WORLD", "2"}});
  CHECK(refusal(read) == "dist: STRATA_WORLD is 2 and STRATA_RANK is not set; give each process its number, 0 to 1");
  environment({{"STRATA_WORLD", "two"}, {"STRATA_RANK", "0"}});
  CHECK(refusal(read) == "dist: STRATA_WORLD is \"two\"; give a number from 1 to 1048576");
  environment({{"STRATA_WORLD", "2"}, {"STRATA_RANK", "2"}});
  CHECK(refusal(read) == "dist: STRATA_RANK is \"2\"; give a number from 0 to 1");
  for (const char* place : {"", "node1", ":29400", "node1:"}) {
    environment({{"STRATA_WORLD", "2"}, {"STRATA_RANK", "1"}, {"STRATA_MEET", place}});
    CHECK(refusal(read) ==
          sentence("dist: STRATA_MEET is \"", place,
                   "\"; give all processes the host of process 0 and a free port there, as in node1:29400"));
  }
}

TEST_CASE("every number is bounded, and the secret cannot be guessed") {
  const auto read = [] { World::from_environment(); };
  for (const char* port : {"0", "99999", "-1", "65536", "99999999999999999999", "http", " 80", "80x", "+80"}) {
    environment({{"STRATA_WORLD", "2"}, {"STRATA_RANK", "0"}, {"STRATA_MEET", sentence("127.0.0.1:", port).c_str()}});
    CHECK(refusal(read) == sentence("dist: STRATA_MEET is \"127.0.0.1:", port,
                                    "\", but a port is a number from 1 to 65535; give another"));
  }
  for (const char* number : {"0", "1048577", "99999999999999999999", "2x", " 2", "-2", "+2"}) {
    environment({{"STRATA_WORLD", number}, {"STRATA_RANK", "0"}, {"STRATA_MEET", "127.0.0.1:29400"}});
    CHECK(refusal(read) == sentence("dist: STRATA_WORLD is \"", number, "\"; give a number from 1 to 1048576"));
  }
  for (const char* number : {"2", "-1", " 1", "1.0"}) {
    environment({{"STRATA_WORLD", "2"}, {"STRATA_RANK", number}, {"STRATA_MEET", "127.0.0.1:29400"}});
    CHECK(refusal(read) == sentence("dist: STRATA_RANK is \"", number, "\"; give a number from 0 to 1"));
  }
  environment(
      {{"STRATA_WORLD", "2"}, {"STRATA_RANK", "0"}, {"STRATA_MEET", "node1:29400"}, {"STRATA_SECRET", "swordfish"}});
  CHECK(refusal(read) ==
        "dist: STRATA_SECRET has 9 characters, which can be guessed; give 16 or more (openssl rand -hex 32 makes 64)");
  environment({{"STRATA_WORLD", "2"},
               {"STRATA_RANK", "0"},
               {"STRATA_MEET", "node1:29400"},
               {"STRATA_SECRET", "sixteen letters!"}});
  CHECK(World::from_environment().secret == "sixteen letters!");
}
