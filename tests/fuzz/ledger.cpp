// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Lines in which '@' stands for the line's number and '#' for the SHA-256 of the line before:
// mutations do not find a hash.
#include "formats/ledger.h"

#include "system/sha256.h"
#include "tests/fuzz/memory_file.h"
#include "tests/fuzz/target.h"

namespace reconproof::fuzz {
namespace {

std::string chained(std::string_view text) {
  std::string ledger, head(64, '0');
  for (int64_t number = 0; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    std::string line;
    for (char c : text.substr(0, end)) {
      if (c == '@')
        line += std::to_string(number);
      else if (c == '#')
        line += head;
      else
        line += c;
    }
    head = system::sha256_hex(line);
    ledger += line;
    if (end == std::string_view::npos) break;
    ledger += '\n';
    text.remove_prefix(end + 1);
  }
  return ledger;
}

/// What is read is written, and read again as the same.
void check(std::string_view bytes) {
  static MemoryFile file;
  static const system::TemporaryFolder folder;
  file.set(bytes);
  formats::Ledger ledger;
  if (!accepted([&] { ledger = formats::read_ledger(file.path()); })) return;
  const std::filesystem::path copy = folder.path() / "ledger.jsonl";
  std::filesystem::remove(copy);
  formats::LedgerWriter writer(copy);
  for (const formats::LedgerEntry& entry : ledger.entries) {
    RP_ASSERT(entry.seq >= 0 && entry.iteration >= 0 && entry.slice.value_or(0) >= 0);
    writer.append(entry);
  }
  const formats::Ledger again = formats::read_ledger(copy);
  RP_ASSERT(again.entries.size() == ledger.entries.size() && again.ended == ledger.ended);
  for (size_t i = 0; i < again.entries.size(); ++i) {
    const formats::LedgerEntry &a = again.entries[i], &b = ledger.entries[i];
    RP_ASSERT(a.kind == b.kind && a.iteration == b.iteration && a.file == b.file);
    RP_ASSERT(a.slice == b.slice && a.loss == b.loss && a.grad_norm == b.grad_norm);
    RP_ASSERT(a.weights_sha256 == b.weights_sha256 && a.extra == b.extra);
  }
}

}  // namespace
}  // namespace reconproof::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace reconproof::fuzz;
  check(chained(text_of(data, size)));
  return 0;
}
