// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "reports/sections/sections.h"

namespace reconproof::reports {
namespace {

Plot loss_plot(const Training& training, const Texts& texts) {
  Plot plot;
  plot.title = texts("training_plot_title");
  plot.description = texts.fill(
      "training_plot_description",
      {{"iterations", count_text(training.iterations)},
       {"epochs", count_text(std::ssize(training.validation))},
       {"last", training.validation.empty() ? texts("not_available")
                                            : number_text(training.validation.back().y)}});
  plot.x_label = texts(training.in_epochs ? "training_epoch" : "training_iteration");
  plot.y_label = texts("training_loss");
  plot.y_label_logarithmic = texts("training_loss_logarithmic");
  plot.nothing = texts("training_nothing");
  if (training.has_ledger)
    plot.series.push_back({texts("training_series_training"), training.training, false, 0});
  if (training.has_validation)
    plot.series.push_back({texts("training_series_validation"), training.validation, true, 1});
  return plot;
}

}  // namespace

Section training_section(const Report& report, const Texts& texts) {
  Section section = begin_section("training", texts);
  const Training& training = report.training;
  if (!training.has_ledger) add_note(section, texts("training_no_ledger"));
  if (!training.has_validation) add_note(section, texts("training_no_validation"));
  if (training.not_finite > 0)
    add_note(section, texts.count("training_not_finite", training.not_finite));
  if (training.has_ledger || training.has_validation) {
    section.blocks.push_back(
        Chart{loss_plot(training, texts),
              texts.fill("training_caption", {{"iterations", count_text(training.iterations)}})});
  }
  return section;
}

}  // namespace reconproof::reports
