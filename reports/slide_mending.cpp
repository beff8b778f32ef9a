// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Small replacements in the XML of slides. pandoc writes it in one way; what is not found is left
// as it is.
#include <fmt/core.h>

#include "reports/slide_programs.h"

namespace reconproof::reports {
namespace {

using formats::PackageParts;

constexpr double kUnitsOfPoint = 12700;  // English metric units
// Hundredths of a point, as the format counts.
constexpr int kCaptionSize = 1100, kCodeSize = 1200;

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

/// Calls `change` with each stretch from `begin` to the end of the next `end`, and puts what it
/// leaves there.
template <typename Change>
void for_each_between(std::string& xml, std::string_view begin, std::string_view end,
                      Change change) {
  for (size_t at = xml.find(begin); at != std::string::npos; at = xml.find(begin, at)) {
    const size_t behind = xml.find(end, at + begin.size());
    if (behind == std::string::npos) return;
    const size_t length = behind + end.size() - at;
    std::string part = xml.substr(at, length);
    change(part);
    xml.replace(at, length, part);
    at += part.size();
  }
}

/// The value of an attribute in one tag; both ends of it. False where there is none.
bool find_attribute(const std::string& tag, const std::string& name, size_t& begin, size_t& end) {
  const std::string head = " " + name + "=\"";
  begin = tag.find(head);
  if (begin == std::string::npos) return false;
  begin += head.size();
  end = tag.find('"', begin);
  return end != std::string::npos;
}

void set_attribute(std::string& tag, const std::string& name, const std::string& value) {
  size_t begin = 0, end = 0;
  if (find_attribute(tag, name, begin, end)) tag.replace(begin, end - begin, value);
}

/// Of the first tag that begins so; empty where there is none.
std::string attribute_of(const std::string& xml, const std::string& tag_begin,
                         const std::string& name) {
  const size_t at = xml.find(tag_begin);
  if (at == std::string::npos) return "";
  size_t begin = 0, end = 0;
  const std::string tag = xml.substr(at, xml.find('>', at) - at);
  return find_attribute(tag, name, begin, end) ? tag.substr(begin, end - begin) : "";
}

void set_attribute_of(std::string& xml, const std::string& tag_begin, const std::string& name,
                      const std::string& value) {
  const size_t at = xml.find(tag_begin);
  if (at == std::string::npos) return;
  const size_t length = xml.find('>', at) - at;
  std::string tag = xml.substr(at, length);
  set_attribute(tag, name, value);
  xml.replace(at, length, tag);
}

int64_t number_in(const std::string& xml, const std::string& tag_begin, const std::string& name) {
  return std::atoll(attribute_of(xml, tag_begin, name).c_str());
}

void set_in(std::string& xml, const std::string& tag_begin, const std::string& name,
            int64_t value) {
  set_attribute_of(xml, tag_begin, name, std::to_string(value));
}

void set_type_size(std::string& xml, int size) {
  replace_all(xml, "<a:rPr", fmt::format("<a:rPr sz=\"{}\"", size));
}

/// Of runs of code, which pandoc sets in Courier at the size of the text around them.
void set_code(std::string& xml) {
  replace_all(
      xml, "<a:rPr><a:latin typeface=\"Courier\" /></a:rPr>",
      fmt::format("<a:rPr sz=\"{}\"><a:latin typeface=\"Courier New\" /></a:rPr>", kCodeSize));
}

/// pandoc takes a block of code's first line out of the indentation of the others.
void set_code_margin(std::string& xml) {
  replace_all(xml, "<a:pPr lvl=\"0\" indent=\"0\"><a:buNone />",
              "<a:pPr lvl=\"0\" indent=\"0\" marL=\"0\"><a:buNone />");
}

/// Every picture says what it shows, and no two shapes have one number.
void mend_shapes(std::string& xml, const SlideDeck& deck) {
  int64_t id = 0;
  for_each_between(xml, "<p:cNvPr", ">", [&](std::string& tag) {
    set_attribute(tag, "id", std::to_string(++id));
    size_t begin = 0, end = 0;
    if (!find_attribute(tag, "descr", begin, end)) return;
    const std::string said = tag.substr(begin, end - begin);
    for (const auto& [file, alt] : deck.alt_texts) {
      if (said == file || said.ends_with("\n" + file))
        set_attribute(tag, "descr", escape_markup(alt));
    }
  });
}

/// pandoc puts a caption below the room that a table may take, far from a short one.
void lift_caption(std::string& xml) {
  const size_t table = xml.find("<p:graphicFrame>"), caption = xml.rfind("txBox=\"1\"");
  if (table == std::string::npos || caption == std::string::npos || caption < table) return;
  std::string frame = xml.substr(table, caption - table), box = xml.substr(caption);
  const int64_t top = number_in(frame, "<a:off", "y"), high = number_in(box, "<a:ext", "cy");
  if (top <= 0 || high <= 0) return;
  set_in(frame, "<a:off", "y", top + high);
  set_in(box, "<a:off", "y", top);
  replace_all(box, "algn=\"ctr\"", "algn=\"l\"");
  xml.replace(table, std::string::npos, frame + box);
}

void set_table_look(std::string& frame, const TableLook& look) {
  set_type_size(frame, static_cast<int>(100 * look.type_size));
  size_t column = 0;
  double total = 0;
  for_each_between(frame, "<a:gridCol", ">", [&](std::string& tag) {
    if (column >= look.column_widths.size()) return;
    const double width = look.column_widths[column++] * kUnitsOfPoint;
    set_attribute(tag, "w", fmt::format("{:.0f}", width));
    total += width;
  });
  set_in(frame, "<a:ext ", "cx", static_cast<int64_t>(total));
}

void mend_slide(std::string& xml, const SlideDeck& deck, const std::string& locale,
                size_t& tables) {
  for_each_between(xml, "<p:graphicFrame>", "</p:graphicFrame>", [&](std::string& frame) {
    if (tables < deck.tables.size()) set_table_look(frame, deck.tables[tables++]);
  });
  for_each_between(xml, "txBox=\"1\"", "</p:sp>",
                   [](std::string& box) { set_type_size(box, kCaptionSize); });
  set_code(xml);  // where no size was set
  set_code_margin(xml);
  lift_caption(xml);
  mend_shapes(xml, deck);
  replace_all(xml, "<a:rPr", "<a:rPr lang=\"" + locale + "\"");
}

}  // namespace

void restyle_master(PackageParts& parts) {
  const auto replace = [&](const std::string& part,
                           std::initializer_list<std::pair<const char*, const char*>> pairs) {
    const auto found = parts.find(part);
    if (found == parts.end()) return;
    for (const auto& [from, to] : pairs) replace_all(found->second, from, to);
  };
  // Arial stands on every system under its own or a like name; Malgun Gothic is the Korean face of
  // Windows, for which others put their own.
  replace("ppt/theme/theme1.xml",
          {{"<a:latin typeface=\"Calibri\"/><a:ea typeface=\"\"/>",
            "<a:latin typeface=\"Arial\"/><a:ea typeface=\"Malgun Gothic\"/>"},
           {"<a:srgbClr val=\"1F497D\"/>", "<a:srgbClr val=\"1D3B53\"/>"},
           {"<a:srgbClr val=\"4F81BD\"/>", "<a:srgbClr val=\"2A6592\"/>"},
           {"<a:srgbClr val=\"C0504D\"/>", "<a:srgbClr val=\"B3541E\"/>"}});
  replace("ppt/slideMasters/slideMaster1.xml",
          {{"<p:titleStyle><a:lvl1pPr algn=\"ctr\"", "<p:titleStyle><a:lvl1pPr algn=\"l\""},
           {"<a:defRPr sz=\"3300\" kern=\"1200\">", "<a:defRPr sz=\"2400\" b=\"1\" kern=\"1200\">"},
           {"<a:defRPr sz=\"2400\" kern=\"1200\">", "<a:defRPr sz=\"1600\" kern=\"1200\">"},
           {"<a:defRPr sz=\"2100\" kern=\"1200\">", "<a:defRPr sz=\"1400\" kern=\"1200\">"}});
  // The title slide: everything begins at one line.
  replace("ppt/slideLayouts/slideLayout1.xml",
          {{"<a:off x=\"1371600\" y=\"2914650\"/><a:ext cx=\"6400800\"",
            "<a:off x=\"685800\" y=\"2914650\"/><a:ext cx=\"7772400\""},
           {"algn=\"ctr\"", "algn=\"l\""}});
}

std::string adapt_layouts(PackageParts& parts) {
  // By type: the names are in the language of whoever's program made the file.
  for (const auto& [type, name] :
       {std::pair{"title", "Title Slide"}, std::pair{"obj", "Title and Content"}}) {
    std::string *named = nullptr, *typed = nullptr;
    for (auto& [path, xml] : parts) {
      if (!path.starts_with("ppt/slideLayouts/") || !path.ends_with(".xml")) continue;
      if (attribute_of(xml, "<p:cSld", "name") == name) named = &xml;
      if (!typed && attribute_of(xml, "<p:sldLayout", "type") == type) typed = &xml;
    }
    if (!named && !typed) return name;
    if (!named) set_attribute_of(*typed, "<p:cSld", "name", name);
    std::string& layout = named ? *named : *typed;
    if (type == std::string_view("title") && layout.find("type=\"ctrTitle\"") == std::string::npos)
      replace_all(layout, "<p:ph type=\"title\"", "<p:ph type=\"ctrTitle\"");
  }
  return "";
}

void mend_slides(PackageParts& parts, const SlideDeck& deck, const std::string& locale) {
  size_t tables = 0;
  for (size_t number = 1;; ++number) {
    const auto part = parts.find(fmt::format("ppt/slides/slide{}.xml", number));
    if (part == parts.end()) return;
    mend_slide(part->second, deck, locale, tables);
  }
}

}  // namespace reconproof::reports
