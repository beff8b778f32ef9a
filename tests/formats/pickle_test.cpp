// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
#include "formats/pickle.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

#include "system/error.h"
#include "tests/formats/raw_pickle.h"

namespace reconproof::formats {
namespace {

using raw::global;
using raw::kProtocol2;
using raw::number;
using raw::repeated;
using raw::text;
using system::Code;

constexpr auto kClasses = std::to_array<PickleClass>({{"shop.Price", PickleClass::kCalled},
                                                      {"shop.Basket", PickleClass::kStateful},
                                                      {"shop.EURO", PickleClass::kNamed}});

PickleTree read(const std::string& program) { return read_pickle(program, kClasses, "test"); }
/// The only value of a program without PROTO and STOP.
PickleTree value_of(const std::string& program) { return read(kProtocol2 + program + "."); }

template <typename T>
T only(const std::string& program) {
  const PickleTree tree = value_of(program);
  const T* value = tree.get<T>(tree.root());
  EXPECT_NE(value, nullptr) << tree.describe(tree.root());
  return value == nullptr ? T{} : *value;
}

void expect_refused(const std::string& program, Code code, const std::string& message) {
  try {
    read(program);
    FAIL() << "accepted, expected: " << message;
  } catch (const system::Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
  }
}
void expect_corrupt(const std::string& program, const std::string& message) {
  expect_refused(kProtocol2 + program, Code::kCorrupt, message);
}
void expect_unsupported(const std::string& program, const std::string& message) {
  expect_refused(kProtocol2 + program, Code::kUnsupported, message);
}

TEST(Pickle, ReadsPlainValues) {
  EXPECT_TRUE(only<bool>("\x88"));
  EXPECT_FALSE(only<bool>("\x89"));
  EXPECT_EQ(only<int64_t>("K\xff"), 255);
  EXPECT_EQ(only<int64_t>("M\x01\x02"), 513);
  EXPECT_EQ(only<int64_t>("J\xfe\xff\xff\xff"), -2);
  EXPECT_EQ(only<int64_t>(std::string("\x8a\x00", 2)), 0);
  EXPECT_EQ(only<int64_t>("\x8a\x01\xff"), -1);
  EXPECT_EQ(only<int64_t>("\x8a\x02\xff" + std::string(1, '\0')), 255);
  EXPECT_EQ(only<int64_t>("\x8a\x08" + number(INT64_MIN)), INT64_MIN);
  EXPECT_EQ(only<PickleBigInt>("\x8a\x09" + std::string(9, '\x01')).little_endian.size(), 9U);
  EXPECT_EQ(only<int64_t>("\x8b" + number(uint32_t{2}) + "\x01\x02"), 513);
  EXPECT_EQ(only<double>(std::string("G\x3f\xd0\0\0\0\0\0\0", 9)), 0.25);
  EXPECT_EQ(only<std::string>(text("abc")), "abc");
  EXPECT_EQ(only<std::string>("\x8c\x02hi"), "hi");
  EXPECT_EQ(only<std::string>("\x8d" + number(uint64_t{2}) + "hi"), "hi");
  EXPECT_EQ(only<PickleBytes>("C\x01x").bytes, "x");
  EXPECT_EQ(only<PickleBytes>("B" + number(uint32_t{1}) + "x").bytes, "x");
  EXPECT_EQ(only<PickleBytes>("\x8e" + number(uint64_t{1}) + "x").bytes, "x");
  EXPECT_EQ(only<PickleBytes>("\x96" + number(uint64_t{1}) + "x").bytes, "x");
  only<PickleNone>("N");
}

TEST(Pickle, ReadsContainers) {
  EXPECT_EQ(only<PickleTuple>(")").items.size(), 0U);
  EXPECT_EQ(only<PickleTuple>("N\x85").items.size(), 1U);
  EXPECT_EQ(only<PickleTuple>("NN\x86").items.size(), 2U);
  EXPECT_EQ(only<PickleTuple>("NNN\x87").items.size(), 3U);
  EXPECT_EQ(only<PickleTuple>("(NNNNt").items.size(), 4U);
  EXPECT_EQ(only<PickleList>("](NNeNa").items.size(), 3U);
  EXPECT_EQ(only<PickleList>("(NNl").items.size(), 2U);
  EXPECT_EQ(only<PickleList>("\x8f(N\x90").items.size(), 1U);
  EXPECT_EQ(only<PickleList>("(N\x91").items.size(), 1U);
  EXPECT_EQ(only<PickleDict>("}(K\x01NK\x02Nu").items.size(), 2U);
  EXPECT_EQ(only<PickleDict>("}K\x01Ns").items.size(), 1U);
  EXPECT_EQ(only<PickleDict>("(K\x01Nd").items.size(), 1U);
  EXPECT_EQ(only<PickleDict>(global("collections", "OrderedDict") + ")RK\x01Ns").items.size(), 1U);
  EXPECT_EQ(only<PickleDict>(global("collections", "OrderedDict") + "]K\x01N\x86"
                                                                    "a\x85R")
                .items.size(),
            1U);
  EXPECT_EQ(only<PickleDict>(global("collections", "defaultdict") + global("__builtin__", "list") +
                             "\x85R")
                .items.size(),
            0U);
  EXPECT_EQ(only<PickleList>(global("builtins", "set") + "]Na\x85R").items.size(), 1U);
  EXPECT_EQ(only<PickleDict>(global("collections", "Counter") + "}K\x01K\x02s\x85R").items.size(),
            1U);
  const std::string encode = global("_codecs", "encode");
  EXPECT_EQ(only<PickleBytes>(encode + text("a\xc3\xbf\xc2\x80") + text("latin1") + "\x86R").bytes,
            "a\xff\x80");
  EXPECT_EQ(only<PickleBytes>(global("__builtin__", "bytes") + ")R").bytes, "");
}

TEST(Pickle, RemembersAndDropsValues) {
  EXPECT_EQ(only<PickleTuple>("K\x05q\x07h\x07\x86").items.size(), 2U);
  EXPECT_EQ(only<int64_t>("K\x05\x94" + std::string("K\x06\x94", 3) + "00h" + std::string(1, '\0')),
            5);
  EXPECT_EQ(only<PickleTuple>("K\x05"
                              "2\x86")
                .items.size(),
            2U);
  EXPECT_EQ(only<int64_t>("K\x05(NN1"), 5);
  EXPECT_EQ(only<int64_t>("K\x05(0"), 5);
  EXPECT_EQ(only<int64_t>("K\x05r" + number(uint32_t{300}) + "0j" + number(uint32_t{300})), 5);
  EXPECT_EQ(only<int64_t>("\x95" + number(uint64_t{3}) + "K\x05"), 5);
}

TEST(Pickle, CopiesWhatItMakesContainersOf) {
  // d = {}; c = Counter(d); c[1] = None: d itself stays empty.
  const std::string zero(1, '\0');
  EXPECT_EQ(only<PickleDict>("}q" + zero + global("collections", "Counter") + "h" + zero +
                             "\x85RK\x01Ns0")
                .items.size(),
            0U);
  EXPECT_EQ(only<PickleList>("]q" + zero + global("builtins", "set") + "h" + zero +
                             "\x85R(N\x90"
                             "0")
                .items.size(),
            0U);
}

TEST(Pickle, KeepsListedClassesAsData) {
  const PickleTree tree = value_of(global("shop", "Basket") + ")\x81}" + text("n") + "K\x03sb");
  const PickleObject* basket = tree.get<PickleObject>(tree.root());
  ASSERT_NE(basket, nullptr);
  EXPECT_EQ(basket->type->name, "shop.Basket");
  ASSERT_TRUE(basket->state);
  EXPECT_EQ(tree.get<PickleDict>(*basket->state)->items.size(), 1U);
  EXPECT_EQ(tree.describe(tree.root()), "a shop.Basket");
  EXPECT_EQ(only<PickleGlobal>("\x8c\x04shop\x8c\x04"
                               "EURO\x93")
                .type->name,
            "shop.EURO");
  only<PickleReference>(text("key") + "Q");
  // A state_dict's _metadata is an attribute of an OrderedDict.
  EXPECT_EQ(only<PickleDict>(global("collections", "OrderedDict") + ")R}b").items.size(), 0U);
}

TEST(Pickle, RefusesForeignNames) {
  for (const auto& [module, name] : {std::pair("os", "system"),
                                     {"posix", "system"},
                                     {"builtins", "eval"},
                                     {"__builtin__", "exec"},
                                     {"subprocess", "Popen"},
                                     {"torch.storage", "_load_from_bytes"},
                                     {"utils.model.varnet", "VarNet"},
                                     {"shop", "Basket.open"},
                                     {"", "Basket"}}) {
    const std::string message = std::string("names ") + module + "." + name + ", which is neither";
    expect_unsupported(global(module, name) + text("id") + "\x85R.", message);
    expect_unsupported("\x8c" + std::string(1, static_cast<char>(std::string(module).size())) +
                           module + text(name) + "\x93.",
                       message);
  }
  expect_unsupported(global("os", "system"), "torch.save({'model': net.state_dict()}");
}

TEST(Pickle, RefusesCallsOfAnythingElse) {
  expect_unsupported(global("shop", "EURO") + ")R.", "calls shop.EURO");
  expect_unsupported(text("id") + ")R.", "calls the text 'id'");
  // What one call gives is not called in turn.
  expect_unsupported(global("shop", "Price") + ")R)R.", "calls a shop.Price");
  expect_corrupt(global("shop", "Price") + "NR.", "expected a tuple of arguments, found None");
  expect_unsupported(global("shop", "Price") + ")R}b.", "sets the state of a shop.Price");
  expect_unsupported(global("shop", "Basket") + ")R}b}b.", "sets the state of a shop.Basket");
  expect_unsupported("}}b.", "sets the state of a dict of 0");
  expect_unsupported(global("shop", "Basket") + "}b.", "sets the state of shop.Basket");
  expect_corrupt(global("_codecs", "encode") + text("x") + text("rot13") + "\x86R.", "Latin-1");
  expect_corrupt(global("_codecs", "encode") + text("\xe2\x82\xac") + text("latin1") + "\x86R.",
                 "Latin-1");
  expect_corrupt(global("builtins", "set") + ")R.", "expected one list");
  expect_corrupt(global("collections", "OrderedDict") + "]Na\x85R.", "expected a key and a value");
  // Python would take items from these arguments: they are not overlooked.
  expect_corrupt(global("collections", "OrderedDict") + "}K\x01Ns\x85R.",
                 "expected one list of pairs");
  expect_corrupt(global("collections", "OrderedDict") + "]]\x86R.", "expected one list of pairs");
  expect_corrupt(global("collections", "defaultdict") + "N}\x86R.", "expected its factory only");
  expect_corrupt(global("collections", "Counter") + "]\x85R.", "expected one dict");
}

TEST(Pickle, RefusesForeignOpcodes) {
  for (const char opcode : {'I', 'L', 'F', 'S', 'V', 'i', 'o', 'P', '\x82', '\x92', '\x97', '\x98'})
    expect_unsupported(std::string(1, opcode) + "1\n1\n.", "is not one that torch.save writes");
  expect_refused("N.", Code::kUnsupported, "not a pickle of protocol 2 to 5");
  expect_refused("\x80\x06N.", Code::kUnsupported, "not a pickle of protocol 2 to 5");
  expect_refused("\x80\x01N.", Code::kUnsupported, "not a pickle of protocol 2 to 5");
}

TEST(Pickle, RefusesLengthsBeyondItsEnd) {
  const std::string huge = number(uint32_t{1} << 31), immense = number(uint64_t{1} << 63);
  expect_corrupt("X" + huge + "abc.", "claims 2147483648 bytes, but 4 are left");
  expect_corrupt("\x8d" + immense + "abc.", "claims 9223372036854775808 bytes, but 4 are left");
  expect_corrupt("B" + huge + "abc.", "claims 2147483648 bytes");
  expect_corrupt("\x8e" + immense + ".", "claims 9223372036854775808 bytes");
  expect_corrupt("\x96" + immense + ".", "claims 9223372036854775808 bytes");
  expect_corrupt("\x95" + immense + "N.", "claims 9223372036854775808 bytes");
  expect_unsupported("\x8b" + huge + "abc.", "an integer of 2147483648 bytes");
  expect_corrupt("cmodule_without_an_end", "a name without an end");
  expect_refused("", Code::kCorrupt, "claims 1 bytes, but 0 are left");
}

TEST(Pickle, RefusesBrokenPrograms) {
  expect_corrupt(".", "takes a value where there is none");
  expect_corrupt("N(.", "takes a value where there is none");
  expect_corrupt("(N.", "values are left over");
  expect_corrupt("NN.", "values are left over");
  expect_corrupt("N.N.", "2 bytes follow the end");
  expect_corrupt("t.", "down to a mark where there is none");
  expect_corrupt("h\x05.", "takes memo entry 5, which was not put");
  expect_corrupt("q\x05.", "takes a value where there is none");
  expect_corrupt("Na.", "takes a value where there is none");
  expect_corrupt("}Na.", "expected a list, found a dict of 0");
  expect_corrupt("]NNs.", "expected a dict, found a list of 0");
  expect_corrupt("}(Nu.", "a key without a value");
  expect_corrupt("NN\x93.", "expected a module's name, found None");
}

TEST(Pickle, RefusesBombs) {
  // Each list holds the one before twice: 2^100 items to whoever walks it. It is 100 values here.
  std::string doubling = "]q" + std::string(1, '\0');
  for (char i = 0; i < 100; ++i)
    doubling += std::string("](h") + i + "h" + i + "eq" + static_cast<char>(i + 1);
  const PickleTree tree = read(kProtocol2 + "]" + doubling + repeated("0", 100) + "a.");
  EXPECT_LT(tree.size(), 200U);

  expect_unsupported(repeated("(", 1'001) + ".", "marks nested more than 1000 deep");
  // Depth costs nothing: no value holds another one, and nothing walks them.
  EXPECT_EQ(value_of(")" + repeated("\x85", 100'000)).size(), 100'001U);
  EXPECT_EQ(only<PickleList>("]q" + std::string(1, '\0') +
                             repeated("h" + std::string(1, '\0') + "a", 300))
                .items.size(),
            300U);
  expect_unsupported("Nr" + number(uint32_t{0xFFFFFFFF}) + ".", "memo entry 4294967295");
  expect_unsupported(repeated("N0", 2'000'001) + "N.", "more than 2000000 values");
  expect_unsupported("N" + repeated("2", 2'000'001) + ".", "a stack of more than 2000000 values");
  expect_refused(std::string((64 << 20) + 1, 'N'), Code::kUnsupported, "at most 67108864 are read");
  // One long text, encoded again and again.
  const std::string call = global("_codecs", "encode") + "q" + std::string(1, '\0') + "0" +
                           text(std::string(10'000, 'x')) + text("latin1") +
                           "\x86q\x01"
                           "0";
  expect_unsupported(call + repeated("h" + std::string(1, '\0') + "h\x01R0", 10) + "N.",
                     "copies more text than it holds");
}

TEST(Pickle, SurvivesAnyProgram) {
  const std::string whole =
      kProtocol2 + "}q" + std::string(1, '\0') + "(" + text("args") + global("shop", "Basket") +
      ")\x81}" + text("n") + "K\x03sb" + text("set") + global("builtins", "set") +
      "](K\x01K\x02"
      "e\x85R" +
      text("bytes") + global("_codecs", "encode") + text("\xc3\xbf") + text("latin1") + "\x86R" +
      text("dict") + global("collections", "OrderedDict") + ")R" + text("storage") + "(" +
      text("key") + "M\x01\x02tQ" + text("self") + "h" + std::string(1, '\0') + "q\x01u.";
  std::mt19937 random(3);
  int accepted = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string program = whole;
    for (unsigned change = random() % 3; change-- > 0;)
      program[random() % program.size()] = static_cast<char>(random() % 256);
    try {
      accepted += read(program).size() > 0;
    } catch (const system::Error&) {
    }
  }
  EXPECT_GT(accepted, 10'000);
}

}  // namespace
}  // namespace reconproof::formats
