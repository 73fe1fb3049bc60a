// column.varchar-length: how long a VARCHAR may be declared.
#include "policy/rules/column_length.h"

namespace sluice::policy::rules {

void column_varchar_length(Check& check) {
  column_length(check, "varchar", "shorten it, or make it TEXT");
}

}  // namespace sluice::policy::rules
