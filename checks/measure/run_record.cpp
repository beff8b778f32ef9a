// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Structured bindings name every field: whoever adds one to a struct cannot compile this file
// before the field is written and read here.
#include "checks/measure/run_record.h"

#include <cmath>

namespace reconproof::checks {

using nlohmann::json;

namespace {

json record_of(bool value) { return value; }
json record_of(int value) { return value; }
json record_of(int64_t value) { return value; }
void read_record(const json& record, bool& value) { value = record.get<bool>(); }
void read_record(const json& record, int& value) { value = record.get<int>(); }
void read_record(const json& record, int64_t& value) { value = record.get<int64_t>(); }

/// JSON knows no infinity; of a NaN no more is kept than that it is one.
json record_of(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}
void read_record(const json& record, double& value) {
  if (!record.is_string()) {
    value = record.get<double>();
    return;
  }
  value = record == "nan" ? NAN : record == "inf" ? INFINITY : -INFINITY;
}

/// Text of strangers need not be UTF-8: such bytes stand as numbers.
json record_of(const std::string& text) {
  try {
    (void)json(text).dump();
    return text;
  } catch (const json::exception&) {
    return std::vector<int>(reinterpret_cast<const unsigned char*>(text.data()),
                            reinterpret_cast<const unsigned char*>(text.data()) + text.size());
  }
}
void read_record(const json& record, std::string& text) {
  if (record.is_string()) {
    text = record.get<std::string>();
    return;
  }
  text.clear();
  for (const json& byte : record) text += static_cast<char>(byte.get<int>());
}
json record_of(const std::filesystem::path& path) { return record_of(path.string()); }
void read_record(const json& record, std::filesystem::path& path) {
  std::string text;
  read_record(record, text);
  path = text;
}

json record_of(const system::Attempt& attempt);
json record_of(const system::GpuUse& use);
json record_of(const PythonPackages& told);
json record_of(const VolumeTimes& volume);
void read_record(const json& record, PythonPackages& told);
void read_record(const json& record, system::Attempt& attempt);
void read_record(const json& record, system::GpuUse& use);
void read_record(const json& record, VolumeTimes& volume);

json record_of(const std::map<std::string, std::string>& texts) {
  json list = json::array();
  for (const auto& [key, text] : texts) list.push_back({record_of(key), record_of(text)});
  return list;
}
void read_record(const json& record, std::map<std::string, std::string>& texts) {
  for (const json& entry : record) {
    std::string key;
    read_record(entry.at(0), key);
    read_record(entry.at(1), texts[key]);
  }
}

template <typename Value>
json record_of(const std::vector<Value>& values) {
  json list = json::array();
  for (const Value& value : values) list.push_back(record_of(value));
  return list;
}
template <typename Value>
void read_record(const json& record, std::vector<Value>& values) {
  values.clear();
  for (const json& entry : record) read_record(entry, values.emplace_back());
}
template <typename Value>
json record_of(const std::optional<Value>& value) {
  return value ? record_of(*value) : json();
}
template <typename Value>
void read_record(const json& record, std::optional<Value>& value) {
  value.reset();
  if (!record.is_null()) read_record(record, value.emplace());
}

/// A list of fields, in the order in which their struct names them.
template <typename... Fields>
json list_of(const Fields&... fields) {
  json list = json::array();
  (list.push_back(record_of(fields)), ...);
  return list;
}
template <typename... Fields>
void read_list(const json& list, Fields&... fields) {
  size_t i = 0;
  (read_record(list.at(i++), fields), ...);
}

json record_of(const system::Attempt& attempt) {
  const auto& [kind, detail, count] = attempt;
  return list_of(kind, detail, count);
}
void read_record(const json& record, system::Attempt& attempt) {
  auto& [kind, detail, count] = attempt;
  read_list(record, kind, detail, count);
}

json record_of(const system::GpuUse& use) {
  const auto& [measured, reason, tree, delta, visible, samples, interval, cost, foreign, device,
               driver, total, enforced, unenforced, lost, reserved, allocated] = use;
  return list_of(measured, reason, tree, delta, visible, samples, interval, cost, foreign, device,
                 driver, total, enforced, unenforced, lost, reserved, allocated);
}
void read_record(const json& record, system::GpuUse& use) {
  auto& [measured, reason, tree, delta, visible, samples, interval, cost, foreign, device, driver,
         total, enforced, unenforced, lost, reserved, allocated] = use;
  read_list(record, measured, reason, tree, delta, visible, samples, interval, cost, foreign,
            device, driver, total, enforced, unenforced, lost, reserved, allocated);
}

json record_of(const PythonPackages& told) {
  const auto& [python, packages] = told;
  return list_of(python, packages);
}
void read_record(const json& record, PythonPackages& told) {
  auto& [python, packages] = told;
  read_list(record, python, packages);
}

json record_of(const VolumeTimes& volume) {
  const auto& [cell, name, bytes, prep, prep_cpu, slices, declared, altered, before] = volume;
  return list_of(cell, name, bytes, prep, prep_cpu, slices, declared, altered, before);
}
void read_record(const json& record, VolumeTimes& volume) {
  auto& [cell, name, bytes, prep, prep_cpu, slices, declared, altered, before] = volume;
  read_list(record, cell, name, bytes, prep, prep_cpu, slices, declared, altered, before);
}

}  // namespace

json record_of(const WholeRunResult& run) {
  const auto& [isolated, refused, observed, unobserved, not_run, exit_code, signal, timed_out,
               stopped, limits_by, wall, cpu, rss, cgroup, gpu, tail, attempts, recon, python,
               strange] = run;
  return list_of(isolated, refused, observed, unobserved, not_run, exit_code, signal, timed_out,
                 stopped, limits_by, wall, cpu, rss, cgroup, gpu, tail, attempts, recon, python,
                 strange);
}
void read_record(const json& record, WholeRunResult& run) {
  auto& [isolated, refused, observed, unobserved, not_run, exit_code, signal, timed_out, stopped,
         limits_by, wall, cpu, rss, cgroup, gpu, tail, attempts, recon, python, strange] = run;
  read_list(record, isolated, refused, observed, unobserved, not_run, exit_code, signal, timed_out,
            stopped, limits_by, wall, cpu, rss, cgroup, gpu, tail, attempts, recon, python,
            strange);
}

json record_of(const SliceRun& slice_run) {
  const auto& [run, volumes, busy_cores, held_by] = slice_run;
  return list_of(run, volumes, busy_cores, held_by);
}
void read_record(const json& record, SliceRun& slice_run) {
  auto& [run, volumes, busy_cores, held_by] = slice_run;
  read_list(record, run, volumes, busy_cores, held_by);
}

json record_of(const Comparison& comparison) {
  const auto& [equal, volumes, differences, largest, relative, incomparable, at] = comparison;
  return list_of(equal, volumes, differences, largest, relative, incomparable, at);
}
void read_record(const json& record, Comparison& comparison) {
  auto& [equal, volumes, differences, largest, relative, incomparable, at] = comparison;
  read_list(record, equal, volumes, differences, largest, relative, incomparable, at);
}

}  // namespace reconproof::checks
