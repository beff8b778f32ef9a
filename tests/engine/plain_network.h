// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The network as its papers define it, in float64 and in loops that nobody would run for long: what
// the engine is held against where there is no LibTorch.
#pragma once

#include <complex>
#include <map>
#include <string>
#include <vector>

#include "challenge/network.h"

namespace reconproof::baseline::engine {

using PlainWeights = std::map<std::string, std::vector<float>>;
using ComplexImage = std::vector<std::complex<double>>;

/// Along one axis of [rows][columns]: sum of x[k] exp(sign 2 pi i k n / length), the middle of the
/// axis being number 0 on both sides, divided by sqrt(length).
ComplexImage centred_transform(const ComplexImage& image, int64_t rows, int64_t columns, int axis,
                               int sign);
ComplexImage centred_transform(const ComplexImage& image, int64_t rows, int64_t columns, int sign);

/// NormUnet of `prefix` ("cascades.0.model.unet.").
ComplexImage plain_unet(const ComplexImage& image, int64_t rows, int64_t columns, int64_t chans,
                        int64_t pools, const PlainWeights& weights, const std::string& prefix);

/// kspace [coils][rows * columns]; the root sum of squares, uncropped.
std::vector<double> plain_varnet(const challenge::VarnetSizes& sizes, const PlainWeights& weights,
                                 const std::vector<ComplexImage>& kspace,
                                 const std::vector<float>& mask, int64_t rows, int64_t columns,
                                 int64_t acs_begin, int64_t acs_end);

}  // namespace reconproof::baseline::engine
