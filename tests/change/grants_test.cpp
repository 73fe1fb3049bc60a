#include "admin/change/grants.h"

#include <gtest/gtest.h>

namespace sluice::change {
namespace {

TEST(GrantsTest, AllOfTheServerIsEverything) {
  Grants grants;
  grants.add("GRANT ALL PRIVILEGES ON *.* TO `root`@`%` WITH GRANT OPTION");
  EXPECT_TRUE(grants.has("BINLOG_ADMIN"));
  EXPECT_TRUE(grants.has("select", "any"));
}

TEST(GrantsTest, AllOfASchemaHoldsNothingOfTheServer) {
  Grants grants;
  grants.add("GRANT USAGE ON *.* TO `a`@`%`");
  grants.add("GRANT ALL PRIVILEGES ON `sh\\_op`.* TO `a`@`%`");
  EXPECT_TRUE(grants.has("TRIGGER", "sh_op"));
  EXPECT_FALSE(grants.has("TRIGGER", "shxop"));
  EXPECT_FALSE(grants.has("TRIGGER"));
  EXPECT_FALSE(grants.has("SHOW_ROUTINE", "sh_op"));
  EXPECT_FALSE(grants.has("REPLICATION CLIENT", "sh_op"));
  // What is on the whole schema or server is on no part.
  EXPECT_FALSE(grants.has_on_part("TRIGGER", "sh_op"));
  EXPECT_FALSE(grants.has_roles());
}

TEST(GrantsTest, PatternsAndListsAreRead) {
  Grants grants;
  grants.add("GRANT SELECT, SHOW VIEW, DELETE HISTORY ON `app%`.* TO 'x'@'%'");
  grants.add("GRANT BINLOG_ADMIN,SHOW_ROUTINE ON *.* TO `x`@`%`");
  EXPECT_TRUE(grants.has("SHOW VIEW", "app_1"));
  EXPECT_FALSE(grants.has("INSERT", "app_1"));
  EXPECT_TRUE(grants.has("show_routine", "app_1"));
}

TEST(GrantsTest, OneTableOrColumnIsNotTheSchema) {
  Grants grants;
  grants.add("GRANT SELECT, INSERT (`a`, `b`), UPDATE ON `s`.`t` TO `x`@`%`");
  grants.add("GRANT SELECT (`a`) ON `s`.* TO `x`@`%`");
  grants.add("GRANT EXECUTE ON PROCEDURE `s`.`p` TO `x`@`%`");
  EXPECT_FALSE(grants.has("SELECT", "s"));
  EXPECT_FALSE(grants.has("EXECUTE", "s"));
  for (const auto* privilege : {"SELECT", "insert", "UPDATE", "EXECUTE"}) {
    EXPECT_TRUE(grants.has_on_part(privilege, "s")) << privilege;
    EXPECT_FALSE(grants.has_on_part(privilege, "other")) << privilege;
  }
  EXPECT_FALSE(grants.has_on_part("ALTER", "s"));
}

TEST(GrantsTest, PartialRevokesCount) {
  Grants grants;
  grants.add("GRANT SELECT, EVENT ON *.* TO `x`@`%`");
  grants.add("REVOKE SELECT ON `mysql`.* FROM `x`@`%`");
  EXPECT_FALSE(grants.has("SELECT", "mysql"));
  EXPECT_TRUE(grants.has("EVENT", "mysql"));
  EXPECT_TRUE(grants.has("SELECT", "shop"));
}

TEST(GrantsTest, RolesAndRubbishAreNoPrivileges) {
  Grants grants;
  grants.add("GRANT `SELECT`@`%` TO `x`@`%`");
  grants.add("GRANT PROXY ON ``@`` TO `root`@`localhost` WITH GRANT OPTION");
  grants.add("");
  grants.add("GRANT SELECT ON");
  EXPECT_FALSE(grants.has("SELECT"));
  EXPECT_FALSE(grants.has("SELECT", "s"));
  EXPECT_FALSE(grants.has_on_part("SELECT", "s"));
  EXPECT_TRUE(grants.has_roles());
}

}  // namespace
}  // namespace sluice::change
