// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/plan/model_classes.h"

#include <fmt/format.h>

#include <cmath>

#include "system/terminal.h"

namespace reconproof::workflows {
namespace {

constexpr double kHeads = 8, kPatch = 16, kWindow = 8;
constexpr double kFloatBytes = 4;
constexpr double kUsualSteps = 1000;  // of a DDPM sampler

std::string size_text(double bytes) {
  const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  int unit = 0;
  for (; bytes >= 1024 && unit < 4; ++unit) bytes /= 1024;
  return fmt::format("{:.3g} {}", bytes, units[unit]);
}

/// "does not fit", or how many layers do.
std::string layers_text(double bytes, const std::optional<double>& memory_gib) {
  if (!memory_gib) return "";
  const double layers = std::floor(*memory_gib * 0x1p30 / bytes);
  if (layers < 1)
    return fmt::format(": {:.3g} times the {} GiB of the card, so not one layer fits",
                       bytes / (*memory_gib * 0x1p30), *memory_gib);
  return fmt::format(
      ": at most {:.0f} layers in {} GiB, where training keeps all of them and nothing else is "
      "there",
      layers, *memory_gib);
}

}  // namespace

double attention_bytes(double tokens, double window, double heads) {
  return tokens * window * heads * kFloatBytes;
}

ModelClass diffusion_class(const ClassLimits& limits) {
  ModelClass result{"Diffusion sampler", {}};
  if (!limits.slice_ms || limits.slices <= 0) {
    result.sentences.push_back(
        "Its time is steps x slices x time of one evaluation of its network; the last is not known "
        "here: calibrate, or name an edition with a reference time.");
    return result;
  }
  const double one_pass_s = limits.slices * limits.slice_ms->value / 1e3;
  const std::string whose = fmt::format("{:.3g} ms a slice ({}, {}) for {} on {}",
                                        limits.slice_ms->value, known_text(limits.slice_ms->known),
                                        "forward pass alone", limits.network, limits.device);
  result.sentences.push_back(fmt::format("With {}: {:.0f} steps x {:.0f} slices take {}.", whose,
                                         kUsualSteps, limits.slices,
                                         system::duration_text(kUsualSteps * one_pass_s)));
  if (!limits.leaderboard_s) return result;
  const double steps = std::floor(*limits.leaderboard_s / one_pass_s);
  result.sentences.push_back(
      steps < 1 ? fmt::format("The limit is {:.0f} s: not even one step a slice fits.",
                              *limits.leaderboard_s)
                : fmt::format("The limit is {:.0f} s: at most {:.0f} steps a slice, were nothing "
                              "else to take time.",
                              *limits.leaderboard_s, steps));
  return result;
}

ModelClass transformer_class(const ClassLimits& limits, const formats::Shape& shape) {
  ModelClass result{"Transformer", {}};
  const double rows = static_cast<double>(shape[1]), columns = static_cast<double>(shape[2]);
  const double pixels = rows * columns;
  const double full = attention_bytes(pixels, pixels, kHeads);
  result.sentences.push_back(
      fmt::format("Attention of every pixel to every pixel: {:.0f} tokens squared x {:.0f} heads x "
                  "4 bytes = {} "
                  "a layer{}.",
                  pixels, kHeads, size_text(full), layers_text(full, limits.memory_gib)));
  const double patches = std::ceil(rows / kPatch) * std::ceil(columns / kPatch);
  const double coarse = attention_bytes(patches, patches, kHeads);
  result.sentences.push_back(fmt::format(
      "Patches of {0:.0f} x {0:.0f} pixels: {1:.0f} tokens, {2} a layer{3}; a token "
      "then stands for {4:.0f} pixels.",
      kPatch, patches, size_text(coarse), layers_text(coarse, limits.memory_gib), kPatch * kPatch));
  const double windows = attention_bytes(pixels, kWindow * kWindow, kHeads);
  result.sentences.push_back(
      fmt::format("Full resolution in windows of {0:.0f} x {0:.0f} pixels (Swin): {1} a layer{2}.",
                  kWindow, size_text(windows), layers_text(windows, limits.memory_gib)));
  return result;
}

}  // namespace reconproof::workflows
