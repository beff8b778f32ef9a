// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The check functions, by the file of their family. Each judges facts and never measures.
#pragma once

#include "challenge/finding.h"
#include "checks/facts.h"

namespace reconproof::checks {

// outputs.cpp: what the run wrote, and what is handed in
challenge::Finding check_scored_layout(const Facts& facts, const challenge::Rule& rule);
challenge::Finding check_handed_in(const Facts& facts, const challenge::Rule& rule);
challenge::Finding check_claims(const Facts& facts, const challenge::Rule& rule);

/// "Not judged": what the rule speaks of was not made, since the run failed.
challenge::Finding unjudged_without_run(const Facts& facts, const challenge::Rule& rule);

/// What differs between two folders of reconstructions, as evidence and largest difference.
void show_differences(const Comparison& comparison, challenge::Finding& finding);

/// Why a run is not `ok()`, as the end of a sentence; empty when it is.
std::string failure_text(const WholeRunResult& run);

/// The last lines that a command printed: what a person looks at first.
std::vector<std::string> last_lines(const std::string& text);

// run.cpp: how the run went
challenge::Finding check_run_completes(const Facts& facts, const challenge::Rule& rule);
challenge::Finding check_time_total(const Facts& facts, const challenge::Rule& rule);
challenge::Finding check_time_official_gpu(const Facts& facts, const challenge::Rule& rule);

/// Whether this machine has the edition's official GPU.
bool has_official_gpu(const Facts& facts);

/// The time as predicted for that GPU, or why there is no prediction: the end of a sentence.
std::string prediction_text(const Facts& facts);

// slices.cpp: the slice contract
challenge::Finding check_time_slice(const Facts& facts, const challenge::Rule& rule);
challenge::Finding check_slow_volume(const Facts& facts, const challenge::Rule& rule);
challenge::Finding check_in_clock(const Facts& facts, const challenge::Rule& rule);
challenge::Finding check_prep_volume(const Facts& facts, const challenge::Rule& rule);
challenge::Finding check_slice_order(const Facts& facts, const challenge::Rule& rule);

// measure/gpu_memory.cpp
/// Whether a command failed for want of GPU memory, by the words of CUDA and PyTorch.
bool ran_out_of_gpu_memory(const WholeRunResult& run);
challenge::Finding check_gpu_memory(const Facts& facts, const challenge::Rule& rule);

// isolation.cpp: what the run tried to reach
challenge::Finding check_network(const Facts& facts, const challenge::Rule& rule);
challenge::Finding check_labels(const Facts& facts, const challenge::Rule& rule);
challenge::Finding check_writes(const Facts& facts, const challenge::Rule& rule);

// determinism/repeat.cpp
challenge::Finding check_repeat(const Facts& facts, const challenge::Rule& rule);

// determinism/lineage_rule.cpp
challenge::Finding check_lineage(const Facts& facts, const challenge::Rule& rule);

// determinism/threads.cpp
challenge::Finding check_threads(const Facts& facts, const challenge::Rule& rule);

/// Of a run that changed something which the images may not depend on, `what` as the end of a
/// sentence: the finding where its images could not be compared; nothing where they could.
std::optional<challenge::Finding> uncompared(const Facts& facts, const challenge::Rule& rule,
                                             const VariantRun& variant, const std::string& what);

// determinism/variants.cpp: the same images, whatever files and folders are called
challenge::Finding check_file_names(const Facts& facts, const challenge::Rule& rule);
challenge::Finding check_cell_folders(const Facts& facts, const challenge::Rule& rule);
challenge::Finding check_poisoned_labels(const Facts& facts, const challenge::Rule& rule);

// training/rules.cpp: the first updates of each training
challenge::Finding check_training_starts(const Facts& facts, const challenge::Rule& rule);
challenge::Finding check_training_seeded(const Facts& facts, const challenge::Rule& rule);
challenge::Finding check_training_repeat(const Facts& facts, const challenge::Rule& rule);
challenge::Finding check_fresh_weights(const Facts& facts, const challenge::Rule& rule);
// code/scan_rule.cpp
challenge::Finding check_code(const Facts& facts, const challenge::Rule& rule);

// data/manifest_comparison.cpp
challenge::Finding check_manifest(const Facts& facts, const challenge::Rule& rule);

// data/near_duplicates.cpp
challenge::Finding check_near_duplicates(const Facts& facts, const challenge::Rule& rule);

// data/overlap.cpp
challenge::Finding check_overlap(const Facts& facts, const challenge::Rule& rule);

// hand_in.cpp: whether what is to be handed in is there (submission/hand_in.h)
challenge::Finding check_hand_in(const Facts& facts, const challenge::Rule& rule);

}  // namespace reconproof::checks
