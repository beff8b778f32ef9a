// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "checks/code/code_words.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace reconproof::checks {
namespace {

using std::string_view;

bool one_of(string_view text, std::initializer_list<string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

string_view last_part(string_view name) {
  const size_t dot = name.rfind('.');
  return dot == string_view::npos ? name : name.substr(dot + 1);
}

/// "requests." knows "requests.get", and "requests.get" itself alone.
bool matches(string_view name, string_view pattern) {
  return pattern.ends_with('.') ? name.starts_with(pattern) : name == pattern;
}

constexpr std::array kDownloads = {
    "urllib.request.",  "urllib.urlopen", "urllib.urlretrieve",
    "urllib2.urlopen",  "urllib3.",       "requests.",
    "httpx.",           "aiohttp.",       "http.client.",
    "ftplib.",          "wget.",          "gdown.",
    "huggingface_hub.", "kagglehub.",     "boto3.",
    "torch.hub.",       "timm.hub.",      "paramiko.",
    "socket.socket",    "wandb.restore",  "socket.create_connection"};

constexpr std::array kHidden = {
    "eval",          "exec",          "compile",          "__import__",
    "marshal.loads", "marshal.load",  "base64.b64decode", "base64.b85decode",
    "codecs.decode", "types.CodeType"};

bool is_drive(string_view text) {
  return text.size() > 2 && std::isalpha(static_cast<unsigned char>(text[0])) && text[1] == ':' &&
         (text[2] == '\\' || text[2] == '/');
}

}  // namespace

string_view kind_of_call(string_view name) {
  const auto known = [&](const auto& patterns) {
    return std::ranges::any_of(patterns, [&](string_view p) { return matches(name, p); });
  };
  if (one_of(name, {"torch.hub.set_dir", "torch.hub.get_dir"})) return "";
  if (known(kDownloads) ||
      one_of(last_part(name),
             {"load_state_dict_from_url", "download_url_to_file", "hf_hub_download",
              "snapshot_download", "urlretrieve", "urlopen", "use_artifact", "download_url",
              "download_and_extract_archive", "from_pretrained", "load_url"}))
    return "download";
  if (known(kHidden)) return "hidden-code";
  return "";
}

bool tells_time(string_view name) {
  return one_of(name, {"time.time", "time.localtime", "time.gmtime", "time.strftime", "time.ctime",
                       "time.time_ns", "datetime.datetime.now", "datetime.datetime.today",
                       "datetime.datetime.utcnow", "datetime.date.today"});
}

bool tells_host(string_view name) {
  return one_of(name, {"socket.gethostname", "socket.getfqdn", "platform.node", "platform.uname",
                       "os.uname", "os.getlogin", "getpass.getuser", "uuid.getnode"});
}

bool seeds_itself(string_view name) {
  return one_of(name, {"numpy.random.default_rng", "numpy.random.seed", "numpy.random.RandomState",
                       "random.seed", "random.Random"});
}

bool takes_seed(string_view name) {
  return seeds_itself(name) || one_of(name, {"torch.manual_seed", "torch.cuda.manual_seed",
                                             "torch.cuda.manual_seed_all"});
}

bool starts_program(string_view name) {
  return name.starts_with("subprocess.") || name.starts_with("os.exec") ||
         name.starts_with("os.spawn") ||
         one_of(name, {"os.system", "os.popen", "pty.spawn", "asyncio.create_subprocess_exec",
                       "asyncio.create_subprocess_shell"});
}

bool is_network_tool(string_view word) {
  const size_t slash = word.rfind('/');
  if (slash != string_view::npos) word.remove_prefix(slash + 1);
  return one_of(word, {"wget", "curl", "gdown", "aria2c", "axel", "scp", "sftp", "rsync", "ssh",
                       "huggingface-cli", "kaggle", "gsutil", "rclone"});
}

bool is_absolute_path(string_view text) {
  if (text.find_first_of(" \t\n\"'<>|*") != string_view::npos) return false;
  if (is_drive(text) || text.starts_with("~/")) return true;
  for (const string_view system : {"/dev/", "/proc/", "/sys/", "/usr/", "/bin/", "/path/"})
    if (text.starts_with(system)) return false;
  // "/name/more": one slash alone begins many a text that is no path.
  if (text.size() < 4 || text[0] != '/' || !std::isalpha(static_cast<unsigned char>(text[1])))
    return false;
  const size_t second = text.find('/', 1);
  return second != string_view::npos && second + 1 < text.size();
}

bool names_file(string_view name) {
  return one_of(name, {"fname", "filename", "file_name", "basename", "stem", "volume_name",
                       "vol_name", "vname"}) ||
         name.ends_with("_fname") || name.ends_with("_filename");
}

bool contains_leaderboard(string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower.find("leaderboard") != std::string::npos;
}

}  // namespace reconproof::checks
