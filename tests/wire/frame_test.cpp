#include "proxy/wire/frame.h"

#include <gtest/gtest.h>

#include "proxy/wire/writer.h"

namespace sluice::wire {
namespace {

Buffer three_packets(std::uint8_t first, std::uint8_t step) {
  Buffer out;
  for (const std::size_t size : {0U, 5U, 300U}) {
    append_packet(out, first, Buffer(size, 0xff));
    first = static_cast<std::uint8_t>(first + step);
  }
  return out;
}

TEST(FrameRenumberer, CountsOnHoweverTheRunIsCut) {
  const Buffer wanted = three_packets(254, 1);  // and over the end
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 1000U}) {
    Buffer bytes = three_packets(9, 40);
    FrameRenumberer numbers;
    numbers.start(254);
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      numbers.renumber(std::span(bytes).subspan(at, std::min(piece, bytes.size() - at)));
    }
    EXPECT_EQ(bytes, wanted) << piece;
  }
}

TEST(PacketWalker, FindsTheEndOfAPacketHoweverItIsCut) {
  Buffer packet;
  append_packet(packet, 0, Buffer(kMaxFramePayload + 5, 1));
  const std::size_t size = packet.size();
  packet.insert(packet.end(), {9, 9, 9, 9});  // of the next one
  for (const std::size_t piece : {std::size_t{1021}, size - 1, size, size + 4}) {
    PacketWalker walker(false, kMaxFramePayload + 5);
    std::size_t taken = 0;
    for (std::size_t at = 0; at < packet.size() && !walker.done(); at += piece) {
      const auto run = std::span(packet).subspan(at, std::min(piece, packet.size() - at));
      const auto step = walker.take(run);
      ASSERT_TRUE(step) << piece;
      taken += *step;
    }
    EXPECT_TRUE(walker.done());
    EXPECT_EQ(taken, size) << piece;
  }
  Buffer whole;  // exactly full frames end with an empty one
  append_packet(whole, 0, Buffer(kMaxFramePayload, 1));
  PacketWalker walker(false, kMaxFramePayload);
  EXPECT_EQ(*walker.take(std::span(whole).first(whole.size() - 1)), whole.size() - 1);
  EXPECT_FALSE(walker.done());
  EXPECT_EQ(*walker.take(std::span(whole).last(1)), 1U);
  EXPECT_TRUE(walker.done());
}

TEST(PacketWalker, RefusesWrongNumbersAndLengthsBeyondTheLimit) {
  Buffer packet;
  append_packet(packet, 3, Buffer(10, 1));
  EXPECT_EQ(PacketWalker(false, 100).take(packet).error(), Fault::kSequence);
  EXPECT_TRUE(PacketWalker(true, 100).take(packet));
  EXPECT_EQ(packet[3], 0);
  EXPECT_EQ(PacketWalker(false, 9).take(packet).error(), Fault::kOversized);
}

TEST(RenumberPacket, TouchesTheFirstPacketOnly) {
  Buffer bytes;
  append_packet(bytes, 3, Buffer(kMaxFramePayload, 1));
  append_packet(bytes, 9, Buffer(4, 2));
  renumber_packet(bytes);
  const std::size_t second = kFrameHeaderSize + kMaxFramePayload;
  EXPECT_EQ(bytes[3], 0);
  EXPECT_EQ(bytes[second + 3], 1);
  EXPECT_EQ(bytes[second + kFrameHeaderSize + 3], 9);
  renumber_packet(std::span(bytes).first(second + 2));  // a header that is not whole yet
  EXPECT_EQ(bytes[second + 3], 1);
}

}  // namespace
}  // namespace sluice::wire
