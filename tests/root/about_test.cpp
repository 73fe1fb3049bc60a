#include "proxy/about.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::proxy {
namespace {

TEST(About, ShowsEverySettingButWhatMayHoldASecret) {
  Config config;
  config.store_url = "postgres://sluice:hunter2@db/sluice";
  config.data_directory = "/somewhere";
  const auto shown = shown_settings(config);
  EXPECT_EQ(shown.size(), settings().size());
  bool url = false;
  bool data = false;
  for (const auto& one : shown) {
    EXPECT_FALSE(one.what.empty()) << one.key;
    EXPECT_FALSE(one.takes.empty()) << one.key;
    EXPECT_EQ(one.value.value_or("").find("hunter2"), std::string::npos) << one.key;
    if (one.key == "store.url") {
      url = true;
      EXPECT_FALSE(one.value);
    }
    if (one.key == "store.data") {
      data = true;
      EXPECT_THAT(one.value.value_or(""), testing::HasSubstr("/somewhere"));
      EXPECT_THAT(one.standard.value_or(""), testing::HasSubstr("sluice-data"));
    }
  }
  EXPECT_TRUE(url && data);
}

}  // namespace
}  // namespace sluice::proxy
