#include "proxy/wire/compression.h"

#include <random>

#include <gtest/gtest.h>

namespace sluice::wire {
namespace {

Buffer some_bytes(std::size_t size, bool random) {
  std::mt19937 generator(42);
  Buffer bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::uint8_t>(random ? generator() : i / 7);
  }
  return bytes;
}

class CompressionTest : public testing::TestWithParam<Compression> {};

TEST_P(CompressionTest, WhatGoesInComesOutInPiecesOfAnySize) {
  for (const bool random : {false, true}) {
    const Buffer original = some_bytes(300000, random);
    Compressor compressor(GetParam(), kDefaultZstdLevel);
    Buffer packed;
    ASSERT_TRUE(compressor.compress(Bytes(original).first(40), packed));
    ASSERT_TRUE(compressor.compress(Bytes(original).subspan(40), packed));
    EXPECT_EQ(compressor.sequence(), 2);
    if (!random) {
      EXPECT_LT(packed.size(), original.size() / 5);
    }
    Decompressor decompressor(GetParam());
    Buffer out;
    std::size_t begin = 0;
    for (std::size_t end = 0; end <= packed.size(); end += 1 + end / 3) {
      const auto taken = decompressor.decompress(Bytes(packed).subspan(begin, end - begin), out);
      ASSERT_TRUE(taken);
      begin += *taken;
    }
    const auto taken = decompressor.decompress(Bytes(packed).subspan(begin), out);
    ASSERT_TRUE(taken);
    EXPECT_EQ(begin + *taken, packed.size());
    EXPECT_EQ(out, original);
  }
}

TEST_P(CompressionTest, AFalseLengthIsRefusedAndNothingIsWrittenPastIt) {
  const Buffer original = some_bytes(5000, false);
  Compressor compressor(GetParam(), kDefaultZstdLevel);
  Buffer packed;
  ASSERT_TRUE(compressor.compress(original, packed));
  for (const int change : {-1, 1, -4000, 100000}) {
    Buffer lying = packed;
    const auto claimed = static_cast<std::uint32_t>(5000 + change);
    lying[4] = static_cast<std::uint8_t>(claimed);
    lying[5] = static_cast<std::uint8_t>(claimed >> 8);
    lying[6] = static_cast<std::uint8_t>(claimed >> 16);
    Decompressor decompressor(GetParam());
    Buffer out;
    const auto taken = decompressor.decompress(lying, out);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error(), make_error_code(Fault::kInflate));
    EXPECT_TRUE(out.empty());
  }
}

TEST_P(CompressionTest, ASequenceThatJumpsIsRefused) {
  Compressor compressor(GetParam(), kDefaultZstdLevel);
  compressor.set_sequence(3);
  Buffer packed;
  ASSERT_TRUE(compressor.compress(some_bytes(100, false), packed));
  Decompressor decompressor(GetParam());
  Buffer out;
  const auto taken = decompressor.decompress(packed, out);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error(), make_error_code(Fault::kSequence));
}

INSTANTIATE_TEST_SUITE_P(Algorithms, CompressionTest,
                         testing::Values(Compression::kZlib, Compression::kZstd));

}  // namespace
}  // namespace sluice::wire
