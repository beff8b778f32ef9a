// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/runs/run.h"

#include <sys/random.h>
#include <zlib.h>

#include <algorithm>
#include <array>

#include "system/error.h"

namespace reconproof::submission {
namespace {

constexpr std::array<const char*, 5> kOutcomes = {"running", "succeeded", "failed", "killed",
                                                  "abandoned"};
constexpr int64_t kMaxDiffBytes = int64_t{64} << 20;

}  // namespace

const char* outcome_text(Outcome outcome) { return kOutcomes[static_cast<size_t>(outcome)]; }

std::optional<Outcome> outcome_from_text(std::string_view text) {
  const auto found = std::ranges::find(kOutcomes, text);
  if (found == kOutcomes.end()) return std::nullopt;
  return static_cast<Outcome>(found - kOutcomes.begin());
}

CurvePoint curve_point(const challenge::TrainingLogLine& line, double at_s) {
  CurvePoint point;
  point.epoch_end = line.kind == challenge::TrainingLogLine::Kind::kEpochEnd;
  point.epoch = line.epoch;
  point.epochs = line.epochs;
  point.iteration = line.iteration;
  point.iterations = line.iterations;
  point.loss = point.epoch_end ? line.train_loss : line.loss;
  point.val_loss = line.val_loss;
  point.time_s = point.epoch_end ? line.train_time_s : line.time_s;
  point.val_time_s = line.val_time_s;
  point.not_finite = line.not_finite;
  point.at_s = at_s;
  return point;
}

void take_point(Run& run, const CurvePoint& point) {
  run.epochs = std::max(run.epochs, point.epochs);
  if (!point.epoch_end) return;
  run.epochs_done = std::max(run.epochs_done, point.epoch + 1);
  if (point.val_loss)
    run.best_val_loss = std::min(run.best_val_loss.value_or(*point.val_loss), *point.val_loss);
}

std::string random_id() {
  std::array<unsigned char, 16> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    system::fail_errno(system::Code::kIo, "random bytes");
  std::string id;
  for (const unsigned char byte : bytes) id += fmt::format("{:02x}", byte);
  return id;
}

bool is_random_id(std::string_view text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string utf8_text(std::string_view text, size_t most) {
  // nlohmann's writer knows what is no UTF-8; its reader takes the quotes off again.
  const std::string quoted = nlohmann::json(text.substr(0, most))
                                 .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return nlohmann::json::parse(quoted).get<std::string>();
}

std::string deflate_text(std::string_view text) {
  uLongf size = ::compressBound(text.size());
  std::string compressed(size, '\0');
  RP_ASSERT(::compress2(reinterpret_cast<Bytef*>(compressed.data()), &size,
                        reinterpret_cast<const Bytef*>(text.data()), text.size(), 9) == Z_OK);
  compressed.resize(size);
  return compressed;
}

std::string inflate_text(std::string_view compressed, int64_t bytes, const std::string& name) {
  if (bytes < 0 || bytes > kMaxDiffBytes || bytes / 1100 > std::ssize(compressed)) {
    system::fail(system::Code::kCorrupt, "{}: {} bytes cannot be {} compressed ones", name, bytes,
                 compressed.size());
  }
  std::string text(static_cast<size_t>(bytes), '\0');
  uLongf size = text.size();
  const int code =
      ::uncompress(reinterpret_cast<Bytef*>(text.data()), &size,
                   reinterpret_cast<const Bytef*>(compressed.data()), compressed.size());
  if (code != Z_OK || size != text.size()) {
    system::fail(system::Code::kCorrupt,
                 "{}: the compressed bytes are damaged, expected {} bytes in zlib's format", name,
                 bytes);
  }
  return text;
}

}  // namespace reconproof::submission
