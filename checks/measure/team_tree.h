// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// A team's folder as a command may see it: some of what lies in it is left out, and nothing is
// changed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "system/sandbox.h"

namespace reconproof::checks {

/// Absolute, links resolved as far as the path exists.
std::filesystem::path resolved_path(const std::filesystem::path& path);
std::filesystem::path without_slash(const std::filesystem::path& path);

/// One lies in the other, by their names or after links are resolved.
bool overlaps(const std::filesystem::path& a, const std::filesystem::path& b);

/// Shows a folder read-only without `hidden`. Folders on the way to something hidden are made anew
/// and their entries shown one by one: so that nothing must be mounted, and no mount point made, in
/// the team's folder.
void show_tree(const std::filesystem::path& host, const std::filesystem::path& inside,
               const std::vector<std::filesystem::path>& hidden, system::SandboxSpec& spec);

/// Shows a folder of files; where some are links to other disks, each file by itself.
void show_flat(const std::filesystem::path& host, const std::filesystem::path& inside,
               system::SandboxSpec& spec);

/// Copies regular files and links without `hidden`; files above 64 MiB become links to the
/// original. False when it stopped because more than `limit` bytes would be copied.
bool copy_tree(const std::filesystem::path& host, const std::filesystem::path& target,
               const std::vector<std::filesystem::path>& hidden, int64_t limit);

/// Removes what is neither file nor folder and returns its relative paths, with what it is; makes
/// the rest readable for us.
std::vector<std::string> remove_strange(const std::filesystem::path& folder);

/// Moves regular files, with their folders.
void move_files(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace reconproof::checks
