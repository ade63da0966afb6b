// SPDX-License-Identifier: MIT
#include <strata/data/wav.hpp>
#include <strata/data/wav_folder.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <limits>

#include "../support/refusal.hpp"
#include "../support/temporary_folder.hpp"
#include "../support/wav_files.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::testing;

TEST_CASE("PCM of every width, floats, several channels, and the extensible header") {
  const Wave bytes = parse_wav(wav_file({.bits = 8}, {0, 128, 255}), "f");
  CHECK(bytes.samples == std::vector<float>{-1, 0, 127 / 128.f});
  CHECK(bytes.rate == 8000);
  const Wave pairs = parse_wav(wav_file({.channels = 2}, {0, 0x80, 0xff, 0x7f, 0, 0x40, 0, 0}), "f");
  CHECK(pairs.samples == std::vector<float>{-1, 32767 / 32768.f, 0.5f, 0});
  CHECK((pairs.channels == 2 && pairs.frames() == 2));
  CHECK(parse_wav(wav_file({.bits = 24}, {0, 0, 0x80, 0, 0, 0x20}), "f").samples == std::vector<float>{-1, 0.25f});
  CHECK(parse_wav(wav_file({.bits = 32}, {0, 0, 0, 0xC0}), "f").samples == std::vector<float>{-0.5f});
  CHECK(parse_wav(wav_file({.kind = 3, .bits = 32}, {0, 0, 0x20, 0x40}), "f").samples == std::vector<float>{2.5f});
  CHECK(parse_wav(wav_file({.kind = 3, .bits = 64}, {0, 0, 0, 0, 0, 0, 0xF8, 0x3F}), "f").samples[0] == 1.5f);
  CHECK(parse_wav(wav_file({.extensible = true}, {0, 0x40}), "f").samples == std::vector<float>{0.5f});
  // A chunk of odd size before the samples, the size that programs write into a pipe, half a frame at the end.
  Bytes streamed = wav_file({.odd_chunk = true}, {0, 0x40, 7});
  const std::size_t size = streamed.size() - 3 - 4;
  std::fill_n(streamed.begin() + long(size), 4, 0xFF);
  CHECK(parse_wav(streamed, "f").samples == std::vector<float>{0.5f});
}

TEST_CASE("other and damaged files are refused in one sentence") {
  CHECK(refuses([] { parse_wav({}, "f"); }, "f: is empty; give sounds as WAV"));
  CHECK(refuses([] { parse_wav(Bytes(50, 'x'), "f"); }, "f: is not a WAV file"));
  CHECK(refuses([] { parse_wav(wav_file({.kind = 2}, {0, 0}), "f"); }, "the format 2 with 16 bits"));
  CHECK(refuses([] { parse_wav(wav_file({.bits = 12}, {0, 0}), "f"); }, "12 bits"));
  CHECK(refuses([] { parse_wav(wav_file({.rate = 0}, {0, 0}), "f"); }, "at 0 Hz"));
  CHECK(refuses([] { parse_wav(wav_file({.channels = 0}, {0, 0}), "f"); }, "0 channels"));
  CHECK(refuses([] { parse_wav(wav_file({.channels = 65}, {0, 0}), "f"); }, "65 channels"));
  CHECK(refuses(
      [] {
        parse_wav(wav_file({.kind = 3, .bits = 32}, {0, 0, 0x80, 0x7F}), "f");
      },
      "sample 0 is not a finite number"));
  const Bytes file = wav_file({}, {0, 1, 2, 3});
  for (std::size_t size = 0; size < file.size(); size++)
    CHECK(!refusal([&] { parse_wav(Bytes(file.begin(), file.begin() + long(size)), "f"); }).empty());
  CHECK(
      refuses([&] { parse_wav(Bytes(file.begin(), file.end() - 1), "f"); }, "declares 4 bytes of sound", "truncated"));
}

TEST_CASE("a sound is cut or padded to the network's length and channels") {
  const Wave mono{8000, 1, {1, 2, 3}}, stereo{8000, 2, {1, 3, 5, 7}}, many{8000, 3, {1, 2, 6}};
  CHECK(fit_wave(mono, 2, 1, "f") == std::vector<float>{1, 2});
  CHECK(fit_wave(mono, 5, 1, "f") == std::vector<float>{1, 2, 3, 0, 0});
  CHECK(fit_wave(mono, 2, 2, "f") == std::vector<float>{1, 1, 2, 2});
  CHECK(fit_wave(stereo, 3, 2, "f") == std::vector<float>{1, 3, 5, 7, 0, 0});
  CHECK(fit_wave(stereo, 2, 1, "f") == std::vector<float>{2, 6});
  CHECK(fit_wave(many, 1, 1, "f") == std::vector<float>{3});
  CHECK(refuses([&] { fit_wave(many, 1, 2, "f"); }, "f: has 3 channels, but the network takes 2"));
}

TEST_CASE("a folder of sounds by class, split by its lists or by a seed") {
  const TemporaryFolder folder;
  for (const char* name : {"yes", "no", "_noise_"}) std::filesystem::create_directories(folder / name);
  for (int i = 0; i < 5; i++) {
    write(folder / "yes/" + std::to_string(i) + ".wav", wav_file({}, {0, std::uint8_t(0x10 + i)}));
    write(folder / "no/" + std::to_string(i) + ".WAV", wav_file({}, {0, std::uint8_t(0x20 + i), 0, 1}));
  }
  write(folder / "_noise_/long.wav", wav_file({.rate = 1}, {0, 0}));
  write(folder / "no/readme.txt", std::string("not a sound"));
  const Splits drawn = load_wav_folder(folder.path(), {1, 2, 1}, {.validation = 0.3});
  CHECK(drawn.class_names == std::vector<std::string>{"no", "yes"});
  CHECK((drawn.train.count() == 7 && drawn.validation.count() == 3 && drawn.test.count() == 0));
  CHECK(drawn.train.shape() == Shape{1, 2, 1});
  for (const Dataset& set : {drawn.train, drawn.validation})
    for (int i = 0; i < set.count(); i++) {
      CHECK((set.floats(i)[0] >= 0.25f) == (set.label(i) == 0));
      CHECK((set.floats(i)[1] > 0) == (set.label(i) == 0));
    }
  CHECK(load_wav_folder(folder.path(), {1, 2, 1}, {.validation = 0.3}).train.conditions() == drawn.train.conditions());
  CHECK(load_wav_folder(folder.path(), {1, 2, 1}, {.seed = 2}).train.conditions() != drawn.train.conditions());

  write(folder / "validation_list.txt", std::string("yes/1.wav\nno/4.WAV\n"));
  write(folder / "testing_list.txt", std::string("yes/2.wav\n"));
  const Splits lists = load_wav_folder(folder.path() + "/", {1, 1, 2});
  CHECK((lists.train.count() == 7 && lists.validation.count() == 2 && lists.test.count() == 1));
  CHECK(lists.test.floats(0)[1] == 0x1200 / 32768.f);
  CHECK(!lists.name.empty());
  write(folder / "testing_list.txt", std::string("yes/9.wav\n"));
  CHECK(refuses([&] { load_wav_folder(folder.path(), {1, 1, 1}); }, "testing_list.txt: line 1 names yes/9.wav"));
  std::filesystem::remove(folder / "testing_list.txt");
  CHECK(refuses(
      [&] {
        load_wav_folder(folder.path(), {1, 1, 1}, {.rate = 16000});
      },
      "has 8000 frames per second where 16000"));
  CHECK(refuses([&] { load_wav_folder(folder.path(), {2, 1, 1}); }, "2 x 1 x 1; give"));
  CHECK(refuses([&] { load_wav_folder(folder / "yes", {1, 1, 1}); }, "holds no sound"));
  CHECK(refuses([&] { load_wav_folder(folder / "none", {1, 1, 1}); }, "cannot be listed"));
}
