// How a task's instance is reached.
#pragma once

#include "admin/mysql/options.h"
#include "admin/store/store.h"

namespace sluice::change {

// How an instance is reached; kOther for one that is no MySQL or MariaDB, and for an unknown TLS
// mode. Pure.
[[nodiscard]] store::Result<mysql::Options> control_options(const store::Instance& instance,
                                                            const store::InstanceSecrets& secrets);
// Of a stored instance; kNotFound when there is none.
[[nodiscard]] store::Result<mysql::Options> control_options(store::Store& store,
                                                            store::Id instance);

// The name of the server's advisory lock that whoever changes this database holds (GET_LOCK, manual
// 14.14): at most 64 characters, the same in every Sluice.
[[nodiscard]] std::string change_lock_name(const std::string& database);

// What stands before a statement that a run executes, so that it can be found in the binary log.
[[nodiscard]] std::string statement_tag(const store::Run& run, std::int64_t position);
// The statement's place in the sheet, from 0, of a text that has the run's tag.
[[nodiscard]] std::optional<std::int64_t> find_tag(const store::Run& run, std::string_view text);

// The statement as a person wrote it: without a run's tag before it.
[[nodiscard]] std::string_view without_tag(std::string_view text);

}  // namespace sluice::change
