// SPDX-License-Identifier: MIT
// bench_gpu_host [--images N] [--epochs N]: what the host of a GPU does for a training, measured by train() on a GPU
// that takes no time (host_device.cpp). Prints, by ranks and cores, milliseconds of the main thread per batch, and
// images per second in the first epoch, which decodes the files, and in the fastest later one, which finds most or all
// of them in memory. A rank is a process with a GPU and cores of its own; its batch is 1024 digits, or 8 street scenes
// of 720 x 960.
#include <strata/cuda.hpp>
#include <strata/cuda/instantiate.hpp>

#include <strata/core/error.hpp>
#include <strata/core/files/file.hpp>
#include <strata/core/random.hpp>
#include <strata/core/text/number_text.hpp>
#include <strata/core/threads/available_cores.hpp>
#include <strata/cuda/cuda_learner.hpp>
#include <strata/data/dataset.hpp>
#include <strata/data/png.hpp>
#include <strata/data/segmentation_set.hpp>
#include <strata/dist/data_parallel.hpp>
#include <strata/models/digits.hpp>
#include <strata/spec/layers.hpp>
#include <strata/train/adam.hpp>
#include <strata/train/trainer.hpp>

#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <filesystem>
#include <optional>

using namespace strata;

namespace strata::cuda {

template <class Net>
DeviceCode device_code() {
  return compiled_device_code<Net>();
}

}  // namespace strata::cuda

namespace {

constexpr Shape scene{720, 960, 3};
constexpr int classes = 11;
using Scenes = Network<Image<scene.height, scene.width, 3>, Conv<3, 8, Stride<4>>, ReLU, Conv<1, classes>, Upsample<4>,
                       CropToInput, PixelSoftmax>;
using DigitsNetwork = Digits<>;

double seconds(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
}

/// What a process measured.
struct Measured {
  double milliseconds = 0;               ///< of the main thread per batch, after the first epoch
  double first_epoch = 0, an_epoch = 0;  ///< seconds, the latter of the fastest later one
};

struct Settings {
  int images = 64, epochs = 8;
};

/// The time of each epoch of a training, and of its main thread.
struct Clock {
  std::vector<double> wall, thread;
  void operator()(const training::Progress& progress) {
    if (progress.event != training::Event::start && progress.event != training::Event::epoch) return;
    wall.push_back(seconds(CLOCK_MONOTONIC)), thread.push_back(seconds(CLOCK_THREAD_CPUTIME_ID));
  }
  Measured measured(long batches) const {
    const std::size_t epochs = wall.size() - 1;
    double fastest = wall[2] - wall[1];
    for (std::size_t e = 2; e < epochs; e++) fastest = std::min(fastest, wall[e + 1] - wall[e]);
    return {1000 * (thread[epochs] - thread[1]) / double(epochs - 1) / double(batches), wall[1] - wall[0], fastest};
  }
};

template <class Backend, class Net, class Set>
Measured measure(Set& set, int batch, int epochs) {
  Model<Net, Backend> model{{.seed = 1, .threads = 1}};
  Clock clock;
  training::TrainOptions options{.epochs = epochs, .batch = batch, .optimizer = Adam{.rate = 0.001}};
  options.input = training::Normalization::keep;
  options.observer = training::observe(clock);
  const training::Run run = train(model, set, options);
  if (run.status != training::Status::complete) throw Error("bench_gpu_host: ", run.why);
  return clock.measured(set.count() / batch);
}

data::Dataset digits() {
  constexpr int count = 60000;
  core::Random random{1, 0};
  std::vector<std::uint8_t> bytes(std::size_t(count) * 784);
  std::vector<std::int32_t> labels(count);
  for (std::uint8_t& b : bytes) b = std::uint8_t(random.below(256));
  for (std::int32_t& l : labels) l = std::int32_t(random.below(10));
  return data::Dataset({28, 28, 1}, std::move(bytes), std::move(labels));
}

/// Scenes of colored blocks with noise, and the blocks' classes.
void write_scenes(const std::string& folder, int count) {
  std::vector<std::uint8_t> image(std::size_t(scene.size())), labels(std::size_t(scene.pixels()));
  for (int k = 0; k < count; k++) {
    core::Random random{std::uint64_t(k), 0};
    for (int i = 0; i < scene.pixels(); i++) {
      const int block = i / scene.width / 48 * 31 + i % scene.width / 48 * 17 + k;
      labels[std::size_t(i)] = std::uint8_t(block % (classes + 1));
      for (int c = 0; c < 3; c++)
        image[std::size_t(3 * i + c)] = std::uint8_t(block * (29 + 40 * c) % 200 + int(random.below(12)));
    }
    const std::string name = core::sentence(folder, "/", k);
    core::write_file(name + ".png", data::encode_png(image.data(), scene));
    core::write_file(name + "_labels.png", data::encode_png(labels.data(), {scene.height, scene.width, 1}));
  }
}

data::SegmentationSet scenes(const std::string& folder, int count, int batch) {
  std::vector<data::ImagePair> pairs;
  for (int k = 0; k < count; k++) {
    const std::string name = core::sentence(folder, "/", k);
    pairs.push_back({name + ".png", name + "_labels.png"});
  }
  data::ClassList list, names;
  for (int c = 0; c < classes; c++) list.push_back({core::sentence("class ", c), {std::uint8_t(c), 0, 0}});
  list.push_back({"void", {255, 255, 255}});
  const data::LabelCoding coding = data::coding_of(list, data::LabelCoding::Kind::index, names);
  data::SetOptions options{.cache_bytes = 1L << 40, .queue = 2 * batch};
  options.augmentation = {.reflect = true, .translate = 10};
  return data::SegmentationSet(std::move(pairs), coding, names, scene, options);
}

/// What each rank does, in its own process.
template <class Backend>
Measured rank(bool street, const std::string& folder, const Settings& settings, int ranks) {
  if (!street) {
    data::Dataset set = digits();
    return measure<Backend, DigitsNetwork>(set, 1024 * ranks, settings.epochs);
  }
  data::SegmentationSet set = scenes(folder, settings.images, 8 * ranks);
  return measure<Backend, Scenes>(set, 8 * ranks, settings.epochs);
}

/// Starts the ranks on cores of their own and returns what each measured.
std::vector<Measured> run(bool street, const std::string& folder, const Settings& settings, int ranks, int cores) {
  const std::string port = [] {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET, address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (::bind(socket, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
        ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) != 0)
      throw Error("bench_gpu_host: no free port on the loopback");
    ::close(socket);
    return std::to_string(ntohs(address.sin_port));
  }();
  const std::vector<int> processors = core::detail::allowed_processors();
  std::vector<std::pair<pid_t, int>> children;
  for (int r = 0; r < ranks; r++) {
    int pipe[2];
    if (::pipe(pipe) != 0) throw Error("bench_gpu_host: no pipe");
    std::fflush(stdout);
    const pid_t child = ::fork();
    if (child == 0) {
      cpu_set_t mask;
      CPU_ZERO(&mask);
      for (int c = 0; c < cores; c++) CPU_SET(processors[std::size_t(r * cores + c)], &mask);
      Measured own;
      try {
        if (::sched_setaffinity(0, sizeof mask, &mask) != 0) throw Error("bench_gpu_host: the cores cannot be chosen");
        if (ranks > 1) {
          ::setenv("STRATA_WORLD", std::to_string(ranks).c_str(), 1),
              ::setenv("STRATA_RANK", std::to_string(r).c_str(), 1);
          ::setenv("STRATA_MEET", ("127.0.0.1:" + port).c_str(), 1);
          ::setenv("STRATA_CUDA_DEVICES", std::to_string(r).c_str(), 1);
          own = rank<CudaWith<dist::DataParallel>>(street, folder, settings, ranks);
        } else {
          own = rank<Cuda>(street, folder, settings, 1);
        }
      } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        std::_Exit(1);
      }
      (void)!::write(pipe[1], &own, sizeof own);
      std::_Exit(0);
    }
    ::close(pipe[1]);
    children.emplace_back(child, pipe[0]);
  }
  std::vector<Measured> out;
  for (const auto& [child, from] : children) {
    Measured one;
    const bool whole = ::read(from, &one, sizeof one) == long(sizeof one);
    ::close(from);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (whole && status == 0) out.push_back(one);
  }
  if (out.size() != children.size()) throw Error("bench_gpu_host: a rank failed");
  return out;
}

void print(const char* name, int ranks, int cores, int images, const std::vector<Measured>& all) {
  Measured worst;
  for (const Measured& one : all) {
    worst.milliseconds = std::max(worst.milliseconds, one.milliseconds);
    worst.first_epoch = std::max(worst.first_epoch, one.first_epoch);
    worst.an_epoch = std::max(worst.an_epoch, one.an_epoch);
  }
  std::printf("%-14s %5d %14d %26.2f %20.0f %16.0f\n", name, ranks, cores, worst.milliseconds,
              images / worst.first_epoch, images / worst.an_epoch);
}

int number(const char* text, const char* option) {
  const std::optional<int> value = core::number_in<int>(text ? text : "");
  if (!value || *value < 1) throw Error("bench_gpu_host: give ", option, " a number from 1");
  return *value;
}

int main_of(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i < argc; i += 2) {
    const std::string option = argv[i];
    if (option == "--images") settings.images = number(argv[i + 1], "--images");
    else if (option == "--epochs") settings.epochs = std::max(2, number(argv[i + 1], "--epochs"));
    else throw Error("bench_gpu_host: ", option, " is not an option; give --images N or --epochs N");
  }
  const int cores = int(core::detail::allowed_processors().size());
  settings.images = (settings.images + 8 * cores - 1) / (8 * cores) * 8 * cores;
  char folder[] = "/tmp/bench_gpu_host.XXXXXX";
  if (!::mkdtemp(folder)) throw Error("bench_gpu_host: /tmp cannot be written to");
  struct Remove {
    const char* folder;
    ~Remove() { std::filesystem::remove_all(folder); }
  } remove{folder};
  write_scenes(folder, settings.images);
  std::printf("%-14s %5s %14s %26s %20s %16s\n", "batches", "ranks", "cores per rank", "main thread ms per batch",
              "decoded images/s", "later images/s");
  for (const bool street : {false, true})
    for (int ranks = 1; ranks <= cores; ranks *= 2)
      for (int each = 1; ranks * each <= cores; each *= 2) {
        const int images = street ? settings.images : 60000 / (1024 * ranks) * (1024 * ranks);
        print(street ? "street scenes" : "digits", ranks, each, images, run(street, folder, settings, ranks, each));
      }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return main_of(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
