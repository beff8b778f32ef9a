// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Names and words by which the scan of a team's code knows what a line does.
#pragma once

#include <string_view>

namespace reconproof::checks {

/// Of a call's full dotted name ("urllib.request.urlopen"): the kind of finding it is, or "".
std::string_view kind_of_call(std::string_view name);

/// Calls that give the date or the time of day, and those that name machine or user.
bool tells_time(std::string_view name);
bool tells_host(std::string_view name);

/// Generators that begin with a seed of the machine's when they are given none.
bool seeds_itself(std::string_view name);
/// Calls whose argument is a seed.
bool takes_seed(std::string_view name);

/// Calls that start another program.
bool starts_program(std::string_view name);

/// What fetches from the network: "wget", "/usr/bin/curl".
bool is_network_tool(std::string_view word);

/// A path that means something on one machine only: "/home/me/data", "C:\data", "~/data".
bool is_absolute_path(std::string_view text);

/// A variable that holds the name of a data file, by what people call it.
bool names_file(std::string_view name);

bool contains_leaderboard(std::string_view text);

}  // namespace reconproof::checks
