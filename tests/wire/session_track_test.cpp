// Tracked state is read item by item, and taken out where it was not asked for.
#include "proxy/wire/session_track.h"

#include <string>

#include <gtest/gtest.h>

namespace sluice::wire {
namespace {

constexpr Capabilities kNew = cap::kProtocol41 | cap::kDeprecateEof;

TEST(SessionTrack, ChangesAreReadAndFiltered) {
  const Capabilities tracked = kNew | cap::kSessionTrack;
  Buffer items;
  append_state_change({StateType::kSchema, {}, "shop"}, items);
  append_state_change({StateType::kSystemVariable, "autocommit", "ON"}, items);
  append_state_change({StateType::kGtids, {}, "u:1-3"}, items);
  OkPacket ok;
  ok.status = status::kSessionStateChanged;
  ok.session_state = items;
  Buffer packet;
  encode(ok, tracked, packet);
  StateFilter filter;
  filter.gtids = false;
  Buffer filtered;
  ASSERT_TRUE(filter_ok(packet, tracked, tracked, filter, filtered).has_value());
  const auto left = decode_ok(filtered, tracked);
  ASSERT_TRUE(left.has_value());
  StateReader changes(left->session_state);
  EXPECT_EQ((*changes.next())->value, "shop");
  EXPECT_EQ((*changes.next())->name, "autocommit");
  EXPECT_FALSE(changes.next()->has_value());
}

}  // namespace
}  // namespace sluice::wire
