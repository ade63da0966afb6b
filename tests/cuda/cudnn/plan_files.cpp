// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <strata/cuda/cudnn/plan_files.hpp>

#include "../../support/child.hpp"
#include "../../support/temporary_folder.hpp"

#include <algorithm>
#include <cstdio>

namespace cuda_cudnn_plan_files {

using strata::cuda::cudnn::PlanFiles;
using strata::cuda::cudnn::StoredPlan;
namespace testing = strata::testing;

namespace {
const std::string key = "{\"nodes\": []}\ntf32 1\nNVIDIA A100, sm 80, 108 processors";
const StoredPlan plan{"eng1_k2=3", "driver 13.0; 0.2 ms", {0, 1, 2, 255, '\n', 7}};
}  // namespace

TEST_CASE("a plan is read as it was stored, for its own key only") {
  testing::TemporaryFolder folder;
  const PlanFiles files(folder / "made/on/the/way");
  CHECK(!files.find(key));
  files.keep(key, plan);
  const auto found = files.find(key);
  REQUIRE(found);
  CHECK(found->engine == plan.engine);
  CHECK(found->notes == plan.notes);
  CHECK(found->plan == plan.plan);
  CHECK(!files.find(key + " "));
  files.drop(key);
  CHECK(!files.find(key));
}

TEST_CASE("a file under another key's name is not a plan") {
  testing::TemporaryFolder folder;
  const PlanFiles files(folder.path());
  files.keep(key, plan);
  std::filesystem::rename(files.path(key), files.path("another"));
  CHECK(!files.find("another"));
}

TEST_CASE("a folder that cannot be written stops nothing: a process says so once") {
  testing::TemporaryFolder folder;
  testing::write(folder / "file", std::string("x"));
  std::filesystem::create_directory(folder / "plans");
  const PlanFiles present(folder / "plans");
  for (const bool creates : {true, false}) {
    CAPTURE(creates);
    const int status = testing::in_child([&] {
      if (!std::freopen((folder / "said").c_str(), "w", stderr)) return 1;
      for (int i = 0; i < 3; i++) {
        const PlanFiles files(creates ? folder / "file/plans" : folder / "plans");
        if (!creates) std::filesystem::create_directories(files.path(key));  // in the way of the file
        files.keep(key, plan);
        if (files.find(key)) return 2;
      }
      return std::fflush(stderr);
    });
    CHECK(status == 0);
    const std::string said = testing::read(folder / "said");
    CHECK(said.starts_with("strata: cuDNN's plans are not kept, and each run must find them again: "));
    CHECK(said.find(creates ? folder / "file/plans: cannot be created, Not a directory" : present.path(key)) !=
          std::string::npos);
    CHECK(said.ends_with("; set STRATA_CUDA_PLANS to a folder that can be written\n"));
    CHECK(std::count(said.begin(), said.end(), '\n') == 1);
  }
}

TEST_CASE("damaged and unrelated files are not plans") {
  testing::TemporaryFolder folder;
  const PlanFiles files(folder.path());
  files.keep(key, plan);
  const std::string whole = testing::read(files.path(key));
  for (std::size_t i = 0; i < whole.size(); i++) {
    CAPTURE(i);
    for (const int bit : {1, 16, 128}) {
      std::string damaged = whole;
      damaged[i] = char(damaged[i] ^ bit);
      testing::write(files.path(key), damaged);
      const auto found = files.find(key);
      if (found) CHECK((found->engine == plan.engine && found->plan == plan.plan));  // only white space changed
    }
    testing::write(files.path(key), whole.substr(0, i));
    CHECK(!files.find(key));
  }
  testing::write(files.path(key), whole + "x");
  CHECK(!files.find(key));
  testing::write(files.path(key),
                 std::string("strata cuDNN plan 2\n99999999999999999999 1 1 18446744073709551615 0\n"));
  CHECK(!files.find(key));
  std::filesystem::remove(files.path(key));
  std::filesystem::create_directory(files.path(key));
  CHECK(!files.find(key));
  files.keep(key, plan);  // cannot be written, which stops nothing
}

TEST_CASE("without a folder nothing is stored") {
  const PlanFiles none("");
  none.keep(key, plan);
  CHECK(!none.find(key));
}

}  // namespace cuda_cudnn_plan_files
