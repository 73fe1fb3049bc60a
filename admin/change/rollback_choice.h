// Rows that a person chose out of an instance's binary log – of a session, of GTIDs, of tables,
// within a time – for statements that passed the gate without a change of their own. Blocking.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "admin/change/rollback_preview.h"

namespace sluice::change {

struct RowChoice {
  store::Id instance = 0;
  // One of the three, or none but a time and tables:
  std::string account;                  // at the proxy: of what the gate recorded of it
  std::optional<std::uint32_t> thread;  // the server's connection id, not the proxy's (MySQL)
  std::string gtids;                    // a set
  std::optional<store::Time> from;      // of a transaction's beginning, whole seconds
  std::optional<store::Time> to;        // before it
  std::vector<std::string> tables;      // "schema.table"
};

// Takes the rows out of the log and keeps them: a preview of what undoing them does. kRefused with
// a sentence when the choice says too little, kNotFound without such an instance.
[[nodiscard]] store::Result<RollbackPreview> preview_choice(store::Store& store,
                                                            const RowChoice& choice,
                                                            store::Time now,
                                                            const PreviewLimits& limits);

// The choice in a few words: "thread 12 from 2026-01-02 …".
[[nodiscard]] std::string describe(const RowChoice& choice);

// The newest file of the log that begins before that time; the oldest when none does.
[[nodiscard]] mysql::Result<std::string> file_at(const mysql::Options& options, store::Time time,
                                                 const mysql::Limits& limits);

}  // namespace sluice::change
