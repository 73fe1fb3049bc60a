#include "policy/rules/sheet.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "policy/rules/server.h"

namespace sluice::policy::rules {
namespace {

using testing::ElementsAre;

std::vector<std::string> split(std::string_view text, bool mariadb = false) {
  Server server;
  if (mariadb) {
    server.engine = parser::Engine::MariaDb;
    server.version = 101119;
  }
  std::vector<std::string> pieces;
  for (const auto& range : split_sheet(text, server))
    pieces.emplace_back(text.substr(range.begin, range.end - range.begin));
  return pieces;
}

// As mysqldump writes it.
TEST(SplitSheet, ATriggerInVersionComments) {
  const std::string trigger =
      "/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER `t1` BEFORE INSERT "
      "ON `t` FOR EACH ROW BEGIN\nSET NEW.a=1; SET NEW.b=2;\nEND */";
  for (const bool mariadb : {false, true}) {
    EXPECT_THAT(split("DELIMITER ;;\n" + trigger + ";;\nDELIMITER ;\nDROP TABLE u;", mariadb),
                ElementsAre(trigger, "DROP TABLE u"));
    EXPECT_THAT(split(trigger + ";\nDROP TABLE u;", mariadb), ElementsAre(trigger, "DROP TABLE u"));
    EXPECT_THAT(split("SET @a = 1;\n" + trigger, mariadb), ElementsAre("SET @a = 1", trigger));
  }
}

TEST(SplitSheet, ATriggerOfOneStatementInVersionComments) {
  const std::string trigger =
      "/*!50003 CREATE*/ /*!50003 TRIGGER `t3` AFTER INSERT ON `t` FOR EACH ROW SET @x=1 */";
  EXPECT_THAT(split(trigger + ";\nDROP TABLE u;"), ElementsAre(trigger, "DROP TABLE u"));
  EXPECT_THAT(split("DELIMITER $$\n" + trigger + "$$\nDROP TABLE u$$"),
              ElementsAre(trigger, "DROP TABLE u"));
  const std::string whole =
      "/*!50003 CREATE DEFINER=`a`@`%` TRIGGER t BEFORE UPDATE ON u FOR EACH ROW SET NEW.a = 1 */";
  EXPECT_THAT(split(whole + "; DROP TABLE u"), ElementsAre(whole, "DROP TABLE u"));
}

// The servers refuse it (near ' */'), and so it has to reach them whole.
TEST(SplitSheet, ASemicolonBeforeTheEndOfAVersionCommentIsNotLost) {
  const std::string one =
      "/*!50003 CREATE*/ /*!50003 TRIGGER `t2` BEFORE UPDATE ON `t` FOR EACH ROW SET NEW.a=1; */";
  EXPECT_THAT(split("DELIMITER ;;\n" + one + ";;\nDELIMITER ;\nDROP TABLE u;"),
              ElementsAre(one, "DROP TABLE u"));
  const std::string block =
      "/*!50003 CREATE*/ /*!50003 TRIGGER `t4` BEFORE DELETE ON `t` FOR EACH ROW BEGIN SET @a=1; "
      "END; */";
  EXPECT_THAT(split("DELIMITER ;;\n" + block + ";;\nDELIMITER ;\nDROP TABLE u;"),
              ElementsAre(block, "DROP TABLE u"));
}

TEST(SplitSheet, ProgramsAndEventsInVersionComments) {
  const std::string event =
      "/*!50106 CREATE*/ /*!50117 DEFINER=`root`@`%`*/ /*!50106 EVENT `e` ON SCHEDULE EVERY 1 HOUR "
      "DO BEGIN SET @a = 1; DELETE FROM t; END */";
  EXPECT_THAT(split(event + " ;\nSELECT 1"), ElementsAre(event, "SELECT 1"));
  const std::string procedure =
      "CREATE DEFINER=`root`@`%` PROCEDURE p() /*!50001 SQL SECURITY INVOKER */ BEGIN SET @a = 1; "
      "END";
  EXPECT_THAT(split(procedure + ";\nSELECT 1"), ElementsAre(procedure, "SELECT 1"));
}

}  // namespace
}  // namespace sluice::policy::rules
