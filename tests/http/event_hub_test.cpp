#include "admin/http/event_hub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::http {
namespace {

using testing::HasSubstr;
using testing::Not;

const auto kLater = store::Time::max();
store::Time clock() {
  return {};
}

store::Event issue(store::Id id, store::Id project) {
  return {"issue", id, project, "updated"};
}

TEST(EventHub, AListenerHearsWhatItMayKnow) {
  EventHub hub("run", clock);
  const auto member = hub.listen({1, 1, kLater, false, {2}}, "");
  const auto dba = hub.listen({2, 2, kLater, true, {}}, "");
  hub.publish(issue(7, 2));
  hub.publish(issue(8, 3));
  hub.publish({"instance", 9, 0, "created"});
  const auto heard = member->take().value();
  EXPECT_THAT(heard, HasSubstr("id: run-1\nevent: issue\ndata: {\"topic\":\"issue\",\"id\":7,"
                               "\"project\":2,\"what\":\"updated\"}\n\n"));
  EXPECT_THAT(heard, Not(HasSubstr("\"id\":8")));
  EXPECT_THAT(heard, HasSubstr("event: instance"));
  EXPECT_THAT(dba->take().value(), HasSubstr("\"id\":8"));
  EXPECT_EQ(member->take().value(), "");
}

TEST(EventHub, WhoComesBackGetsWhatWasMissedAndMayBeKnown) {
  EventHub hub("run", clock);
  for (store::Id i = 1; i <= 4; ++i) hub.publish(issue(i, i % 2 == 0 ? 2 : 3));
  const auto heard = hub.listen({1, 1, kLater, false, {2}}, "run-1")->take().value();
  EXPECT_THAT(heard, HasSubstr("\"id\":2"));
  EXPECT_THAT(heard, Not(HasSubstr("\"id\":3")));
  EXPECT_THAT(heard, HasSubstr("\"id\":4"));
  EXPECT_THAT(heard, Not(HasSubstr("reset")));
  EXPECT_THAT(hub.listen({1, 1, kLater, true, {}}, "run-4")->take().value(),
              Not(HasSubstr("event:")));
}

TEST(EventHub, WhoMissedTooMuchReadsAnew) {
  EventHub hub("run", clock);
  for (std::size_t i = 0; i <= EventHub::kKept; ++i) hub.publish(issue(1, 2));
  for (const auto* last : {"run-0", "other-1", "run-", "run-x", "run-99999", "run", "-1"}) {
    const auto heard = hub.listen({1, 1, kLater, true, {}}, last)->take().value();
    EXPECT_THAT(heard, HasSubstr("event: reset")) << last;
    EXPECT_THAT(heard, HasSubstr("id: run-1001")) << last;
  }
}

TEST(EventHub, WhatOthersTellIsHeardAndNotToldOn) {
  EventHub hub("run", clock);
  std::vector<store::Event> told;
  hub.forward_to([&](const store::Event& event) { told.push_back(event); });
  const auto page = hub.listen({1, 7, kLater, true, {}}, "");
  const auto other = hub.listen({2, 8, kLater, true, {}}, "");
  hub.publish(issue(1, 2));
  hub.receive(issue(5, 2));
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].id, 1);
  EXPECT_THAT(page->take().value(), HasSubstr("\"id\":5"));
  hub.reset();
  EXPECT_THAT(page->take().value(), HasSubstr("event: reset"));
  EXPECT_THAT(hub.listen({3, 9, kLater, true, {}}, "run-2")->take().value(),
              HasSubstr("event: reset"));
  hub.end_credential(7);
  ASSERT_EQ(told.size(), 2U);
  EXPECT_FALSE(page->take());
  // Of another hub with the same people.
  EventHub second("second", clock);
  const auto there = second.listen({2, 8, kLater, true, {}}, "");
  hub.end_user(2);
  second.receive(told.back());
  EXPECT_FALSE(other->take());
  EXPECT_FALSE(there->take());
}

TEST(EventHub, ASlowReaderHoldsABoundedAmount) {
  EventHub hub("run", clock);
  const auto slow = hub.listen({1, 1, kLater, true, {}}, "");
  for (int i = 0; i < 5000; ++i) hub.publish(issue(i, 2));
  const auto heard = slow->take().value();
  EXPECT_LE(heard.size(), EventHub::kMaxWaiting);
  EXPECT_THAT(heard, HasSubstr("event: reset"));
  EXPECT_THAT(heard, HasSubstr("id: run-5000"));
}

TEST(EventHub, StreamsEndWithTheirUserAndCredential) {
  EventHub hub("run", clock);
  const auto first = hub.listen({1, 10, kLater, true, {}}, "");
  const auto second = hub.listen({1, 11, kLater, true, {}}, "");
  const auto other = hub.listen({2, 12, kLater, true, {}}, "");
  int woken = 0;
  second->on_ready([&woken] { ++woken; });
  hub.end_credential(10);
  EXPECT_FALSE(first->take());
  EXPECT_TRUE(second->take());
  hub.end_user(1);
  EXPECT_EQ(woken, 1);
  EXPECT_FALSE(second->take());
  EXPECT_TRUE(other->take());
  EXPECT_EQ(hub.streams(), 1U);
}

TEST(EventHub, AClosedStreamIsNotWokenAndMakesRoom) {
  EventHub hub("run", clock);
  std::vector<std::shared_ptr<BodyStream>> streams;
  for (std::size_t i = 0; i < EventHub::kMaxStreams; ++i) {
    streams.push_back(hub.listen({1, 1, kLater, true, {}}, ""));
  }
  EXPECT_EQ(hub.listen({1, 1, kLater, true, {}}, ""), nullptr);
  int woken = 0;
  streams.front()->on_ready([&woken] { ++woken; });
  streams.front()->close();
  hub.publish(issue(1, 2));
  EXPECT_EQ(woken, 0);
  EXPECT_NE(hub.listen({1, 1, kLater, true, {}}, ""), nullptr);
}

TEST(EventHub, AStreamMayOutliveTheHub) {
  std::shared_ptr<BodyStream> stream;
  {
    EventHub hub("run", clock);
    stream = hub.listen({1, 1, kLater, true, {}}, "");
  }
  EXPECT_FALSE(stream->take());
  stream->close();
}

TEST(EventHub, AStreamEndsWhenItsCredentialExpires) {
  store::Time now{};
  EventHub hub("run", [&now] { return now; });
  const auto stream = hub.listen({1, 1, now + std::chrono::seconds(60), true, {}}, "");
  now += std::chrono::seconds(59);
  EXPECT_TRUE(stream->take());
  now += std::chrono::seconds(1);
  EXPECT_FALSE(stream->take());
}

}  // namespace
}  // namespace sluice::http
