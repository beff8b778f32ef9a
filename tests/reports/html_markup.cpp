// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "tests/reports/html_markup.h"

#include <regex>
#include <set>

namespace reconproof::reports {
namespace {

const std::set<std::string> kVoid = {"meta", "link", "img", "br", "hr", "input"};

/// Index behind the ">" that ends the tag which begins at `at`; quoted values may hold any
/// character but "<".
size_t end_of_tag(const std::string& html, size_t at) {
  char quote = 0;
  for (size_t i = at + 1; i < html.size(); ++i) {
    if (html[i] == '<') return std::string::npos;
    if (quote)
      quote = html[i] == quote ? 0 : quote;
    else if (html[i] == '"')
      quote = html[i];
    else if (html[i] == '>')
      return i + 1;
  }
  return std::string::npos;
}

}  // namespace

Markup read_markup(const std::string& html) {
  static const std::regex kName("^</?([a-zA-Z][a-zA-Z0-9]*)"),
      kAttribute("\\s([a-zA-Z-]+)=\"([^\"]*)\"");
  Markup markup;
  std::vector<std::string> open;
  for (size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at)) {
    const size_t end = end_of_tag(html, at);
    if (end == std::string::npos)
      return markup.fault = "bare < near: " + html.substr(at, 60), markup;
    const std::string tag = html.substr(at, end - at);
    at = end;
    if (tag.starts_with("<!DOCTYPE")) continue;
    // std::regex recurses on every character: long pictures are left out of the search.
    const std::string head = tag.substr(0, 2000);
    std::smatch name;
    if (!std::regex_search(head, name, kName))
      return markup.fault = "no tag name: " + head.substr(0, 60), markup;
    if (tag[1] == '/') {
      if (open.empty() || open.back() != name[1]) return markup.fault = "unexpected " + tag, markup;
      open.pop_back();
      continue;
    }
    markup.tags.push_back(name[1]);
    for (std::sregex_iterator it(head.begin(), head.end(), kAttribute), last; it != last; ++it) {
      markup.attributes.emplace_back((*it)[1], (*it)[2]);
    }
    if (const size_t src = tag.find(" src=\""); src != std::string::npos) {
      markup.attributes.emplace_back("src", tag.substr(src + 6, 40));
    }
    if (tag.ends_with("/>") || kVoid.contains(name[1])) continue;
    open.push_back(name[1]);
    if (open.back() == "style" || open.back() == "script")
      at = html.find("</" + open.back() + ">", at);
  }
  if (!open.empty()) markup.fault = "never closed: " + open.back();
  return markup;
}

}  // namespace reconproof::reports
