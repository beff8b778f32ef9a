// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Tar bytes as an enemy would write them: anything goes, and the checksums are right unless asked
// otherwise.
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <string>

namespace reconproof::fakes {

class RawTar {
 public:
  RawTar& entry(const std::string& name, char type, const std::string& contents = "",
                const std::string& link = "") {
    std::string header(512, '\0');
    const auto put = [&](size_t at, const std::string& text) {
      header.replace(at, text.size(), text);
    };
    put(0, name.substr(0, 100));
    put(100, type == '5' ? "0000755" : "0000644");
    put(108, "0000000");
    put(116, "0000000");
    put(124, fmt::format("{:011o}", contents.size()));
    put(136, "00000000000");
    header[156] = type;
    put(157, link);
    put(257, std::string("ustar\0"
                         "00",
                         8));
    bytes_ +=
        with_checksum(header) + contents + std::string((512 - contents.size() % 512) % 512, '\0');
    return *this;
  }
  RawTar& file(const std::string& name, const std::string& contents) {
    return entry(name, '0', contents);
  }
  /// A file that its owner may execute.
  RawTar& program(const std::string& name, const std::string& contents) {
    const size_t header = bytes_.size();
    file(name, contents);
    std::string changed = bytes_.substr(header, 512);
    changed.replace(100, 7, "0000755");
    bytes_.replace(header, 512, with_checksum(changed));
    return *this;
  }
  RawTar& folder(const std::string& name) { return entry(name + "/", '5'); }
  RawTar& pax(const std::string& key, const std::string& value) {
    return entry("pax", 'x', record(key, value));
  }
  std::string end() const { return bytes_ + std::string(1024, '\0'); }
  const std::string& bytes() const { return bytes_; }

  static std::string record(const std::string& key, const std::string& value) {
    const size_t rest = key.size() + value.size() + 3;
    size_t length = rest + 1;
    while (std::to_string(length).size() + rest != length) ++length;
    return fmt::format("{} {}={}\n", length, key, value);
  }
  static std::string with_checksum(std::string header) {
    std::fill_n(header.begin() + 148, 8, ' ');
    unsigned sum = 0;
    for (unsigned char c : header) sum += c;
    return header.replace(148, 8, fmt::format("{:06o}", sum) + '\0' + ' ');
  }

 private:
  std::string bytes_;
};

}  // namespace reconproof::fakes
