// The handlers' tables: a file a subject, joined in routes.cpp; and what several of them use.
#pragma once

#include <span>

#include "admin/change/scan.h"
#include "admin/http/api.h"

namespace sluice::http {

[[nodiscard]] std::span<const ApiRoute> session_routes();      // setup, sign-in, me
[[nodiscard]] std::span<const ApiRoute> user_routes();         // users, API tokens
[[nodiscard]] std::span<const ApiRoute> environment_routes();  // with gate and review policy
[[nodiscard]] std::span<const ApiRoute> instance_routes();
[[nodiscard]] std::span<const ApiRoute> project_routes();     // with members
[[nodiscard]] std::span<const ApiRoute> account_routes();     // MySQL logins
[[nodiscard]] std::span<const ApiRoute> audit_routes();       // audit log
[[nodiscard]] std::span<const ApiRoute> connection_routes();  // live sessions of MySQL clients
[[nodiscard]] std::span<const ApiRoute> digest_routes();      // what statements ran
[[nodiscard]] std::span<const ApiRoute> event_routes();       // server-sent events
[[nodiscard]] std::span<const ApiRoute> settings_routes();    // of the workspace
[[nodiscard]] std::span<const ApiRoute> about_routes();       // version, parts, settings
[[nodiscard]] std::span<const ApiRoute> contract_routes();    // openapi.yaml
[[nodiscard]] std::span<const ApiRoute> issue_routes();
[[nodiscard]] std::span<const ApiRoute> rollback_routes();  // of issues
[[nodiscard]] std::span<const ApiRoute> task_routes();      // of issues
[[nodiscard]] std::span<const ApiRoute> change_routes();    // history, review of a statement
[[nodiscard]] std::span<const ApiRoute> database_routes();  // with syncs and scans
[[nodiscard]] std::span<const ApiRoute> anomaly_routes();
[[nodiscard]] std::span<const ApiRoute> sql_routes();  // statements by hand

// Values that more than one file prints.
[[nodiscard]] json::object to_json(const store::User& user);
[[nodiscard]] json::array instance_findings_json(
    const std::vector<change::InstanceFinding>& findings);

// What a scan could not do, to a client.
[[nodiscard]] Response scan_problem(const change::ScanFault& fault);

inline constexpr TextRule kEmail{3, 254, false};
// Of a new password, as long as the workspace wants it. No rule on characters: a password manager
// may use any. When the store does not answer: the shortest that is ever let in; what follows
// fails.
[[nodiscard]] TextRule new_password(Call& call);
// The field of that name, required; a fault unless it looks like an email address.
[[nodiscard]] std::string read_email(Body& body, std::string_view field);
[[nodiscard]] std::string lower_ascii(std::string_view text);

// Ids of the query's filters into what they are for; those that are none are named.
[[nodiscard]] std::vector<FieldError> read_ids(
    const Call& call, std::initializer_list<std::pair<const char*, store::Id*>> fields);
[[nodiscard]] Response bad_query(const std::vector<FieldError>& errors);

// Tells the data path of a change that the store has, and gives the answer: when the data path
// could not follow, the answer says so beside what was done.
[[nodiscard]] Response with_data_path(Call& call, Response done);

}  // namespace sluice::http
