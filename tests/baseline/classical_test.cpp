// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/infer/classical.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "baseline/classical/sampling.h"
#include "baseline/classical/sensitivities.h"
#include "baseline/model/fft.h"
#include "baseline/model/varnet.h"
#include "challenge/dataset/import.h"
#include "challenge/score/score.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::baseline {
namespace {

using system::Code;
using ::testing::HasSubstr;

torch::Tensor random_complex(const std::vector<int64_t>& shape, uint64_t seed) {
  torch::manual_seed(seed);
  return torch::randn(shape, torch::kComplexFloat);
}

/// Every R-th column from `offset` on, and `acs` columns around the centre.
torch::Tensor mask_of(int64_t width, int64_t acceleration, int64_t offset, int64_t acs) {
  const std::vector<float> mask = challenge::sampling_mask({acceleration, acs, offset}, width);
  return torch::tensor(mask);
}

/// [1, C, H, W] c64 of unit root sum of squares: coils on a circle, each with a phase of its own.
torch::Tensor smooth_maps(int64_t coils, int64_t height, int64_t width) {
  const torch::Tensor y = torch::linspace(-1, 1, height).view({height, 1});
  const torch::Tensor x = torch::linspace(-1, 1, width).view({1, width});
  std::vector<torch::Tensor> maps;
  for (int64_t coil = 0; coil < coils; ++coil) {
    const double angle = 2 * M_PI * static_cast<double>(coil) / static_cast<double>(coils);
    const torch::Tensor distance =
        (y - 1.2 * std::sin(angle)).square() + (x - 1.2 * std::cos(angle)).square();
    maps.push_back(torch::polar((-distance).exp(), angle + x * std::cos(angle) + y));
  }
  const torch::Tensor stack = torch::stack(maps).unsqueeze(0);
  return stack / root_sum_of_squares(stack).unsqueeze(1);
}

double distance(const torch::Tensor& found, const torch::Tensor& expected) {
  return ((found - expected).norm() / expected.norm()).item<double>();
}

template <typename Function>
void expect_error(Code code, const std::string& part, Function function) {
  try {
    function();
    FAIL() << "no error with: " << part;
  } catch (const system::Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_THAT(error.what(), HasSubstr(part));
  }
}

ClassicalOptions options_of(ClassicalMethod method) {
  ClassicalOptions options;
  options.method = method;
  return options;
}

TEST(ContiguousAcs, CountsBothSidesAsTheyAre) {
  const auto expect = [](std::vector<float> mask, int64_t begin, int64_t end) {
    const Acs acs = contiguous_acs(torch::tensor(mask));
    EXPECT_EQ(acs.begin, begin);
    EXPECT_EQ(acs.end, end);
  };
  expect({1, 0, 1, 1, 1, 0, 0, 1}, 2, 5);  // centre 4: two left of it
  expect({0, 1, 1, 0, 1, 0}, 1, 3);        // the centre itself is missing
  expect({1, 0, 0, 0, 1, 0}, 3, 3);        // neither
  expect({1, 1, 1, 1, 1}, 0, 5);
  const Acs middle = middle_of({10, 31}, 8);
  EXPECT_EQ(middle.begin, 16);
  EXPECT_EQ(middle.end, 24);
}

TEST(Classical, CompleteKspaceGivesTheLabel) {
  const torch::Tensor kspace = random_complex({1, 5, 40, 36}, 1), mask = torch::ones(36);
  const torch::Tensor label =
      centre_crop(root_sum_of_squares(ifft2_centred(kspace)), 32, Crop::kZeroPad);
  for (const auto method :
       {ClassicalMethod::kZeroFilled, ClassicalMethod::kGrappa, ClassicalMethod::kCgSense}) {
    const torch::Tensor image =
        classical_image(kspace, mask, {}, options_of(method), {32, Crop::kZeroPad});
    EXPECT_EQ(image.sizes(), label.sizes());
    EXPECT_LT(distance(image, label), 1e-6) << name_of(method);
  }
}

TEST(Classical, CompleteKspaceAndMapsGiveTheCombination) {
  const torch::Tensor maps = smooth_maps(5, 24, 20), kspace = random_complex({1, 5, 24, 20}, 2);
  const torch::Tensor combination = (ifft2_centred(kspace) * maps.conj()).sum(1);
  EXPECT_LT(distance(cg_sense(kspace, torch::ones(20), maps, {10, 0, 1e-7}), combination), 1e-6);
}

TEST(Encode, HasItsAdjoint) {
  const torch::Tensor maps = random_complex({1, 4, 15, 21}, 3), mask = mask_of(21, 3, 1, 5);
  const torch::Tensor x = random_complex({1, 15, 21}, 4), y = random_complex({1, 4, 15, 21}, 5);
  const auto product = [](const torch::Tensor& a, const torch::Tensor& b) {
    return (a.conj() * b).sum().item<c10::complex<float>>();
  };
  const auto left = product(encode(x, maps, mask), y),
             right = product(x, encode_adjoint(y, maps, mask));
  EXPECT_LT(std::abs(left - right), 1e-4 * std::abs(left));
}

TEST(CgSense, SolvesItsEquation) {
  // Against the operators of the whole image: cg_sense itself works row by row in one dimension.
  const torch::Tensor maps = smooth_maps(6, 33, 45), mask = mask_of(45, 3, 2, 7);
  const torch::Tensor kspace = random_complex({1, 6, 33, 45}, 6) * mask;
  const torch::Tensor x = cg_sense(kspace, mask, maps, {200, 0.05, 1e-7});
  const torch::Tensor left = encode_adjoint(encode(x, maps, mask), maps, mask) + 0.05 * x;
  EXPECT_LT(distance(left, encode_adjoint(kspace, maps, mask)), 1e-5);
}

TEST(CgSense, FindsTheTruthWithoutNoise) {
  const torch::Tensor maps = smooth_maps(8, 32, 48), truth = random_complex({1, 32, 48}, 7);
  for (const int64_t acceleration : {2, 3}) {
    const torch::Tensor mask = mask_of(48, acceleration, 0, 8);
    const torch::Tensor kspace = encode(truth, maps, mask);
    EXPECT_LT(distance(cg_sense(kspace, mask, maps, {500, 0, 1e-7}), truth), 1e-3) << acceleration;
    EXPECT_GT(distance(cg_sense(kspace, mask, maps, {1, 0, 1e-7}), truth), 1e-2) << acceleration;
  }
}

TEST(CgSense, RowsOfAirAreZero) {
  torch::Tensor maps = smooth_maps(4, 20, 24);
  maps.slice(2, 0, 9).zero_();
  const torch::Tensor mask = mask_of(24, 2, 0, 8);
  const torch::Tensor x = cg_sense(random_complex({1, 4, 20, 24}, 8) * mask, mask, maps, {});
  EXPECT_TRUE(torch::isfinite(torch::view_as_real(x)).all().item<bool>());
  EXPECT_EQ(x.slice(1, 0, 9).abs().max().item<float>(), 0);
}

/// Coil c sees the spectrum moved by c columns. Then a missing column of one coil lies, sampled, in
/// another: a kernel that GRAPPA has to find.
torch::Tensor moved_coils(int64_t coils, int64_t height, int64_t width) {
  const torch::Tensor spectrum = random_complex({height, width + coils}, 9);
  std::vector<torch::Tensor> moved;
  for (int64_t coil = 0; coil < coils; ++coil)
    moved.push_back(spectrum.slice(1, coil, coil + width));
  return torch::stack(moved).unsqueeze(0);
}

TEST(Grappa, FindsAKernelThatHolds) {
  for (const int64_t acceleration : {2, 3, 4, 5, 6, 7, 8, 9}) {
    const int64_t height = 96, width = 80 + acceleration % 2;
    const torch::Tensor kspace = moved_coils(acceleration, height, width);
    for (const int64_t offset : {int64_t{0}, acceleration / 2, acceleration - 1}) {
      const torch::Tensor mask = mask_of(width, acceleration, offset, 2 * acceleration + 3);
      const torch::Tensor filled = grappa(kspace * mask, mask, {5, 4, 1e-8});
      // Beyond the outermost samples, and where rows of the kernel reach beyond the edge, no kernel
      // holds exactly.
      const auto inner = [&](const torch::Tensor& k) {
        return k.slice(3, acceleration, width - acceleration).slice(2, 2, height - 2);
      };
      EXPECT_LT(distance(inner(filled), inner(kspace)), 1e-3) << acceleration << " " << offset;
    }
  }
}

TEST(Grappa, KeepsTheSamples) {
  const torch::Tensor mask = mask_of(41, 3, 1, 9),
                      kspace = random_complex({1, 4, 30, 41}, 10) * mask;
  const torch::Tensor filled = grappa(kspace, mask, {});
  EXPECT_TRUE(torch::equal(torch::view_as_real(filled * mask), torch::view_as_real(kspace)));
  EXPECT_GT((filled * (1 - mask)).abs().max().item<float>(), 0);
}

TEST(Grappa, FillsMasksThatAreNotRegular) {
  torch::Tensor mask = mask_of(60, 60, 0, 16);
  for (const int64_t column : {3, 4, 9, 15, 18, 40, 45, 46, 51, 57}) mask[column] = 1;
  const torch::Tensor kspace = moved_coils(4, 64, 60) * mask;
  const torch::Tensor filled = grappa(kspace, mask, {});
  EXPECT_TRUE(torch::isfinite(torch::view_as_real(filled)).all().item<bool>());
}

TEST(Classical, ScalesWithTheData) {
  const torch::Tensor mask = mask_of(48, 4, 3, 12);
  const torch::Tensor kspace =
      encode(random_complex({1, 40, 48}, 11), smooth_maps(6, 40, 48), mask);
  for (const auto method :
       {ClassicalMethod::kZeroFilled, ClassicalMethod::kGrappa, ClassicalMethod::kCgSense}) {
    const ClassicalOptions options = options_of(method);
    const torch::Tensor image = classical_image(kspace, mask, {}, options, {}),
                        scaled = classical_image(kspace * 1e-6, mask, {}, options, {});
    EXPECT_LT(distance(scaled * 1e6, image), 1e-4) << name_of(method);
  }
}

TEST(Classical, DoesNotDependOnThreads) {
  const torch::Tensor mask = mask_of(96, 4, 3, 16);
  const torch::Tensor kspace =
      encode(random_complex({1, 64, 96}, 12), smooth_maps(6, 64, 96), mask);
  const int threads = torch::get_num_threads();
  for (const auto method : {ClassicalMethod::kGrappa, ClassicalMethod::kCgSense}) {
    torch::set_num_threads(1);
    const torch::Tensor one = classical_image(kspace, mask, {}, options_of(method), {});
    torch::set_num_threads(3);
    const torch::Tensor three = classical_image(kspace, mask, {}, options_of(method), {});
    EXPECT_TRUE(torch::equal(one, three)) << name_of(method);
  }
  torch::set_num_threads(threads);
}

TEST(Classical, OversampledRowsAreLeftOutBeforehand) {
  // Twice the rows, air in the outer half: the same image as without them.
  const torch::Tensor mask = mask_of(48, 3, 0, 12);
  const torch::Tensor truth = random_complex({1, 40, 48}, 13), maps = smooth_maps(6, 40, 48);
  const torch::Tensor wide_truth = torch::constant_pad_nd(truth, {0, 0, 20, 20}),
                      wide_maps = torch::constant_pad_nd(maps, {0, 0, 20, 20});
  const ClassicalOptions options = options_of(ClassicalMethod::kCgSense);
  const ImageGeometry geometry{40, Crop::kZeroPad};
  const torch::Tensor expected =
      classical_image(encode(truth, maps, mask), mask, maps, options, geometry);
  const torch::Tensor found =
      classical_image(encode(wide_truth, wide_maps, mask), mask, wide_maps, options, geometry);
  EXPECT_LT(distance(found, expected), 1e-5);
}

TEST(Grappa, NamesAnAcsThatIsTooSmall) {
  const torch::Tensor kspace = random_complex({1, 4, 32, 64}, 14);
  const auto run = [&](const torch::Tensor& mask) { grappa(kspace * mask, mask, {}); };
  expect_error(Code::kUnsupported, "has 0 columns, 5 are enough",
               [&] { run(mask_of(64, 4, 1, 0)); });
  expect_error(Code::kUnsupported, "has 3 columns, 9 are enough",
               [&] { run(mask_of(64, 8, 1, 3)); });
  run(mask_of(64, 4, 1, 5));
  expect_error(Code::kUnsupported, "0 sampled columns", [&] { run(torch::zeros(64)); });
}

TEST(Grappa, AsksForALargerLambda) {
  const torch::Tensor mask = mask_of(64, 4, 1, 16);
  torch::Tensor kspace = random_complex({1, 4, 32, 64}, 16) * mask;
  kspace.select(1, 2).zero_();  // a coil that is broken
  expect_error(Code::kInvalidArgument, "--lambda", [&] { grappa(kspace, mask, {5, 4, 0}); });
  EXPECT_TRUE(torch::isfinite(torch::view_as_real(grappa(kspace, mask, {}))).all().item<bool>());
}

TEST(Classical, ASliceWithoutSignalIsBlack) {
  const torch::Tensor kspace = torch::zeros({1, 4, 32, 64}, torch::kComplexFloat);
  for (const auto method :
       {ClassicalMethod::kZeroFilled, ClassicalMethod::kGrappa, ClassicalMethod::kCgSense}) {
    const torch::Tensor image =
        classical_image(kspace, mask_of(64, 4, 1, 16), {}, options_of(method), {});
    EXPECT_TRUE(torch::equal(image, torch::zeros({1, 384, 384}))) << name_of(method);
  }
}

TEST(Sensitivities, HaveUnitRootSumOfSquaresOrAreZero) {
  const torch::Tensor maps = smooth_maps(6, 64, 64), mask = mask_of(64, 4, 3, 16);
  torch::Tensor head = torch::zeros({1, 64, 64}, torch::kComplexFloat);
  head.slice(1, 16, 48).slice(2, 20, 44).fill_(1);
  const torch::Tensor found = sensitivities(encode(head, maps, mask), mask);
  const torch::Tensor magnitude = root_sum_of_squares(found);
  const torch::Tensor zero_or_one = (magnitude < 1e-6).logical_or((magnitude - 1).abs() < 1e-5);
  EXPECT_TRUE(zero_or_one.all().item<bool>());
  EXPECT_EQ(magnitude[0][0][0].item<float>(), 0);  // air
  // Inside they are the coils' own, up to the phase that they share.
  const auto inside = [](const torch::Tensor& x) { return x.slice(2, 24, 40).slice(3, 28, 36); };
  EXPECT_LT(distance(inside(found).abs(), inside(maps).abs()), 0.02);
}

TEST(Sensitivities, NeedAnAcs) {
  const torch::Tensor kspace = random_complex({1, 4, 32, 40}, 15);
  expect_error(Code::kUnsupported, "of 4 columns or more, found 3",
               [&] { sensitivities(kspace, mask_of(40, 40, 0, 3)); });
  expect_error(Code::kUnsupported, "found 0",
               [&] { sensitivities(kspace, mask_of(40, 40, 0, 0)); });
}

TEST(ClassicalMethod, HasNames) {
  EXPECT_EQ(classical_method("cg-sense"), ClassicalMethod::kCgSense);
  EXPECT_STREQ(name_of(ClassicalMethod::kGrappa), "grappa");
  expect_error(Code::kUsage, "--method sense", [] { classical_method("sense"); });
}

TEST(MapFile, FitsTheKspaceOrSaysWhy) {
  const system::TemporaryFolder folder;
  const auto save = [&](const char* name, const torch::Tensor& maps) {
    // NumPy's format for complex64: the writer of formats/ has float types only.
    std::string header = fmt::format("{{'descr': '<c8', 'fortran_order': False, 'shape': {}, }}",
                                     formats::shape_text(maps.sizes().vec()));
    header.resize(117, ' ');
    const auto size = static_cast<size_t>(maps.numel()) * sizeof(float) * 2;
    const std::string values(static_cast<const char*>(maps.data_ptr()), size);
    const auto path = folder.path() / name;
    system::write_file(path, std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + "\n" + values);
    return path;
  };
  const torch::Tensor kspace = torch::zeros({1, 3, 4, 5}, torch::kComplexFloat);
  const torch::Tensor one = random_complex({3, 4, 5}, 17), two = random_complex({2, 3, 4, 5}, 18);
  const auto same = [](const torch::Tensor& a, const torch::Tensor& b) {
    return torch::equal(torch::view_as_real(a), torch::view_as_real(b));
  };
  const MapFile shared(save("one.npy", one)), each(save("two.npy", two));
  EXPECT_TRUE(same(shared.slice(7, kspace)[0], one));
  EXPECT_TRUE(same(each.slice(1, kspace)[0], two[1]));
  expect_error(Code::kCorrupt, "two.npy: shape (2, 3, 4, 5), but slice 2 of the k-space",
               [&] { each.slice(2, kspace); });
  expect_error(Code::kCorrupt, "(3, 4, 6)", [&] {
    shared.slice(0, torch::zeros({1, 3, 4, 6}, torch::kComplexFloat));
  });
  expect_error(Code::kCorrupt, "expected complex64 (coils, H, W)", [&] {
    MapFile(save("flat.npy", random_complex({4, 5}, 19)));
  });
  expect_error(Code::kCorrupt, "NaN", [&] { MapFile(save("nan.npy", one / 0)); });
}

// ---- A real slice, by the edition's score ----

/// Both cells of an edition with the slice of tests/data; reconstructs it by each method.
class RealSlice : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string source =
        std::string(RECONPROOF_TEST_DATA) + "/brain_t1_7coil/brain_t1_7coil.h5";
    for (const challenge::Cell& cell : edition_.cells) {
      challenge::KspaceVolume volume = challenge::read_complete_kspace(source);
      challenge::scale_to_peak(volume, 8e-4);
      challenge::VolumeOptions options;
      options.name = "brain_test1";
      options.masked = true;
      options.pattern.acceleration = cell.name == "acc4" ? 4 : 8;
      options.pattern.acs = 18;
      const auto folder = labels() / cell.folder;
      challenge::write_volume(folder, std::move(volume), options);
    }
  }

  std::filesystem::path labels() const { return folder_.path() / "data"; }

  /// SSIM of each cell.
  std::map<std::string, double> scores(const ClassicalOptions& options) {
    ClassicalRun run;
    run.options = options;
    const auto out = folder_.path() / name_of(options.method);
    reconstruct_classical(edition_, run, labels(), out);
    std::map<std::string, double> values;
    for (const auto& item : challenge::score(edition_, labels(), out).items)
      values[item.name] = item.value;
    return values;
  }

  const challenge::Edition& edition_ = challenge::find_edition("snu-2025");
  system::TemporaryFolder folder_;
};

TEST_F(RealSlice, GetsItsGrappaImageAndKeepsTheRest) {
  const auto file = labels() / "acc4/image/brain_test1.h5";
  const auto read = [&](const char* set) { return formats::open_local(file)->read_floats(set); };
  const auto label = read(challenge::kLabelSet), input = read(challenge::kInputSet);
  const auto maximum = formats::open_local(file)->info().attributes.at("max").number;
  ClassicalRun run;
  run.options.method = ClassicalMethod::kGrappa;
  const RunCost cost = fill_image_grappa(edition_, run, labels(), false);
  EXPECT_EQ(cost.slices, 2);
  EXPECT_EQ(formats::open_local(file)->dataset(challenge::kGrappaSet).shape,
            (formats::Shape{1, 384, 384}));
  reconstruct_classical(edition_, run, labels(), folder_.path() / "out");
  const auto image = formats::open_local(folder_.path() / "out/acc4/brain_test1.h5")
                         ->read_floats(challenge::kReconstructionSet);
  EXPECT_EQ(read(challenge::kGrappaSet), image);

  expect_error(Code::kInvalidArgument, "has 'image_grappa' already",
               [&] { fill_image_grappa(edition_, run, labels(), false); });
  run.options.grappa.kernel_rows = 3;
  fill_image_grappa(edition_, run, labels() / "acc4", true);
  EXPECT_NE(read(challenge::kGrappaSet), image);
  EXPECT_EQ(read(challenge::kLabelSet), label);
  EXPECT_EQ(read(challenge::kInputSet), input);
  EXPECT_EQ(formats::open_local(file)->info().attributes.at("max").number, maximum);
}

TEST_F(RealSlice, ErrorsNameFileAndSlice) {
  ClassicalRun run;
  run.options.method = ClassicalMethod::kCgSense;
  challenge::KspaceVolume volume = challenge::read_complete_kspace(
      std::string(RECONPROOF_TEST_DATA) + "/brain_t1_7coil/brain_t1_7coil.h5");
  challenge::VolumeOptions options;
  options.name = "brain_test1";
  options.overwrite = true;
  options.pattern.acs = 0;
  challenge::write_volume(labels() / "acc8", std::move(volume), options);
  expect_error(Code::kUnsupported, "acc8/kspace/brain_test1.h5: slice 0: coil sensitivities",
               [&] { reconstruct_classical(edition_, run, labels(), folder_.path() / "out"); });
}

TEST_F(RealSlice, IsBetterThanZeroFilled) {
  const auto zero = scores(options_of(ClassicalMethod::kZeroFilled));
  const auto grappa = scores(options_of(ClassicalMethod::kGrappa));
  const auto sense = scores(options_of(ClassicalMethod::kCgSense));
  for (const char* cell : {"acc4", "acc8"}) {
    fmt::print("{}: zero-filled {:.4f}, GRAPPA {:.4f}, CG-SENSE {:.4f}\n", cell, zero.at(cell),
               grappa.at(cell), sense.at(cell));
    EXPECT_GT(grappa.at(cell), zero.at(cell) + 0.003) << cell;
    EXPECT_GT(sense.at(cell), zero.at(cell) + 0.01) << cell;
  }
}

}  // namespace
}  // namespace reconproof::baseline
