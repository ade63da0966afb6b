// SPDX-License-Identifier: MIT
// Where MNIST is searched for, and the download, from the test's own server on the loopback.
#include <strata/data/mnist_download.hpp>

#include <doctest/doctest.h>

#include <stdlib.h>

#include "../support/http_server.hpp"
#include "../support/mnist_files.hpp"
#include "../support/refusal.hpp"

namespace data_mnist_download {

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::testing;

namespace {

std::vector<std::string> said;
void say(const std::string& what) { said.push_back(what); }

/// Sets the environment that a case needs, and restores it afterwards.
class Environment {
 public:
  struct Setting {
    const char* name;
    std::string value;
  };
  explicit Environment(std::initializer_list<Setting> settings) {
    for (const char* name : {"STRATA_DATA", "STRATA_MNIST_URL", "XDG_CACHE_HOME", "HOME", "PATH"}) {
      const char* old = ::getenv(name);
      if (old) before_[name] = old;
      if (name != std::string("PATH")) ::unsetenv(name);
    }
    for (const Setting& setting : settings) ::setenv(setting.name, setting.value.c_str(), 1);
    ::setenv("no_proxy", "127.0.0.1", 1);
  }
  Environment(const Environment&) = delete;
  ~Environment() {
    for (const char* name : {"STRATA_DATA", "STRATA_MNIST_URL", "XDG_CACHE_HOME", "HOME", "PATH"})
      if (before_.count(name)) ::setenv(name, before_[name].c_str(), 1);
      else ::unsetenv(name);
  }

 private:
  std::map<std::string, std::string> before_;
};

/// The four files of a folder, packed, as the server sends them.
std::map<std::string, Bytes> packed(const std::string& folder) {
  std::map<std::string, Bytes> out;
  for (const mnist::File& file : mnist::files) {
    const Bytes bytes = read_file(mnist::find(folder, file));
    out[std::string("/") + file.name + ".gz"] = is_gzip(bytes) ? bytes : gzip(bytes);
  }
  return out;
}

std::string real_folder() {
  const char* data = ::getenv("STRATA_DATA");
  const std::string folder = std::string(data ? data : "") + "/mnist";
  return data && mnist::complete(folder) ? folder : "";
}

}  // namespace

TEST_CASE("a given folder, then STRATA_DATA, then the cache, then clothes") {
  TemporaryFolder a, b, c, d;
  std::filesystem::create_directory(b / "mnist");
  for (const std::string& folder : {a.path(), b / "mnist", c.path(), d.path()}) write_mnist(folder, 10, 5);
  {
    const Environment environment({{"STRATA_DATA", b.path()}});
    CHECK(mnist::obtain({.given = a.path(), .network = false}).folder == a.path());
    CHECK(mnist::obtain({.cache = c.path(), .network = false}).folder == b / "mnist");
    CHECK(refuses([&] { mnist::obtain({.given = "/nowhere", .network = false}); }, "/nowhere"));
  }
  const Environment environment({{"STRATA_DATA", "/nowhere"}});
  said.clear();
  CHECK(mnist::obtain({.cache = c.path(), .fashion = d.path(), .network = false, .say = say}).folder == d.path());
  REQUIRE(said.size() == 3);  // cached files are verified at every use
  CHECK(said[1].find(c / "train-images-idx3-ubyte: has the checksum") == 0);
  said.clear();
  const mnist::Found found = mnist::obtain({.cache = c / "empty", .fashion = d.path(), .network = false, .say = say});
  CHECK(found.folder == d.path());
  CHECK(found.name == "Fashion-MNIST");
  REQUIRE(said.size() == 2);
  CHECK(said[0].find("/nowhere/mnist does not hold") == 0);
  CHECK(said[1].find("Fashion-MNIST") != std::string::npos);
  CHECK(refuses([&] { mnist::obtain({.cache = c / "empty", .fashion = "/nowhere", .network = false}); },
                "MNIST was not found"));
}

TEST_CASE("a download of wrong content is not kept") {
  TemporaryFolder folder, cache;
  write_mnist(folder.path(), 10, 5);
  HttpServer server(packed(folder.path()));
  const Environment environment({{"STRATA_MNIST_URL", server.address()}});
  CHECK(
      refuses([&] { mnist::download_files(cache / "deep/mnist"); }, server.address(), "checksum", "STRATA_MNIST_URL"));
  CHECK(std::filesystem::is_empty(cache / "deep/mnist"));
  CHECK(server.requests() == 1);
}

TEST_CASE("a download that fails, is cut short, or is not a .gz file") {
  TemporaryFolder cache;
  {
    HttpServer server({});
    const Environment environment({{"STRATA_MNIST_URL", server.address()}});
    CHECK(refuses([&] { mnist::download_files(cache.path()); }, "no such file"));
  }
  {
    HttpServer server({{"/train-images-idx3-ubyte.gz", {'h', 'e', 'l', 'l', 'o'}}});
    const Environment environment({{"STRATA_MNIST_URL", server.address()}});
    CHECK(refuses([&] { mnist::download_files(cache.path()); }, "is not a .gz file"));
  }
  const Environment environment({{"STRATA_MNIST_URL", "http://127.0.0.1:1"}});
  CHECK(refuses([&] { mnist::download_files(cache.path()); }, "no answer from the address"));
  CHECK(std::filesystem::is_empty(cache.path()));
}

TEST_CASE("no folder is made where the environment names none") {
  HttpServer server({});
  for (const char* home : {"", "relative"}) {
    const Environment environment({{"STRATA_MNIST_URL", server.address()}, {"HOME", home}, {"XDG_CACHE_HOME", home}});
    CHECK(refuses([&] { mnist::obtain({.fashion = "/nowhere"}); }, "MNIST was not found", "set HOME"));
    CHECK(!std::filesystem::exists("relative"));
    CHECK(!std::filesystem::exists("strata"));
    CHECK(!std::filesystem::exists(".cache"));
  }
  CHECK(server.requests() == 0);
}

TEST_CASE("a download ends at its limit, whatever the server says") {
  HttpServer server({{"/file", Bytes(300'000, 7)}});
  const Environment environment({});
  CHECK(download(server.address() + "/file", 300'000) == Bytes(300'000, 7));
  CHECK(refuses([&] { download(server.address() + "/file", 299'999); }, "larger than the limit"));
  server.chunked = true;  // without a length
  CHECK(download(server.address() + "/file", 300'000) == Bytes(300'000, 7));
  CHECK(refuses([&] { download(server.address() + "/file", 200'000); }, "is longer than 200000 bytes"));
  server.chunked = false, server.cut_short = true;
  const int before = server.requests();
  CHECK(refuses([&] { download(server.address() + "/file", 400'000); }, "cut short"));
  CHECK(server.requests() == before + 3);
}

TEST_CASE("curl is asked for one address, verbatim, whatever ~/.curlrc says") {
  TemporaryFolder home;
  write(home / ".curlrc", "output = \"" + home / "from_curlrc" + "\"\n");
  HttpServer server({{"/{a,b}[1-3]", {1, 2, 3}}});
  const Environment environment({{"HOME", home.path()}});
  CHECK(download(server.address() + "/{a,b}[1-3]", 100) == Bytes{1, 2, 3});
  CHECK(!std::filesystem::exists(home / "from_curlrc"));
  CHECK(refuses([&] { download("--output=" + home / "x", 100); }, "cannot be downloaded"));
  CHECK(refuses([&] { download("scp://127.0.0.1/x", 100); }, "not http, https or file"));
  server.redirect = "file:///etc/passwd";
  CHECK(refuses([&] { download(server.address() + "/elsewhere", 100'000); }, "cannot be downloaded"));
  const Environment no_path({{"PATH", home.path()}});
  CHECK(refuses([&] { download(server.address() + "/file", 100); }, "install curl"));
}

TEST_CASE("the real files are downloaded, and only those that are missing") {
  const std::string real = real_folder();
  if (real.empty()) {
    MESSAGE("STRATA_DATA has no MNIST, so no file with the right checksum can be served");
    return;
  }
  TemporaryFolder cache;
  HttpServer server(packed(real));
  const Environment environment({{"STRATA_MNIST_URL", server.address()}, {"XDG_CACHE_HOME", cache.path()}});
  const mnist::Found found = mnist::obtain({.fashion = "/nowhere", .say = say});
  CHECK(found.folder == cache / "strata/mnist");
  CHECK(found.name == "MNIST");
  CHECK(server.requests() == 4);
  std::filesystem::remove(cache / "strata/mnist/t10k-labels-idx1-ubyte.gz");
  CHECK(mnist::obtain().folder == found.folder);
  CHECK(server.requests() == 5);
  CHECK(mnist::obtain().folder == found.folder);
  CHECK(server.requests() == 5);
  write(cache / "strata/mnist/train-labels-idx1-ubyte", idx({60'000}, Bytes(60'000, 1)));  // damaged, and found first
  said.clear();
  CHECK(mnist::obtain({.say = say}).folder == found.folder);
  CHECK(server.requests() == 6);
  CHECK(said.at(0).find("train-labels-idx1-ubyte: has the checksum") != std::string::npos);
  CHECK(mnist::load(found.folder).test.count() == 10'000);
}

}  // namespace data_mnist_download
