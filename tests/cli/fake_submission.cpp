// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A submission for tests: writes flat reconstructions for every k-space volume, and misbehaves on
// request. fake_submission LEADERBOARD OUT MODE
//   ok       flat images                       random   other values at every run
//   nan      one NaN                           missing  leaves one volume out
//   extra    one file too many                 shape    one volume of the wrong shape
//   truncated  one file cut short              crash    is killed by a signal
//   socket   opens an internet socket          labels   opens the first label file it finds a name
//   for link     writes a symbolic link            sleep    takes three seconds
//   nap      takes one second
//   image    copies image_input, and fails where it finds a true label beside it
//   peeks    is brighter by a label, where it finds one
//   threads  looks at the number of threads    weights  is as bright as the file ../weights.pt says
//   noisy    other values at every run, by what rounding makes
//   gpu      asks for CUDA and fails
//   names    looks at the volume's name        folders  looks at the name of the folder
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>

#include "challenge/dataset/folder.h"
#include "formats/hdf5.h"

namespace {

namespace fs = std::filesystem;
using namespace reconproof;

void fail_if_socket_is_refused() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) {
    std::perror("socket");
    std::exit(9);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(80);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    std::perror("connect");
    std::exit(9);
  }
}

void fail_if_label_is_absent(const fs::path& kspace) {
  const fs::path label = kspace.parent_path().parent_path() / "image" / kspace.filename();
  if (::open(label.c_str(), O_RDONLY) < 0) {
    std::perror(label.c_str());
    std::exit(9);
  }
}

/// What a method in the image domain reads.
std::vector<float> image_input(const fs::path& kspace) {
  const auto file = formats::open_local(kspace.parent_path().parent_path() /
                                        challenge::kImageFolder / kspace.filename());
  const auto& info = file->info();
  if (info.datasets.contains(challenge::kLabelSet)) {
    const std::vector<float> label = file->read_floats(challenge::kLabelSet);
    const auto max = info.attributes.find(challenge::kMaxAttribute);
    const float largest = *std::max_element(label.begin(), label.end());
    if (max == info.attributes.end() || *max->second.number < 1.1 * largest) {
      std::fputs("there is a true label\n", stderr);
      std::exit(9);
    }
  }
  return file->read_floats(challenge::kInputSet);
}

/// A value of the label, where there is one.
float label_value(const fs::path& kspace) {
  const fs::path label =
      kspace.parent_path().parent_path() / challenge::kImageFolder / kspace.filename();
  if (!fs::exists(label)) return 0;
  return formats::open_local(label)->read_floats(challenge::kLabelSet)[200 * 384 + 200];
}

/// Of OUT/<cell>/x.h5: what the file beside OUT says.
float brightness_of(const fs::path& target) {
  std::ifstream weights(target.parent_path().parent_path().parent_path() / "weights.pt");
  float value = 0;
  if (weights >> value) return value;
  std::fputs("no number in weights.pt\n", stderr);
  std::exit(9);
}

void write_volume(const fs::path& kspace, const fs::path& target, const std::string& mode,
                  bool first) {
  const int64_t slices = formats::open_local(kspace)->dataset(challenge::kKspaceSet).shape[0];
  const int64_t width = mode == "shape" && first ? 383 : 384;
  const float brightness = mode == "weights" ? brightness_of(target) : 1e-4f;
  std::vector<float> image(static_cast<size_t>(slices * 384 * width), brightness);
  if (mode == "image") image = image_input(kspace);
  const bool brighter = mode == "names"     ? kspace.filename().string().starts_with("brain")
                        : mode == "folders" ? kspace.string().find("acc8") != std::string::npos
                                            : false;
  if (brighter) image[5] = 2e-4f;
  if (mode == "random") image[5] = static_cast<float>(std::random_device()()) * 1e-20f;
  if (mode == "noisy") image[5] *= 1 + static_cast<float>(std::random_device()()) * 2e-15f;
  if (mode == "peeks") image[5] += label_value(kspace);
  const char* threads = std::getenv("OMP_NUM_THREADS");
  if (mode == "threads") image[5] *= 1 + (threads ? static_cast<float>(*threads) : 0);
  if (mode == "nan" && first) image[1000] = NAN;
  formats::Hdf5Writer writer(target);
  writer.write(challenge::kReconstructionSet, {slices, 384, width}, image);
  writer.commit();
  if (mode == "truncated" && first) fs::resize_file(target, 4096);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const fs::path leaderboard = argv[1], out = argv[2];
  const std::string mode = argv[3];
  if (mode == "gpu") {
    std::fputs("RuntimeError: Found no NVIDIA driver on your system\n", stderr);
    return 1;
  }
  bool first = true;
  for (const char* cell : {"acc4", "acc8"}) {
    for (const fs::path& kspace :
         challenge::volumes_in(leaderboard / cell / challenge::kKspaceFolder)) {
      if (mode == "socket") fail_if_socket_is_refused();
      if (mode == "labels") fail_if_label_is_absent(kspace);
      if (mode != "missing" || !first)
        write_volume(kspace, out / cell / kspace.filename(), mode, first);
      first = false;
    }
  }
  if (mode == "extra")
    write_volume(leaderboard / "acc4/kspace/brain_test1.h5", out / "acc4/surprise.h5", mode, false);
  if (mode == "link") fs::create_symlink("/etc/passwd", out / "acc4/brain_test7.h5");
  if (mode == "sleep") ::sleep(3);
  if (mode == "nap") ::sleep(1);
  if (mode == "crash") ::raise(SIGKILL);
  std::printf("wrote everything\n");
  return 0;
}
