// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Each pattern of the code scan: a line that it finds, and a near miss that it leaves alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "checks/code/python_tokens.h"
#include "checks/code/scan.h"
#include "system/error.h"
#include "system/files.h"

namespace reconproof::checks {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// "download:3" of every finding.
std::vector<std::string> places(const CodeScan& scan) {
  std::vector<std::string> places;
  for (const CodeFinding& finding : scan.findings)
    places.push_back(finding.kind + ":" + std::to_string(finding.line));
  return places;
}

std::vector<std::string> python(const std::string& source, CodeRole role = {true, true}) {
  CodeScan scan;
  scan_python(source, "a.py", role, scan);
  return places(scan);
}

std::vector<std::string> shell(const std::string& source) {
  CodeScan scan;
  scan_shell(source, "a.sh", scan);
  return places(scan);
}

struct Snippet {
  const char* hit;
  const char* kind;
  const char* near_miss;
};

const Snippet kPython[] = {
    {"import urllib.request\nurllib.request.urlretrieve(u, 'a')", "download:2",
     "import urllib.parse\nurllib.parse.urlparse(u)"},
    {"from urllib.request import urlopen as o\no(u)", "download:2",
     "from mine import urlopener as o\no(u)"},
    {"import requests as r\nr.get(u)", "download:2", "r = {}\nr.get(u)"},
    {"import wget\nwget.download(u)", "download:2", "# import wget; wget.download(u)"},
    {"import gdown\nx = gdown.download(u)", "download:2", "print('gdown.download(u)')"},
    {"from huggingface_hub import hf_hub_download\nhf_hub_download('a')", "download:2",
     "\"\"\"huggingface_hub.hf_hub_download('a')\"\"\""},
    {"import torch\nm = torch.hub.load('a', 'b')", "download:2",
     "import torch\nm = torch.load('a')"},
    {"import torch\ntorch.hub.load_state_dict_from_url(u)", "download:2",
     "import torch\nm.load_state_dict(torch.load(p))"},
    {"from torch.hub import load_state_dict_from_url\nload_state_dict_from_url(u)", "download:2",
     "def load_state_dict_from_url(u): pass"},
    {"m = make().from_pretrained('a')", "download:1", "m = make().from_config('a')"},
    {"import socket\ns = socket.socket()", "download:2",
     "import socket\nsocket.setdefaulttimeout(1)"},
    {"import torchvision\nd = torchvision.datasets.MNIST('.', download=True)", "download:2",
     "import torchvision\nd = torchvision.datasets.MNIST('.', download=False)"},
    {"import subprocess\nsubprocess.run(['wget', u])", "download:2",
     "import subprocess\nsubprocess.run(['ls', 'wget.txt'])"},
    {"import os\nos.system('cd /tmp && curl -O x')", "download:2",
     "import os\nos.system('echo curl')"},
    {"import subprocess as s\ns.check_call(['git', 'clone', u])", "download:2",
     "import subprocess as s\ns.check_call(['git', 'status'])"},
    {"import timm\nm = timm.create_model('x',\n  pretrained=True)", "given-weights:2",
     "import timm\nm = timm.create_model('x', pretrained=False)"},
    {"from torchvision import models\nm = models.resnet18(weights='DEFAULT')", "given-weights:2",
     "from torchvision import models\nm = models.resnet18(weights=None)"},
    {"p = '/home/me/data/train'", "absolute-path:1", "p = 'data/train'"},
    {"p = \"C:\\\\data\\\\x\"", "absolute-path:1", "p = 'C: the third'"},
    {"p = '~/data'", "absolute-path:1", "p = base + '/utils/model/'"},
    {"p = f'/root/Data/{n}.h5'", "absolute-path:1", "p = '/'"},
    {"open('/mnt/disk/x')", "absolute-path:1",
     "parser.add_argument('-t', default='/root/Data/train/', help='a')"},
    {"open('/root/result/x')", "absolute-path:1", "print('a /b/c text')"},
    {"p = 'Data/Leaderboard/acc4'", "leaderboard:1",
     "parser.add_argument('-x', help='no leaderboard')"},
    {"import datetime\nif datetime.datetime.now().month == 8: x()", "branch:2",
     "import datetime\nprint(datetime.datetime.now())"},
    {"import time\nnow = time.time()\nif now > 1e9: x()", "branch:3",
     "import time\nused = time.time() - start\nif used < 3600: x()"},
    {"from time import localtime\ny = 1 if localtime()[0] > 2 else 3", "branch:2",
     "import time\nif time.time() - start > 5: x()"},
    {"import socket\nif socket.gethostname() == 'gpu1': x()", "branch:2",
     "import socket\nprint(socket.gethostname())"},
    {"import platform\nh = platform.node()\nwhile h != 'a': x()", "branch:3",
     "import platform\nif platform.system() == 'Linux': x()"},
    {"if 'knee' in fname: x()", "branch:1", "if fname.endswith('.h5'): x()"},
    {"import os\nif os.path.basename(p) == 'a1': x()", "branch:2",
     "import os\nif os.path.basename(p) == q: x()"},
    {"y = [m for m in ms if 'brain' in m.stem]", "branch:1",
     "y = [m for m in ms if m.stem in seen]"},
    {"import os\nx = os.environ['DATA']", "environment:2", "import os\nos.environ['DATA'] = '1'"},
    {"import os\nx = os.getenv('FAST')", "environment:2",
     "import os\nx = os.environ.get('LOCAL_RANK')"},
    {"import os\nif 'FAST' in os.environ: x()", "environment:2",
     "import os\nos.environ.setdefault('A', '1')"},
    {"import numpy as np\ng = np.random.default_rng()", "seed:2",
     "import numpy as np\ng = np.random.default_rng(430)"},
    {"import random, time\nrandom.seed(time.time())", "seed:2",
     "import random\nrandom.seed(args.seed)"},
    {"import os\nx = os.urandom(4)", "seed:2", "import os\nx = os.cpu_count()"},
    {"exec(code)", "hidden-code:1", "model.eval()"},
    {"x = eval(text)", "hidden-code:1", "def eval(x): return x"},
    {"import base64\nc = base64.b64decode(t)", "hidden-code:2",
     "import base64\nc = base64.b64encode(t)"},
    {"from marshal import loads\nloads(b)", "hidden-code:2", "from json import loads\nloads(b)"},
    {"import importlib\nimportlib.import_module(n)", "hidden-code:2",
     "import importlib\nimportlib.import_module('a.b')"},
};

const Snippet kShell[] = {
    {"wget http://x", "download:1", "echo wget"},
    {"set -e\nif true; then /usr/bin/curl -O x; fi", "download:2", "# curl -O x"},
    {"A=1 git clone x", "download:1", "git status"},
    {"x=$(curl x)", "download:1", "echo 'x=$(curl x)'"},
    {"python -m gdown x", "download:1", "python -m mine gdown.py"},
    {"cd /home/me/code", "absolute-path:1", "python train.py -t '/root/Data/train/' \\\n  -v /a/b"},
    {"if [ $(hostname) = a ]; then x; fi", "branch:1", "echo $(hostname)"},
};

class PythonSnippet : public testing::TestWithParam<Snippet> {};
INSTANTIATE_TEST_SUITE_P(All, PythonSnippet, testing::ValuesIn(kPython));
class ShellSnippet : public testing::TestWithParam<Snippet> {};
INSTANTIATE_TEST_SUITE_P(All, ShellSnippet, testing::ValuesIn(kShell));
void PrintTo(const Snippet& snippet, std::ostream* out) { *out << snippet.hit; }

TEST_P(PythonSnippet, IsFoundAndTheNearMissIsNot) {
  EXPECT_THAT(python(GetParam().hit), ElementsAre(GetParam().kind));
  EXPECT_THAT(python(GetParam().near_miss), IsEmpty()) << GetParam().near_miss;
}

TEST_P(ShellSnippet, IsFoundAndTheNearMissIsNot) {
  EXPECT_THAT(shell(GetParam().hit), ElementsAre(GetParam().kind));
  EXPECT_THAT(shell(GetParam().near_miss), IsEmpty()) << GetParam().near_miss;
}

TEST(CodeScan, WhatMattersDependsOnWhoReachesAFile) {
  EXPECT_THAT(python("p = 'leaderboard'", {false, true}), IsEmpty());
  EXPECT_THAT(python("if 'knee' in fname: x()", {true, false}), IsEmpty());
}

TEST(CodeScan, LinesAreThoseOfTheSource) {
  EXPECT_THAT(python("x = 'a' \\\n  'b'\ny = (1,\n  2)\n'''\n\n'''\nz = '''\n'''; exec(x)\n"),
              ElementsAre("hidden-code:9"));
}

TEST(CodeScan, UnclosedTextEndsSomewhere) {
  EXPECT_THAT(python("x = 'open\nexec(y)"), ElementsAre("hidden-code:2"));
  EXPECT_THAT(python("x = '''open\nexec(y)"), IsEmpty());
  EXPECT_THAT(python("x = '\\"), IsEmpty());
  EXPECT_THAT(python("((((\nexec(y"), ElementsAre("hidden-code:2"));
  EXPECT_THAT(shell("x='open\nwget x"), IsEmpty());
}

TEST(CodeScan, IsBoundedAndEscaped) {
  CodeScan scan;
  std::string source = "p = '/home/\x1b[31m/x'\n";
  for (int i = 0; i < 1200; ++i) source += "exec(x)\n";
  scan_python(source, "a.py", {}, scan);
  EXPECT_THAT(scan.findings, SizeIs(1000));
  EXPECT_EQ(scan.beyond, 201);
  EXPECT_EQ(scan.findings[0].what, "'/home/\\x1b[31m/x'");
  CodeScan longest;
  scan_python("p = '/a/" + std::string(5000, 'x') + "'", "a.py", {}, longest);
  EXPECT_LE(longest.findings.at(0).what.size(), 130U);
}

TEST(CodeScan, ReadsNotebooks) {
  const auto cell = [](const char* type, const nlohmann::json& source) {
    return nlohmann::json{{"cell_type", type}, {"source", source}};
  };
  nlohmann::json notebook;
  notebook["cells"] = {cell("markdown", {"exec(x)"}),
                       cell("code", {"%cd /home/me/x\n", "!wget x\n", "exec(x)\n"}),
                       cell("code", "y = 1")};
  CodeScan scan;
  scan_notebook(notebook.dump(), "n.ipynb", scan);
  ASSERT_THAT(scan.findings, SizeIs(2));
  EXPECT_EQ(scan.findings[0].file, "n.ipynb cell 2");
  EXPECT_THAT(places(scan), testing::UnorderedElementsAre("download:2", "hidden-code:3"));
  for (const char* none : {"", "[]", "{\"cells\": 3}", "{"})
    EXPECT_THROW(scan_notebook(none, "n.ipynb", scan), system::Error) << none;
}

TEST(CodeScan, FollowsTheImportsOfTheCommands) {
  const system::TemporaryFolder folder;
  const auto write = [&](const char* name, const std::string& text) {
    const auto path = folder.path() / name;
    std::filesystem::create_directories(path.parent_path());
    system::write_file(path, text);
  };
  write("train.sh", "python train.py -t x\n");
  write("train.py", "from utils.learning.part import train\nfrom utils import more\n");
  write("utils/learning/part.py", "from . import loader\nfrom ..deep import thing\n");
  write("utils/learning/loader.py", "p = 'leaderboard'\n");
  write("utils/deep.py", "p = 'leaderboard'\n");
  write("utils/more.py", "p = 'leaderboard'\nif 'a' in fname: x()\n");
  write("eval.py", "p = 'leaderboard'\nif 'a' in fname: x()\n");
  write("deep/unused.py", "p = '/root/Data/val/x.h5'\nq = '/root/Data/valued/x.h5'\n");
  write("Data/train/a.py", "exec(x)\n");
  write("venv/lib/site-packages/a.py", "exec(x)\n");
  write(".git/a.py", "exec(x)\n");
  write("too_long.py", std::string((1 << 20) + 1, '\n'));
  submission::Project project;
  project.root = folder.path();
  project.train = "Data/train";
  project.val = "/root/Data/val/";
  project.train_steps.emplace_back().command = {"bash", "train.sh"};
  project.reconstruct_step.emplace().command = {"python3", "eval.py"};
  const CodeScan scan = scan_code(project);
  std::vector<std::string> found;
  for (const CodeFinding& finding : scan.findings)
    found.push_back(finding.file + " " + finding.kind);
  EXPECT_THAT(
      found,
      ElementsAre("deep/unused.py absolute-path", "eval.py branch", "utils/deep.py leaderboard",
                  "utils/learning/loader.py leaderboard", "utils/more.py leaderboard"));
  EXPECT_THAT(scan.unread, SizeIs(1));
  EXPECT_EQ(scan.files, 8);
}

}  // namespace
}  // namespace reconproof::checks
