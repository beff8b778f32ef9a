// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/train/trainer.h"

#include <torch/version.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>

#include "baseline/device.h"
#include "baseline/model/ssim_loss.h"
#include "baseline/train/sampler.h"
#include "formats/npy.h"
#include "system/clock.h"
#include "system/error.h"
#include "system/files.h"
#include "system/terminal.h"

namespace reconproof::baseline {
namespace fs = std::filesystem;
using system::Code;
using system::fail;

namespace {

constexpr const char* kNewRecord =
    "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@NewRecord@@@@@@@@@@@@@@@@@@@@@@@@@@@@";

TrainOptions checked(TrainOptions options) {
  check_sizes(options.sizes, "train");
  const auto positive = [](const char* name, double value) {
    if (!(value > 0) || !std::isfinite(value)) {
      fail(Code::kInvalidArgument, "train: {} is {}, expected a number above 0", name, value);
    }
  };
  positive("--epochs", static_cast<double>(options.epochs));
  positive("--lr", options.learning_rate);
  positive("--report-interval", static_cast<double>(options.report_interval));
  return options;
}

/// A line of the log. Flushed, since who trains for days reads it through a pipe; a progress bar
/// that stands on the terminal's line is cleared first.
template <typename... Args>
void log_line(fmt::format_string<Args...> format, Args&&... args) {
  if (::isatty(STDERR_FILENO) == 1) std::fputs("\r\033[K", stderr);
  fmt::print(format, std::forward<Args>(args)...);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

/// L2 norm over the gradients of all parameters, summed in double.
double gradient_norm(const torch::nn::Module& model) {
  std::vector<torch::Tensor> norms;
  for (const torch::Tensor& parameter : model.parameters()) {
    if (parameter.grad().defined()) norms.push_back(parameter.grad().norm());
  }
  return torch::stack(norms).to(torch::kDouble).norm().item<double>();
}

}  // namespace

Trainer::Trainer(const challenge::Edition& edition, TrainOptions options)
    : edition_(edition),
      options_(checked(std::move(options))),
      device_(compute_device()),
      train_(options_.data_train, geometry_of(edition)),
      val_(options_.data_val, geometry_of(edition)) {
  set_threads(options_.threads);
  use_deterministic_algorithms();
  // From here on every draw from the default generator counts: seed, weights, then the loaders'
  // draws.
  torch::manual_seed(options_.seed);
  const ImageGeometry geometry = geometry_of(edition);
  model_ = Varnet(options_.sizes, geometry.size, geometry.crop);
  initial_weights_sha256_ = weights_sha256(*model_);
  model_->to(device_);
  optimizer_ = std::make_unique<torch::optim::Adam>(
      model_->parameters(), torch::optim::AdamOptions(options_.learning_rate));
}

void Trainer::run() {
  system::make_folders(options_.out);
  ledger_ = std::make_unique<formats::LedgerWriter>(options_.out / "ledger.jsonl");
  write_start(*ledger_);
  while (state_.epoch < options_.epochs) {
    log_line("Epoch #{:2d} ............... {} ...............", state_.epoch,
             fs::absolute(options_.out).lexically_normal().filename().string());
    train_epoch();
  }
  write_weights(formats::kLedgerEnd);
}

void Trainer::train_epoch() {
  const double epoch_start = system::monotonic_seconds();
  double report_start = epoch_start, loss_sum = 0;
  const std::vector<int64_t> order = shuffled_epoch(train_.size());
  {
    system::Progress progress("training", train_.size());
    for (int64_t i = 0; i < train_.size(); ++i) {
      const double loss = step(train_.load(order[static_cast<size_t>(i)]));
      loss_sum += loss;
      if (i % options_.report_interval == 0) {
        const double now = system::monotonic_seconds();
        log_line("Epoch = [{:3d}/{:3d}] Iter = [{:4d}/{:4d}] Loss = {:.4g} Time = {:.4f}s",
                 state_.epoch, options_.epochs, i, train_.size(), loss, now - report_start);
        report_start = system::monotonic_seconds();
      }
      progress.advance();
    }
  }
  finish_epoch(loss_sum / static_cast<double>(train_.size()),
               system::monotonic_seconds() - epoch_start);
}

double Trainer::step(const Sample& sample) {
  const torch::Tensor output = model_->forward(sample.kspace.to(device_), sample.mask.to(device_));
  const torch::Tensor loss =
      ssim_loss(output, sample.target.to(device_), sample.maximum.to(device_));
  optimizer_->zero_grad();
  const double norm = backward(sample, loss);
  optimizer_->step();

  formats::LedgerEntry entry;
  entry.kind = formats::kLedgerStep;
  entry.iteration = state_.iteration++;
  entry.file = sample.file;
  entry.slice = sample.slice;
  entry.loss = loss.item<double>();
  entry.grad_norm = norm;
  ledger_->append(std::move(entry));
  return loss.item<double>();
}

double Trainer::backward(const Sample& sample, const torch::Tensor& loss) {
  const auto require_finite = [&](const char* what, double value) {
    if (std::isfinite(value)) return;
    fail(Code::kCorrupt,
         "training stopped at iteration {}: the {} of {}, slice {}, is {}; the weights of the last "
         "whole epoch "
         "are kept. Try a smaller --lr, and look at that slice",
         state_.iteration, what, sample.file, sample.slice, value);
  };
  require_finite("loss", loss.item<double>());
  loss.backward();
  const double norm = gradient_norm(*model_);
  require_finite("gradient", norm);  // the step would make every weight NaN
  return norm;
}

void Trainer::finish_epoch(double train_loss, double train_seconds) {
  const double start = system::monotonic_seconds();
  const Validation validation = validate(model_, val_, device_);
  const double seconds = system::monotonic_seconds() - start;

  state_.val_loss_log.push_back(static_cast<double>(state_.epoch));
  state_.val_loss_log.push_back(validation.loss_sum);
  const fs::path log = options_.out / "val_loss_log.npy";
  formats::write_npy(log, {state_.epoch + 1, 2}, std::span<const double>(state_.val_loss_log));
  log_line("loss file saved! {}", (options_.out / "val_loss_log").string());

  const double val_loss = validation.mean_loss();
  const bool is_best = val_loss < state_.best_val_loss;
  state_.best_val_loss = std::min(state_.best_val_loss, val_loss);
  const int64_t finished = state_.epoch++;
  save(is_best);
  write_weights(formats::kLedgerWeights);
  log_line(
      "Epoch = [{:4d}/{:4d}] TrainLoss = {:.4g} ValLoss = {:.4g} TrainTime = {:.4f}s ValTime = "
      "{:.4f}s",
      finished, options_.epochs, static_cast<float>(train_loss), val_loss, train_seconds, seconds);
  if (is_best) log_line("{}", kNewRecord);
}

void Trainer::save(bool is_best) {
  const CheckpointInfo info{options_.sizes,         options_.seed,        edition_.id,
                            state_.epoch,           state_.best_val_loss, std::string(),
                            initial_weights_sha256_};
  const fs::path folder = options_.out / "checkpoints";
  save_checkpoint(folder / "last.safetensors", info, *model_);
  if (is_best) save_checkpoint(folder / "best_model.safetensors", info, *model_);
}

void Trainer::write_start(formats::LedgerWriter& ledger) {
  formats::LedgerEntry entry;
  entry.kind = formats::kLedgerStart;
  entry.weights_sha256 = initial_weights_sha256_;
  entry.extra = {{"schema", "reconproof.ledger"},
                 {"schema_version", 1},
                 {"seed", options_.seed},
                 {"initial_weights_sha256", initial_weights_sha256_},
                 {"edition", edition_.id},
                 {"config",
                  {{"model", "varnet"},
                   {"cascades", options_.sizes.cascades},
                   {"chans", options_.sizes.chans},
                   {"sens_chans", options_.sizes.sens_chans},
                   {"pools", options_.sizes.pools},
                   {"epochs", options_.epochs},
                   {"learning_rate", options_.learning_rate},
                   {"train_slices", train_.size()},
                   {"val_slices", val_.size()}}},
                 {"torch", TORCH_VERSION},
                 {"device", device_.str()},
                 {"threads", torch::get_num_threads()}};
  ledger.append(std::move(entry));
}

void Trainer::write_weights(const char* kind) {
  formats::LedgerEntry entry;
  entry.kind = kind;
  entry.iteration = state_.iteration;
  entry.weights_sha256 = weights_sha256(*model_);
  if (entry.kind == formats::kLedgerEnd) {
    entry.extra = {{"epochs", state_.epoch}, {"best_val_loss", state_.best_val_loss}};
  }
  ledger_->append(std::move(entry));
  ledger_->sync();
}

}  // namespace reconproof::baseline
