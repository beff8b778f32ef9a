// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "tests/baseline/plain_varnet.h"

#include <torch/fft.h>

namespace reconproof::baseline {
namespace {

using torch::Tensor;

/// Weights below one module.
class Module {
 public:
  Module(const std::map<std::string, Tensor>& weights, std::string prefix)
      : weights_(weights), prefix_(std::move(prefix)) {}
  Tensor operator[](const std::string& name) const { return weights_.at(prefix_ + name); }
  Module at(const std::string& name) const { return {weights_, prefix_ + name + "."}; }

 private:
  const std::map<std::string, Tensor>& weights_;
  std::string prefix_;
};

Tensor norm_and_activate(const Tensor& x) {
  const Tensor centred = x - x.mean({2, 3}, true);
  const Tensor variance = (centred * centred).mean({2, 3}, true);
  const Tensor y = centred / (variance + 1e-5).sqrt();
  return torch::where(y > 0, y, 0.2 * y);
}

/// A 3x3 convolution as nine shifted products.
Tensor convolve(const Tensor& x, const Tensor& weight) {
  const Tensor padded = torch::constant_pad_nd(x, {1, 1, 1, 1}, 0);
  Tensor sum;
  for (int64_t i = 0; i < 3; ++i) {
    for (int64_t j = 0; j < 3; ++j) {
      const Tensor shifted = padded.slice(2, i, i + x.size(2)).slice(3, j, j + x.size(3));
      const Tensor term =
          torch::einsum("nchw,oc->nohw", {shifted, weight.select(3, j).select(2, i)});
      sum = sum.defined() ? sum + term : term;
    }
  }
  return sum;
}

Tensor block(const Module& m, const Tensor& x) {
  const Tensor first = norm_and_activate(convolve(x, m["layers.0.weight"]));
  return norm_and_activate(convolve(first, m["layers.4.weight"]));
}

Tensor halve(const Tensor& x) {
  return x.reshape({x.size(0), x.size(1), x.size(2) / 2, 2, x.size(3) / 2, 2}).mean({3, 5});
}

Tensor unet(const Module& m, Tensor x, int64_t pools) {
  std::vector<Tensor> skips;
  for (int64_t level = 0; level < pools; ++level) {
    skips.push_back(block(m.at("down_sample_layers." + std::to_string(level)), x));
    x = halve(skips.back());
  }
  x = block(m.at("conv"), x);
  for (int64_t i = 0; i < pools; ++i) {
    const Tensor weight = m["up_transpose_conv." + std::to_string(i) + ".layers.0.weight"];
    const Tensor spread = torch::einsum("nchw,coab->nohawb", {x, weight});
    const Tensor doubled =
        spread.reshape({x.size(0), weight.size(1), 2 * x.size(2), 2 * x.size(3)});
    const Tensor joined = torch::cat({norm_and_activate(doubled), skips.back()}, 1);
    skips.pop_back();
    const std::string name = "up_conv." + std::to_string(i);
    x = block(i + 1 == pools ? m.at(name + ".0") : m.at(name), joined);
  }
  const std::string last = "up_conv." + std::to_string(pools - 1) + ".1.";
  return torch::einsum("nchw,oc->nohw", {x, m[last + "weight"].select(3, 0).select(2, 0)}) +
         m[last + "bias"].view({1, -1, 1, 1});
}

/// [N, H, W] complex -> same.
Tensor norm_unet(const Module& m, const Tensor& image, int64_t pools) {
  const Tensor parts = torch::stack({torch::real(image), torch::imag(image)}, 1);
  const Tensor mean = parts.mean({2, 3}, true);
  const double count = static_cast<double>(image.size(1) * image.size(2));
  const Tensor deviation =
      (((parts - mean) * (parts - mean)).sum({2, 3}, true) / (count - 1)).sqrt();
  const int64_t height = image.size(1), width = image.size(2);
  const int64_t rows = (16 - height % 16) % 16, columns = (16 - width % 16) % 16;
  const Tensor padded =
      torch::constant_pad_nd((parts - mean) / deviation,
                             {columns / 2, columns - columns / 2, rows / 2, rows - rows / 2}, 0);
  const Tensor output = unet(m.at("unet"), padded, pools)
                                .slice(2, rows / 2, rows / 2 + height)
                                .slice(3, columns / 2, columns / 2 + width) *
                            deviation +
                        mean;
  return torch::complex(output.select(1, 0).contiguous(), output.select(1, 1).contiguous());
}

Tensor shifted(const Tensor& x, bool back) {
  const int64_t rows = x.size(-2) / 2, columns = x.size(-1) / 2;
  return back ? x.roll({-rows, -columns}, {-2, -1}) : x.roll({rows, columns}, {-2, -1});
}

Tensor to_kspace(const Tensor& image) {
  return shifted(torch::fft::fft2(shifted(image, true), {}, {-2, -1}, "ortho"), false);
}

Tensor to_image(const Tensor& kspace) {
  return shifted(torch::fft::ifft2(shifted(kspace, true), {}, {-2, -1}, "ortho"), false);
}

Tensor magnitude_over_coils(const Tensor& coils) {
  return (torch::real(coils).square() + torch::imag(coils).square()).sum(0).sqrt();
}

}  // namespace

Tensor plain_varnet(const std::map<std::string, Tensor>& weights,
                    const challenge::VarnetSizes& sizes, const Tensor& kspace, const Tensor& mask,
                    int64_t acs_begin, int64_t acs_end, int64_t size) {
  const Module root(weights, "");
  const Tensor columns = torch::arange(mask.size(0));
  const Tensor centre = ((columns >= acs_begin) & (columns < acs_end)).to(mask.scalar_type());
  const Tensor raw =
      norm_unet(root.at("sens_net.norm_unet"), to_image(kspace * centre), sizes.pools);
  const Tensor maps = raw / magnitude_over_coils(raw);
  Tensor current = kspace;
  for (int64_t i = 0; i < sizes.cascades; ++i) {
    const Module cascade = root.at("cascades." + std::to_string(i));
    const Tensor image = (to_image(current) * maps.conj()).sum(0);
    const Tensor artefact = norm_unet(cascade.at("model"), image.unsqueeze(0), sizes.pools);
    current =
        current - mask * (current - kspace) * cascade["dc_weight"] - to_kspace(artefact * maps);
  }
  const Tensor image = magnitude_over_coils(to_image(current));
  const int64_t top = (size - image.size(0)) / 2, left = (size - image.size(1)) / 2;
  return torch::constant_pad_nd(
      image, {left, size - left - image.size(1), top, size - top - image.size(0)}, 0);
}

Tensor plain_ssim_loss(const Tensor& output, const Tensor& target, double range) {
  const auto mean = [](const Tensor& x) { return x.unfold(0, 7, 1).unfold(1, 7, 1).mean({2, 3}); };
  const Tensor ux = mean(output), uy = mean(target);
  constexpr double kSample = 49.0 / 48.0;
  const Tensor vx = kSample * (mean(output * output) - ux * ux);
  const Tensor vy = kSample * (mean(target * target) - uy * uy);
  const Tensor vxy = kSample * (mean(output * target) - ux * uy);
  const double c1 = 0.01 * range * 0.01 * range, c2 = 0.03 * range * 0.03 * range;
  const Tensor similarity =
      (2 * ux * uy + c1) * (2 * vxy + c2) / ((ux * ux + uy * uy + c1) * (vx + vy + c2));
  return 1 - similarity.mean();
}

}  // namespace reconproof::baseline
