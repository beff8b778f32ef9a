// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "baseline/train/trainer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <torch/utils.h>
#include <torch/version.h>

#include <cmath>
#include <cstdio>
#include <ctime>

#include "baseline/device.h"
#include "baseline/memory.h"
#include "baseline/model/precision.h"
#include "baseline/train/checkpoint.h"
#include "baseline/train/memory_advice.h"
#include "baseline/train/sampler.h"
#include "baseline/train/validation.h"
#include "formats/npy.h"
#include "system/clock.h"
#include "system/error.h"
#include "system/files.h"
#include "system/terminal.h"

namespace reconproof::baseline {
namespace fs = std::filesystem;
using nlohmann::json;
using system::Code;
using system::fail;

namespace {

constexpr const char* kNewRecord =
    "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@NewRecord@@@@@@@@@@@@@@@@@@@@@@@@@@@@";
constexpr const char* kStateName = "training_state";

/// Locks the folder of a run until the descriptor is closed: a second training is refused before it
/// reads all data, and what killed ones left can be removed.
system::Descriptor lock_folder(const fs::path& folder) {
  system::Descriptor handle(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!handle.valid()) system::fail_errno(Code::kIo, folder.string());
  if (system::try_lock(handle)) return handle;
  fail(Code::kInvalidArgument, "{}: another training is still writing it; wait for it, or stop it",
       folder.string());
}

std::vector<fs::path> all_folders(const TrainOptions& options) {
  std::vector<fs::path> folders = options.data_train;
  if (!options.data_val.empty()) folders.push_back(options.data_val);
  return folders;
}

/// A line of the log. Flushed, since who trains for days reads it through a pipe; a progress bar
/// that stands on the terminal's line is cleared first.
template <typename... Args>
void log_line(fmt::format_string<Args...> format, Args&&... args) {
  system::clear_progress_line();
  fmt::print(format, std::forward<Args>(args)...);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

/// The slices of a step; the first one stands for all where readers know but one.
void name_slices(formats::LedgerEntry& entry, const std::vector<Sample>& samples) {
  entry.file = samples.front().file;
  entry.slice = samples.front().slice;
  if (samples.size() == 1) return;
  for (const Sample& sample : samples) entry.extra["batch"].push_back({sample.file, sample.slice});
}

at::Generator default_generator() { return at::detail::getDefaultCPUGenerator(); }

}  // namespace

Trainer::Trainer(const challenge::Edition& edition, TrainOptions options)
    : edition_(edition),
      options_(checked(std::move(options))),
      lock_(lock_folder(options_.out)),
      device_(compute_device()),
      data_sha256_(scan_data(all_folders(options_), geometry_of(edition), domain_of(options_.sizes),
                             options_.scan, options_.out / kHashesFile)),
      train_(options_.data_train, geometry_of(edition), domain_of(options_.sizes)),
      scaler_(options_.execution.precision == Precision::kFloat16),
      pace_(steps(), options_.epochs) {
  set_threads(options_.threads);
  use_deterministic_algorithms();
  if (!options_.data_val.empty()) {
    val_ = std::make_unique<PairedDataset>(std::vector{options_.data_val}, geometry_of(edition),
                                           domain_of(options_.sizes));
  }
  // From here on every draw from the default generator counts: seed, weights, then the loaders'
  // draws.
  torch::manual_seed(options_.seed);
  model_ = make_network(options_.sizes, geometry_of(edition));
  initial_weights_sha256_ = weights_sha256(*model_);
  model_->set_execution(options_.execution);
  model_->to(device_);
  optimizer_ = std::make_unique<Adam>(*model_);  // moves the weights, and what follows keeps them
  forward_ = std::make_unique<Forward>(*model_, options_.execution, device_, options_.backend);
  state_.loss_scale = scaler_.scale();
  state_.generator = default_generator().get_state().clone();
}

void Trainer::run() {
  open_run();
  try {
    train_epochs();
  } catch (const system::Error& error) {
    if (error.code() != Code::kIo) throw;
    fail(Code::kIo,
         "{}. Make room there and go on with --resume: the state of iteration {} is kept",
         error.what(), saved_iteration_);
  } catch (const std::exception& error) {
    if (!is_out_of_memory(error)) throw;
    fail(Code::kInternal, "{}",
         memory_advice({options_.sizes, options_.execution, device_, options_.backend},
                       largest_step(), memory_of(device_)));
  }
}

void Trainer::train_epochs() {
  if (options_.backend == Backend::kLibTorch &&
      uses_engine(model_->domain(), options_.execution.precision, device_, Backend::kAuto)) {
    fmt::print(stderr,
               "reconproof: --backend engine trains several times faster on this processor; its "
               "losses differ from the official ones by rounding alone\n");
  }
  while (state_.epoch < options_.epochs) {
    log_line("Epoch #{:2d} ............... {} ...............", state_.epoch,
             fs::absolute(options_.out).lexically_normal().filename().string());
    train_epoch();
    if (stopped()) return;
  }
  write_weights(formats::kLedgerEnd,
                {{"epochs", state_.epoch}, {"best_val_loss", state_.best_val_loss}});
}

// ---- beginning and resuming ----

void Trainer::open_run() {
  const fs::path ledger = options_.out / "ledger.jsonl";
  if (options_.resume && fs::exists(checkpoint(kStateName))) return resume_run();
  if (options_.resume && fs::exists(ledger)) {
    // The state is saved before the first step: a ledger alone is that of a run killed before it.
    if (!formats::is_only_begun(ledger)) {
      fail(Code::kNotFound,
           "{}: no such file, but the run's ledger tells of steps; there is no "
           "state to resume from. Name a new folder",
           checkpoint(kStateName).string());
    }
    ledger_ = std::make_unique<formats::LedgerWriter>(ledger, formats::LedgerPosition());
  } else {
    ledger_ = std::make_unique<formats::LedgerWriter>(ledger);
  }
  remove_abandoned_files();
  json extra = {{"schema", "reconproof.ledger"}, {"schema_version", 1}};
  extra.update(config());
  extra.update(surroundings());
  write_weights(formats::kLedgerStart, extra);
  save_training_state();
}

void Trainer::resume_run() {
  const fs::path path = checkpoint(kStateName);
  const json saved = read_config(path), now = config();
  const json changed = changes_on_resume(saved, now, options_.out);
  state_ = load_state(path, *model_, *optimizer_);
  saved_iteration_ = state_.iteration;
  // A scale was found for one number format; another begins with its own.
  if (!changed.contains("precision")) scaler_.restore(state_.loss_scale, state_.good_steps);
  ledger_ = std::make_unique<formats::LedgerWriter>(options_.out / "ledger.jsonl", state_.ledger);
  remove_abandoned_files();
  if (state_.epoch >= options_.epochs) {
    fmt::print(stderr, "reconproof: this training is complete ({} epochs)\n", state_.epoch);
    return;
  }
  fmt::print(stderr, "reconproof: resuming at epoch {}, step {} of {}\n", state_.epoch,
             state_.position, steps());
  for (const auto& [key, value] : changed.items()) {
    fmt::print(stderr,
               "reconproof: {} changes from {} to {}: no uninterrupted run gives the same "
               "weights\n",
               key, value["from"].dump(), value["to"].dump());
  }
  warn_of_other_machine(saved);
  json extra = surroundings();
  extra["changed"] = changed;
  write_weights(formats::kLedgerResume, extra);
}

/// Called with folder and ledger locked: no other training is writing here.
void Trainer::remove_abandoned_files() const {
  system::remove_abandoned(options_.out);
  system::remove_abandoned(options_.out / "checkpoints");
}

void Trainer::warn_of_other_machine(const json& saved) const {
  const json now = surroundings();
  for (const auto& [key, value] : now.items()) {
    // States from before there was a choice name none.
    const json before = saved.value(key, key == "backend" ? json("libtorch") : json());
    if (before == value) continue;
    fmt::print(
        stderr,
        "reconproof: {} was {} before and is {} now: the weights will differ in rounding from "
        "an uninterrupted run\n",
        key, before.dump(), value.dump());
  }
}

// ---- steps ----

int64_t Trainer::steps() const {
  return (train_.size() - 1) / options_.batch_size + 1;  // no sum that a huge size could overflow
}

formats::Shape Trainer::largest_step() const {
  formats::Shape shape = train_.largest_shape();
  if (model_->takes_whole_batches()) shape[0] = std::min(options_.batch_size, train_.size());
  return shape;
}

bool Trainer::stopped() const {
  return options_.stop_at > 0 && state_.iteration >= options_.stop_at;
}

Sample Trainer::load(const std::vector<int64_t>& order, int64_t position) {
  const int64_t index = order[static_cast<size_t>(position)];
  Sample sample = options_.augment.any() ? train_.load_unmasked(index) : train_.load(index);
  if (options_.augment.any()) {
    augment(sample, draw_augmentation(options_.augment, options_.seed, state_.epoch, index),
            train_.geometry());
  }
  if (device_.is_cuda()) sample.input = sample.input.pinned();
  return sample;
}

void Trainer::train_epoch() {
  model_->train();
  default_generator().set_state(state_.generator);
  const std::vector<int64_t> order = shuffled_epoch(train_.size());
  const double epoch_start = system::monotonic_seconds();
  double report_start = epoch_start;
  {
    system::Progress progress("training", steps(), state_.position);
    SampleReader reader(state_.position * options_.batch_size, train_.size(),
                        [&](int64_t position) { return load(order, position); });
    while (state_.position < steps()) {
      const double start = system::monotonic_seconds();
      const int64_t i = state_.position, first = i * options_.batch_size;
      const double loss = step(reader, std::min(options_.batch_size, train_.size() - first));
      const double end = system::monotonic_seconds();
      pace_.step_took(end - start);
      state_.loss_sum += loss;
      ++state_.position;
      progress.advance();
      if (i % options_.report_interval == 0) {
        report_step(loss, end - report_start);
        report_start = system::monotonic_seconds();
      }
      if (stopped()) return write_weights(formats::kLedgerWeights);
      if (state_.position % options_.save_interval == 0 && state_.position < steps()) {
        write_weights(formats::kLedgerWeights);
        save_training_state();
      }
    }
  }
  finish_epoch(state_.loss_sum / static_cast<double>(steps()),
               system::monotonic_seconds() - epoch_start);
}

void Trainer::report_step(double loss, double seconds) {
  log_line("Epoch = [{:3d}/{:3d}] Iter = [{:4d}/{:4d}] Loss = {:.4g} Time = {:.4f}s", state_.epoch,
           options_.epochs, state_.position - 1, steps(), loss, seconds);
  const std::string pace = pace_.text(state_.epoch, state_.position, std::time(nullptr));
  const std::optional<int64_t> peak = peak_memory(device_);
  fmt::print(stderr, "reconproof: {}{}\n", pace,
             peak ? "; peak of tensor memory " + bytes_text(*peak) : "");
}

double Trainer::step(SampleReader& reader, int64_t slices) {
  optimizer_->zero_gradients();
  std::vector<Sample> samples;
  double loss = 0;
  const double share = 1 / static_cast<double>(slices);
  for (int64_t i = 0; i < slices; ++i) {
    samples.push_back(reader.next());
    if (model_->takes_whole_batches()) continue;
    Sample& sample = samples.back();
    const double part =
        forward_->accumulate(sample.input, sample.target, sample.maximum, share * scaler_.scale());
    if (!std::isfinite(part)) stop({sample}, "loss", part);
    loss += share * part;
    sample.input = NetworkInput();  // its memory is not needed for the rest of the batch
  }
  if (model_->takes_whole_batches()) {
    const Sample joined = join(samples);
    loss = forward_->accumulate(joined.input, joined.target, joined.maximum, scaler_.scale());
    if (!std::isfinite(loss)) stop(samples, "loss", loss);
  }
  update(samples, loss);
  return loss;
}

void Trainer::update(const std::vector<Sample>& samples, double loss) {
  const double scale = scaler_.scale();
  if (scale != 1) optimizer_->divide_gradients(scale);
  const double norm = optimizer_->gradient_norm();
  const LossScaler::Verdict verdict = scaler_.judge(std::isfinite(norm));
  // The step would make every weight NaN.
  if (verdict == LossScaler::Verdict::kDiverged) stop(samples, "gradient", norm);
  formats::LedgerEntry entry;
  entry.iteration = state_.iteration;
  name_slices(entry, samples);
  entry.loss = loss;
  if (verdict == LossScaler::Verdict::kSkip) {
    entry.kind = formats::kLedgerSkipped;
    entry.extra["loss_scale"] = scale;
  } else {
    optimizer_->step(learning_rate(options_.schedule, state_.iteration, steps(), options_.epochs));
    ++state_.iteration;
    entry.kind = formats::kLedgerStep;
    entry.grad_norm = norm;
  }
  ledger_->append(std::move(entry));
}

void Trainer::stop(const std::vector<Sample>& samples, const char* what, double value) {
  formats::LedgerEntry entry;
  entry.kind = formats::kLedgerStop;
  entry.iteration = state_.iteration;
  name_slices(entry, samples);
  entry.weights_sha256 = weights_sha256(*model_);
  entry.extra["what"] = what;
  entry.extra["value"] = fmt::format("{}", value);
  std::vector<std::string> names;
  for (const Sample& sample : samples)
    names.push_back(fmt::format("{}, slice {}", sample.file, sample.slice));
  ledger_->append(std::move(entry));
  ledger_->sync();
  fail(
      Code::kCorrupt,
      "training stopped at iteration {}: the {} of {}, is {}. The last good state is {} (iteration "
      "{}). Look there, or go on from that state with --resume and a smaller --lr",
      state_.iteration, what, fmt::join(names, "; "), value, checkpoint(kStateName).string(),
      saved_iteration_);
}

// ---- ends of epochs ----

Trainer::ValidatedEpoch Trainer::validate_epoch() {
  ValidatedEpoch validated;
  const double start = system::monotonic_seconds();
  system::StagedFolder images(options_.out / "reconstructions_val");
  const Validation validation = validate(*model_, *val_, device_, images.path());
  const double end = system::monotonic_seconds();
  validated.seconds = end - start;
  pace_.validation_took(validated.seconds);
  state_.val_loss_log.push_back(static_cast<double>(state_.epoch));
  state_.val_loss_log.push_back(validation.loss_sum);
  formats::write_npy(options_.out / "val_loss_log.npy", {state_.epoch + 1, 2},
                     std::span<const double>(state_.val_loss_log));
  log_line("loss file saved! {}", (options_.out / "val_loss_log").string());
  validated.loss = validation.mean_loss();
  validated.is_best = validated.loss < state_.best_val_loss;
  state_.best_val_loss = std::min(state_.best_val_loss, validated.loss);
  if (validated.is_best) images.commit();
  validated.saving_seconds = system::monotonic_seconds() - end;
  return validated;
}

void Trainer::finish_epoch(double train_loss, double train_seconds) {
  const float printed_loss = static_cast<float>(train_loss);
  const ValidatedEpoch validated = val_ ? validate_epoch() : ValidatedEpoch();
  const int64_t finished = state_.epoch++;
  state_.position = 0;
  state_.loss_sum = 0;
  state_.generator = default_generator().get_state().clone();
  save_checkpoints(validated.is_best);
  write_weights(formats::kLedgerWeights);
  save_training_state();
  // A replay of the epochs behind this one begins here.
  if (keeps_epoch()) write_state(fmt::format("state_{:04d}", state_.epoch));
  if (!val_) {
    log_line("Epoch = [{:4d}/{:4d}] TrainLoss = {:.4g} TrainTime = {:.4f}s", finished,
             options_.epochs, printed_loss, train_seconds);
    return;
  }
  log_line(
      "Epoch = [{:4d}/{:4d}] TrainLoss = {:.4g} ValLoss = {:.4g} TrainTime = {:.4f}s ValTime = "
      "{:.4f}s",
      finished, options_.epochs, printed_loss, validated.loss, train_seconds, validated.seconds);
  if (!validated.is_best) return;
  log_line("{}", kNewRecord);
  log_line("ForwardTime = {:.4f}s", validated.saving_seconds);  // the official name of this time
}

fs::path Trainer::checkpoint(const std::string& name) const {
  return options_.out / "checkpoints" / (name + ".safetensors");
}

void Trainer::save_checkpoints(bool is_best) {
  const CheckpointInfo info{options_.sizes,         options_.seed,        edition_.id,
                            state_.epoch,           state_.best_val_loss, std::string(),
                            initial_weights_sha256_};
  save_checkpoint(checkpoint("last"), info, *model_);
  if (is_best) save_checkpoint(checkpoint("best_model"), info, *model_);
  if (keeps_epoch())
    save_checkpoint(checkpoint(fmt::format("epoch_{:04d}", state_.epoch)), info, *model_);
}

void Trainer::save_training_state() {
  ledger_->sync();  // the state must not know of lines that a power cut takes away
  state_.ledger = ledger_->position();
  state_.loss_scale = scaler_.scale();
  state_.good_steps = scaler_.good_steps();
  write_state(kStateName);
  saved_iteration_ = state_.iteration;
}

void Trainer::write_state(const std::string& name) {
  json saved = config();
  saved.update(surroundings());
  save_state(checkpoint(name), saved, state_, *model_, *optimizer_);
}

bool Trainer::keeps_epoch() const {
  return options_.keep_every > 0 && state_.epoch % options_.keep_every == 0;
}

json Trainer::config() const {
  json config = to_json(options_);
  config["train_slices"] = train_.size();
  config["val_slices"] = val_ ? val_->size() : 0;
  return {{"seed", options_.seed},
          {"edition", edition_.id},
          {"initial_weights_sha256", initial_weights_sha256_},
          {"data_sha256", data_sha256_},
          {"config", config}};
}

json Trainer::surroundings() const {
  return {{"torch", TORCH_VERSION},
          {"device", device_.str()},
          {"threads", torch::get_num_threads()},
          {"backend", forward_->backend_text()}};
}

void Trainer::write_weights(const char* kind, json extra) {
  formats::LedgerEntry entry;
  entry.kind = kind;
  entry.iteration = state_.iteration;
  entry.weights_sha256 = weights_sha256(*model_);
  entry.extra = std::move(extra);
  ledger_->append(std::move(entry));
  ledger_->sync();
}

}  // namespace reconproof::baseline
