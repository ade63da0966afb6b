// SPDX-License-Identifier: MIT
// The C program of examples/embed: it sees in drawings what `digits predict` sees in the same pictures.
#include <doctest/doctest.h>

#include <strata/data/png.hpp>

#include "../support/count.hpp"
#include "../support/mnist_files.hpp"
#include "../support/process.hpp"

using namespace strata::testing;

namespace {

/// A picture as embed_c reads it, '#' for bright pixels, and the same bytes.
std::string drawing(const std::uint8_t* image, std::vector<std::uint8_t>& bytes) {
  std::string text;
  for (int p = 0; p < 784; p++) {
    const bool ink = image[p] > 80;
    bytes.push_back(ink ? 255 : 0);
    text += ink ? '#' : ' ';
    if (p % 28 == 27) text += '\n';
  }
  return text;
}

}  // namespace

TEST_CASE("a C program classifies drawings with a trained model, as the program that trained it does") {
  const TemporaryFolder folder;
  const auto trained = [&](const std::string& filters) {
    const std::string out = folder / filters;
    const Finished e = run_program("digits", {"--data", folder.path(), "--epochs", "6", "--batch", "40", "--threads",
                                              "2", "--filters", filters, "--out", out, "--quiet"});
    REQUIRE_MESSAGE(e.status == 0, e.output << e.errors);
    return out + "/model.safetensors";
  };
  write_mnist(folder.path(), 320, 60);
  const std::string model = trained("8,16,32"), small = trained("4,8,16");
  const auto set = digit_set(60, 2);
  int right = 0;
  for (int i = 0; i < 10; i++) {
    std::vector<std::uint8_t> bytes;
    const std::string text = folder / "drawing.txt", png = folder / "drawing.png";
    write(text, drawing(set.bytes(i), bytes));
    write(png, strata::data::encode_png(bytes.data(), {28, 28, 1}));
    const Finished told = run_program("embed_c", {i < 5 ? model : small, text, i < 5 ? "digits" : "small_digits"}),
                   expected = run_program("digits", {"predict", "--model", i < 5 ? model : small, png});
    REQUIRE_MESSAGE(told.status == 0, told.errors);
    REQUIRE_MESSAGE(told.output.starts_with("It is a "), told.output);
    CHECK_MESSAGE(expected.output.find(std::string("png: ") + told.output[8] + " (") != std::string::npos,
                  told.output << expected.output);
    right += told.output[8] == char('0' + i);
  }
  CHECK(right >= 4);
  const Finished seven = run_program("embed_c", {model, STRATA_EMBED "/seven.txt"});
  CHECK(seven.status == 0);
  CHECK(count(seven.output, "\n") == 1);

  CHECK(program_refuses("embed_c", {model, folder / "missing.txt"}, "missing.txt cannot be read"));
  CHECK(program_refuses("embed_c", {small, STRATA_EMBED "/seven.txt"}, "holds the weights of another network"));
  CHECK(program_refuses("embed_c", {model, STRATA_EMBED "/seven.txt", "streets"},
                        "there is no network 'streets'; choose one of: digits, small_digits"));
  CHECK(program_refuses("embed_c", {}, "networks: digits small_digits"));
}
