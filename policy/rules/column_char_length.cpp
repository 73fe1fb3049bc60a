// column.char-length: how long a CHAR may be declared.
#include "policy/rules/column_length.h"

namespace sluice::policy::rules {

void column_char_length(Check& check) {
  column_length(check, "char", "make it VARCHAR");
}

}  // namespace sluice::policy::rules
