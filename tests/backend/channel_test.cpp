// Compressed streams: whole however they are cut, and an error as soon as they lie.
#include "proxy/backend/channel.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy/wire/frame.h"
#include "proxy/wire/writer.h"
#include "tests/support/run_task.h"

namespace sluice::backend {
namespace {

using test::run_task;
using test::SocketPair;

ssize_t recv_one(int descriptor, void* into, std::size_t) {
  return ::recv(descriptor, into, 1, 0);
}
ssize_t send_some(int descriptor, const void* from, std::size_t size) {
  return ::send(descriptor, from, std::min<std::size_t>(size, 3), MSG_NOSIGNAL);
}
const net::IoCalls kTiny{&recv_one, &send_some, false};

net::Task<void> write_then(Channel& channel, wire::Buffer bytes, net::Io& result) {
  result = co_await channel.write_all(bytes);
}

std::unique_ptr<Channel> channel_on(net::Loop& loop, int descriptor, wire::Compression how) {
  auto channel = std::make_unique<Channel>(std::make_unique<net::Stream>(loop, descriptor));
  channel->start_compression(how, 3);
  return channel;
}

TEST(Channel, carries_packets_whole_however_they_are_compressed_and_cut) {
  for (const auto how :
       {wire::Compression::kNone, wire::Compression::kZlib, wire::Compression::kZstd}) {
    net::Loop loop(kTiny);
    SocketPair pair;
    const auto from = channel_on(loop, pair.ours, how);
    const auto to = channel_on(loop, pair.theirs, how);
    wire::Buffer frames;
    std::uint8_t sequence = 0;
    for (const std::size_t size :
         {std::size_t{1}, std::size_t{49}, std::size_t{51}, std::size_t{20000}}) {
      sequence = wire::append_packet(frames, sequence, wire::Buffer(size, 'p'));
    }
    net::Io written = net::Io::kError;
    net::spawn(write_then(*from, frames, written), {});
    for (const std::size_t size :
         {std::size_t{1}, std::size_t{49}, std::size_t{51}, std::size_t{20000}}) {
      const auto packet = run_task(loop, read_packet(*to, 1 << 20), 100000);
      ASSERT_TRUE(packet && packet->io == net::Io::kOk);
      EXPECT_EQ(packet->payload, wire::Buffer(size, 'p'));
    }
    EXPECT_EQ(written, net::Io::kOk);
    EXPECT_TRUE(to->quiet());
  }
}

// What a channel reads of these bytes, which the other side sends and then closes.
net::Io outcome_of(const wire::Buffer& bytes, wire::Compression how) {
  net::Loop loop;
  SocketPair pair;
  const auto channel = channel_on(loop, pair.ours, how);
  EXPECT_EQ(::send(pair.theirs, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  ::close(pair.theirs);
  const auto packet = run_task(loop, read_packet(*channel, 1 << 20));
  return packet->io;
}

// A compressed packet of `plain` whose header claims another length.
wire::Buffer claiming(std::size_t claimed, std::size_t plain, wire::Compression how) {
  wire::Compressor compressor(how, 3);
  wire::Buffer frames;
  wire::append_packet(frames, 0, wire::Buffer(plain, 'c'));
  wire::Buffer out;
  EXPECT_TRUE(compressor.compress(frames, out));
  for (int i = 0; i < 3; ++i) {
    out[4 + static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(claimed >> (8 * i));
  }
  return out;
}

TEST(Channel, a_packet_that_inflates_to_another_size_than_its_claim_is_an_error) {
  for (const auto how : {wire::Compression::kZlib, wire::Compression::kZstd}) {
    constexpr std::size_t kPlain = 5000;
    EXPECT_EQ(outcome_of(claiming(kPlain + 4, kPlain, how), how), net::Io::kOk);
    for (const std::size_t claim :
         {std::size_t{1}, kPlain + 3, kPlain + 5, std::size_t{0xffffff}}) {
      EXPECT_EQ(outcome_of(claiming(claim, kPlain, how), how), net::Io::kError) << claim;
    }
  }
}

TEST(Channel, rubbish_and_a_cut_in_the_middle_are_no_packets) {
  for (const auto how : {wire::Compression::kZlib, wire::Compression::kZstd}) {
    EXPECT_EQ(outcome_of({5, 0, 0, 0, 100, 0, 0, 'r', 'u', 'b', 'b', 'i'}, how), net::Io::kError);
    wire::Buffer cut = claiming(5004, 5000, how);
    cut.resize(cut.size() - 1);
    EXPECT_EQ(outcome_of(cut, how), net::Io::kEnd);
    EXPECT_EQ(outcome_of({0xff, 0xff, 0xff, 0, 0xff, 0xff, 0xff}, how), net::Io::kEnd);
  }
}

PacketIn read_from(const wire::Buffer& bytes, std::size_t max) {
  net::Loop loop;
  SocketPair pair;
  const auto channel = channel_on(loop, pair.ours, wire::Compression::kNone);
  EXPECT_EQ(::send(pair.theirs, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  ::close(pair.theirs);
  return *run_task(loop, read_packet(*channel, max));
}

TEST(Channel, a_packet_over_the_limit_is_refused_by_its_header) {
  EXPECT_EQ(read_from({11, 0, 0, 0}, 10).fault, wire::Fault::kOversized);
  EXPECT_EQ(read_from({0xff, 0xff, 0xff, 0}, 1 << 20).fault, wire::Fault::kOversized);
  EXPECT_EQ(read_from({3, 0, 0, 0, 'a', 'b'}, 10).io, net::Io::kEnd);
}

}  // namespace
}  // namespace sluice::backend
