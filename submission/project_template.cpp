// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "submission/project_template.h"

#include <nlohmann/json.hpp>
#include <span>

#include "system/embedded.h"

namespace reconproof::submission {

std::span<const system::EmbeddedFile> embedded_files();  // templates/reconproof.toml

std::string project_template(const std::string& name, const std::string& edition) {
  std::string text(embedded_files()[0].contents);
  const auto fill = [&](const std::string& key, const std::string& value) {
    // A JSON string is also a TOML basic string.
    text.replace(
        text.find(key), key.size(),
        nlohmann::json(value).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
  };
  fill("{name}", name);
  fill("{edition}", edition);
  return text;
}

}  // namespace reconproof::submission
