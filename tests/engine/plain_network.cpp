// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "tests/engine/plain_network.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

namespace reconproof::baseline::engine {
namespace {

struct Channels {
  int64_t count, rows, columns;
  std::vector<double> values;

  Channels(int64_t channels, int64_t height, int64_t width)
      : count(channels),
        rows(height),
        columns(width),
        values(static_cast<size_t>(channels * height * width)) {}
  double& at(int64_t channel, int64_t row, int64_t column) {
    return values[static_cast<size_t>((channel * rows + row) * columns + column)];
  }
  double at(int64_t channel, int64_t row, int64_t column) const {
    return values[static_cast<size_t>((channel * rows + row) * columns + column)];
  }
  /// Zero outside.
  double around(int64_t channel, int64_t row, int64_t column) const {
    const bool inside = row >= 0 && row < rows && column >= 0 && column < columns;
    return inside ? at(channel, row, column) : 0;
  }
};

class PlainUnet {
 public:
  PlainUnet(int64_t chans, int64_t pools, const PlainWeights& weights, const std::string& prefix)
      : chans_(chans), pools_(pools), weights_(weights), prefix_(prefix) {}

  Channels run(Channels x) const {
    std::vector<Channels> skips;
    for (int64_t level = 0; level < pools_; ++level) {
      x = block(x, chans_ << level, fmt::format("down_sample_layers.{}", level));
      skips.push_back(x);
      x = halved(x);
    }
    x = block(x, chans_ << pools_, "conv");
    for (int64_t step = 0; step < pools_; ++step) {
      const Channels& skip = skips.back();
      Channels up =
          doubled(x, skip.count, weight(fmt::format("up_transpose_conv.{}.layers.0", step)));
      normalise(up);
      const bool last = step + 1 == pools_;
      x = block(joined(up, skip), skip.count, fmt::format("up_conv.{}{}", step, last ? ".0" : ""));
      skips.pop_back();
    }
    const std::string name = fmt::format("{}up_conv.{}.1", prefix_, pools_ - 1);
    return pointwise(x, weights_.at(name + ".weight"), weights_.at(name + ".bias"));
  }

 private:
  const std::vector<float>& weight(const std::string& name) const {
    return weights_.at(prefix_ + name + ".weight");
  }

  static void normalise(Channels& x) {
    const double n = static_cast<double>(x.rows * x.columns);
    const size_t plane = static_cast<size_t>(x.rows * x.columns);
    for (size_t begin = 0; begin < x.values.size(); begin += plane) {
      double sum = 0, square = 0;
      for (size_t i = begin; i < begin + plane; ++i) sum += x.values[i];
      for (size_t i = begin; i < begin + plane; ++i) square += std::pow(x.values[i] - sum / n, 2);
      for (size_t i = begin; i < begin + plane; ++i) {
        const double y = (x.values[i] - sum / n) / std::sqrt(square / n + 1e-5);
        x.values[i] = y > 0 ? y : 0.2 * y;
      }
    }
  }

  static Channels convolved(const Channels& x, int64_t outputs, const std::vector<float>& weights) {
    Channels y(outputs, x.rows, x.columns);
    for (int64_t o = 0; o < outputs; ++o)
      for (int64_t row = 0; row < x.rows; ++row)
        for (int64_t column = 0; column < x.columns; ++column)
          for (int64_t i = 0; i < x.count; ++i)
            for (int64_t tap = 0; tap < 9; ++tap) {
              y.at(o, row, column) +=
                  static_cast<double>(weights[static_cast<size_t>((o * x.count + i) * 9 + tap)]) *
                  x.around(i, row + tap / 3 - 1, column + tap % 3 - 1);
            }
    return y;
  }

  Channels block(const Channels& x, int64_t outputs, const std::string& name) const {
    Channels y = convolved(x, outputs, weight(name + ".layers.0"));
    normalise(y);
    y = convolved(y, outputs, weight(name + ".layers.4"));
    normalise(y);
    return y;
  }

  static Channels halved(const Channels& x) {
    Channels y(x.count, x.rows / 2, x.columns / 2);
    for (int64_t channel = 0; channel < x.count; ++channel)
      for (int64_t row = 0; row < y.rows; ++row)
        for (int64_t column = 0; column < y.columns; ++column)
          for (int64_t tap = 0; tap < 4; ++tap)
            y.at(channel, row, column) +=
                x.at(channel, 2 * row + tap / 2, 2 * column + tap % 2) / 4;
    return y;
  }

  static Channels doubled(const Channels& x, int64_t outputs, const std::vector<float>& weights) {
    Channels y(outputs, 2 * x.rows, 2 * x.columns);
    for (int64_t o = 0; o < outputs; ++o)
      for (int64_t row = 0; row < y.rows; ++row)
        for (int64_t column = 0; column < y.columns; ++column)
          for (int64_t i = 0; i < x.count; ++i) {
            const int64_t tap = row % 2 * 2 + column % 2;
            y.at(o, row, column) +=
                static_cast<double>(weights[static_cast<size_t>((i * outputs + o) * 4 + tap)]) *
                x.at(i, row / 2, column / 2);
          }
    return y;
  }

  /// What is one short of the skip repeats its last but one row or column.
  static Channels joined(const Channels& up, const Channels& skip) {
    Channels y(up.count + skip.count, skip.rows, skip.columns);
    for (int64_t channel = 0; channel < up.count; ++channel)
      for (int64_t row = 0; row < y.rows; ++row)
        for (int64_t column = 0; column < y.columns; ++column)
          y.at(channel, row, column) = up.at(channel, row < up.rows ? row : up.rows - 2,
                                             column < up.columns ? column : up.columns - 2);
    for (int64_t channel = 0; channel < skip.count; ++channel)
      for (int64_t row = 0; row < y.rows; ++row)
        for (int64_t column = 0; column < y.columns; ++column)
          y.at(up.count + channel, row, column) = skip.at(channel, row, column);
    return y;
  }

  static Channels pointwise(const Channels& x, const std::vector<float>& weights,
                            const std::vector<float>& bias) {
    Channels y(std::ssize(bias), x.rows, x.columns);
    for (int64_t o = 0; o < y.count; ++o)
      for (int64_t row = 0; row < x.rows; ++row)
        for (int64_t column = 0; column < x.columns; ++column) {
          double sum = static_cast<double>(bias[static_cast<size_t>(o)]);
          for (int64_t i = 0; i < x.count; ++i)
            sum += static_cast<double>(weights[static_cast<size_t>(o * x.count + i)]) *
                   x.at(i, row, column);
          y.at(o, row, column) = sum;
        }
    return y;
  }

  int64_t chans_, pools_;
  const PlainWeights& weights_;
  std::string prefix_;
};

ComplexImage sum_over_coils(const std::vector<ComplexImage>& images,
                            const std::vector<ComplexImage>& maps) {
  ComplexImage sum(images.front().size());
  for (size_t coil = 0; coil < images.size(); ++coil)
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += images[coil][i] * std::conj(maps[coil][i]);
  return sum;
}

std::vector<double> root_of_squares(const std::vector<ComplexImage>& images) {
  std::vector<double> roots(images.front().size());
  for (const ComplexImage& image : images)
    for (size_t i = 0; i < roots.size(); ++i) roots[i] += std::norm(image[i]);
  for (double& root : roots) root = std::sqrt(root);
  return roots;
}

}  // namespace

ComplexImage centred_transform(const ComplexImage& image, int64_t rows, int64_t columns, int axis,
                               int sign) {
  const int64_t n = axis == 0 ? rows : columns, others = axis == 0 ? columns : rows;
  const int64_t step = axis == 0 ? columns : 1, other_step = axis == 0 ? 1 : columns;
  ComplexImage result(image.size());
  for (int64_t other = 0; other < others; ++other)
    for (int64_t to = 0; to < n; ++to)
      for (int64_t from = 0; from < n; ++from) {
        const int64_t turn = (to - n / 2) * (from - n / 2) % n;
        const double angle =
            sign * 2 * std::numbers::pi * static_cast<double>(turn) / static_cast<double>(n);
        result[static_cast<size_t>(other * other_step + to * step)] +=
            image[static_cast<size_t>(other * other_step + from * step)] *
            std::polar(1 / std::sqrt(static_cast<double>(n)), angle);
      }
  return result;
}

ComplexImage centred_transform(const ComplexImage& image, int64_t rows, int64_t columns, int sign) {
  return centred_transform(centred_transform(image, rows, columns, 0, sign), rows, columns, 1,
                           sign);
}

ComplexImage plain_unet(const ComplexImage& image, int64_t rows, int64_t columns, int64_t chans,
                        int64_t pools, const PlainWeights& weights, const std::string& prefix) {
  const int64_t padded_rows = (rows + 15) / 16 * 16, padded_columns = (columns + 15) / 16 * 16;
  const int64_t top = (padded_rows - rows) / 2, left = (padded_columns - columns) / 2;
  Channels x(2, padded_rows, padded_columns);
  const double n = static_cast<double>(rows * columns);
  double means[2] = {}, deviations[2] = {};
  const auto part_of = [](std::complex<double> z, int64_t part) {
    return part == 0 ? z.real() : z.imag();
  };
  for (const int64_t part : {0, 1}) {
    for (const auto& pixel : image) means[part] += part_of(pixel, part) / n;
    for (const auto& pixel : image)
      deviations[part] += std::pow(part_of(pixel, part) - means[part], 2) / (n - 1);
    deviations[part] = std::sqrt(deviations[part]);
    for (int64_t i = 0; i < std::ssize(image); ++i)
      x.at(part, top + i / columns, left + i % columns) =
          (part_of(image[static_cast<size_t>(i)], part) - means[part]) / deviations[part];
  }
  x = PlainUnet(chans, pools, weights, prefix).run(std::move(x));
  ComplexImage result(image.size());
  for (int64_t i = 0; i < std::ssize(image); ++i) {
    const int64_t row = top + i / columns, column = left + i % columns;
    result[static_cast<size_t>(i)] = {x.at(0, row, column) * deviations[0] + means[0],
                                      x.at(1, row, column) * deviations[1] + means[1]};
  }
  return result;
}

std::vector<double> plain_varnet(const challenge::VarnetSizes& sizes, const PlainWeights& weights,
                                 const std::vector<ComplexImage>& kspace,
                                 const std::vector<float>& mask, int64_t rows, int64_t columns,
                                 int64_t acs_begin, int64_t acs_end) {
  std::vector<ComplexImage> maps;
  for (ComplexImage low : kspace) {
    for (int64_t i = 0; i < std::ssize(low); ++i)
      if (i % columns < acs_begin || i % columns >= acs_end) low[static_cast<size_t>(i)] = 0;
    maps.push_back(plain_unet(centred_transform(low, rows, columns, 1), rows, columns,
                              sizes.sens_chans, sizes.pools, weights, "sens_net.norm_unet.unet."));
  }
  const std::vector<double> roots = root_of_squares(maps);
  for (ComplexImage& map : maps)
    for (size_t i = 0; i < map.size(); ++i) map[i] /= roots[i];
  std::vector<ComplexImage> current = kspace;
  for (int64_t cascade = 0; cascade < sizes.cascades; ++cascade) {
    std::vector<ComplexImage> images;
    for (const ComplexImage& k : current) images.push_back(centred_transform(k, rows, columns, 1));
    const ComplexImage artefact =
        plain_unet(sum_over_coils(images, maps), rows, columns, sizes.chans, sizes.pools, weights,
                   fmt::format("cascades.{}.model.unet.", cascade));
    const double weight =
        static_cast<double>(weights.at(fmt::format("cascades.{}.dc_weight", cascade)).front());
    for (size_t coil = 0; coil < current.size(); ++coil) {
      ComplexImage in_coil(artefact.size());
      for (size_t i = 0; i < in_coil.size(); ++i) in_coil[i] = artefact[i] * maps[coil][i];
      const ComplexImage removed = centred_transform(in_coil, rows, columns, -1);
      for (size_t i = 0; i < in_coil.size(); ++i) {
        const double sampled = static_cast<double>(mask[i % static_cast<size_t>(columns)]) * weight;
        current[coil][i] -= (current[coil][i] - kspace[coil][i]) * sampled + removed[i];
      }
    }
  }
  std::vector<ComplexImage> images;
  for (const ComplexImage& k : current) images.push_back(centred_transform(k, rows, columns, 1));
  return root_of_squares(images);
}

}  // namespace reconproof::baseline::engine
