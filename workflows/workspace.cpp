// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "workflows/workspace.h"

#include "system/error.h"

namespace reconproof::workflows {

namespace fs = std::filesystem;

Workspace::Workspace(const std::optional<fs::path>& keep) {
  if (!keep) {
    temporary_.emplace();
    return;
  }
  if (fs::exists(fs::symlink_status(*keep))) {
    system::fail(system::Code::kInvalidArgument,
                 "{}: something stands there already; name a new folder", keep->string());
  }
  system::remove_abandoned_of(*keep);
  kept_.emplace(*keep);
  keep_ = *keep;
}

void Workspace::commit() {
  kept_->commit();
  // What a run that was killed just before this one left, while its processes still died.
  system::remove_abandoned_of(keep_);
}

}  // namespace reconproof::workflows
