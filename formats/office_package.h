// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Packages of office programs (Open Packaging Conventions: .pptx), which are zip archives of XML
// and media.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace reconproof::formats {

/// Name of a part -> its bytes.
using PackageParts = std::map<std::string, std::string>;

/// kNotFound; kCorrupt where the file is no zip archive, has no [Content_Types].xml or names a part
/// twice; kUnsupported beyond 20,000 parts or 1 GiB of them.
PackageParts read_package(const std::filesystem::path& path);

/// [Content_Types].xml first, the others by their names, without times: same parts, same bytes.
void write_package(const std::filesystem::path& path, const PackageParts& parts);

}  // namespace reconproof::formats
