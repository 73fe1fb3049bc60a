// An inverse as a script for a command line client: every statement with its check, so that a
// client that stops at the first error leaves nothing half done. Pure.
#pragma once

#include <iosfwd>

#include "proxy/binlog/rollback.h"

namespace sluice::binlog {

// The statement and what checks it, each ended with ";\n". A check that fails is error 1242
// (Subquery returns more than 1 row): a row was changed since, and the transaction is not
// committed.
void write_script(std::ostream& out, const InverseStatement& statement);

}  // namespace sluice::binlog
